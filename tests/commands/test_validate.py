"""`aurora validate` judges whatever it is given, and says so when that is nothing."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import jsonschema
import pytest

from aurora.reporters.json_report import SCHEMA_FILE
from changes import git_folder
from commands.command_line import RULES_ONLY, CommandLine

SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: x}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: x}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:v1
          envFrom: [{secretRef: {name: missing}}]
"""
JSON = ("--format", "json", *RULES_ONLY)


def test_a_report_keeps_its_schema(aurora: CommandLine) -> None:
    aurora.write("in/all.yaml", f"{SERVICE}---\n{DEPLOYMENT}---\na: [\n")
    report = aurora("validate", "in", *JSON).json
    jsonschema.validate(report, json.loads(SCHEMA_FILE.read_text()))
    assert report["summary"]["objects"] == 2


def test_a_broken_document_is_a_finding_and_the_rest_is_judged(aurora: CommandLine) -> None:
    aurora.write("in/all.yaml", f"{SERVICE}---\na: [\n---\n{DEPLOYMENT}")
    outcome = aurora("validate", "in/all.yaml", *JSON)
    assert outcome.code == 1
    found = {finding["rule"]: finding for finding in outcome.json["findings"]}
    assert found["yaml/broken"]["place"] == {"path": "in/all.yaml", "line": 7, "column": 1}
    assert found["references/secret"]["place"]["path"] == "in/all.yaml"
    assert found["references/secret"]["place"]["line"] == 19
    assert {check["examined"] for check in outcome.json["checks"]} == {2}


def test_what_is_not_given_may_exist_elsewhere(aurora: CommandLine) -> None:
    aurora.write("in/a.yaml", DEPLOYMENT)
    outcome = aurora("validate", "in", *JSON)
    severities = {finding["rule"]: finding["severity"] for finding in outcome.json["findings"]}
    assert severities["references/secret"] == "warning"
    assert outcome.code == 0
    assert aurora("validate", "in", "--strict", *JSON).code == 1


def test_externals_are_taken_as_given(aurora: CommandLine) -> None:
    aurora.write("in/a.yaml", DEPLOYMENT)
    aurora.write("externals.yaml", "- {kind: Secret, namespace: x, name: missing}\n")
    outcome = aurora("validate", "in", "--externals", "externals.yaml", *JSON)
    assert "references/secret" not in outcome.rules()


def test_standard_input_is_read(aurora: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{SERVICE}---\n{DEPLOYMENT}".encode())))
    report = aurora("validate", "-", *JSON).json
    assert report["summary"]["objects"] == 2
    assert {finding["place"]["path"] for finding in report["findings"]} == {"-"}


def test_items_of_a_list_are_judged(aurora: CommandLine) -> None:
    items = "\n".join(f"  {line}" for line in DEPLOYMENT.splitlines())
    aurora.write("in/list.yaml", f"apiVersion: v1\nkind: List\nitems:\n- {items.strip()}\n")
    report = aurora("validate", "in", *JSON).json
    assert report["summary"]["objects"] == 1
    assert "references/secret" in [finding["rule"] for finding in report["findings"]]


def test_duplicates_are_found_with_both_places(aurora: CommandLine) -> None:
    aurora.write("in/a.yaml", SERVICE)
    aurora.write(
        "in/b.json", json.dumps({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "x"}})
    )
    outcome = aurora("validate", "in", *JSON)
    (found,) = [finding for finding in outcome.json["findings"] if finding["rule"] == "yaml/duplicate-object"]
    assert outcome.code == 1
    assert found["place"]["path"] == "in/b.json"
    assert "`in/a.yaml:1:1`" in found["message"]


@pytest.mark.parametrize("content", [None, "", "# only words\n", "---\n---\n"])
def test_looking_at_nothing_is_red(aurora: CommandLine, content: str | None) -> None:
    (aurora.folder / "in").mkdir()
    if content is not None:
        aurora.write("in/a.yaml", content)
    outcome = aurora("validate", "in", *JSON)
    assert outcome.code == 1
    assert outcome.rules() == ["input/empty"]


def test_a_file_is_read_whatever_its_name(aurora: CommandLine) -> None:
    aurora.write("in/manifest.txt", SERVICE)
    assert aurora("validate", "in/manifest.txt", *JSON).json["summary"]["objects"] == 1


def test_links_to_folders_are_followed_once(aurora: CommandLine) -> None:
    aurora.write("in/a/a.yaml", SERVICE)
    (aurora.folder / "in" / "a" / "loop").symlink_to(aurora.folder / "in")
    aurora.write("elsewhere/b.yaml", SERVICE.replace("name: web", "name: other"))
    (aurora.folder / "in" / "link").symlink_to(aurora.folder / "elsewhere")
    assert aurora("validate", "in", *JSON).json["summary"]["objects"] == 2


def test_a_path_that_does_not_exist_is_a_bad_invocation(aurora: CommandLine) -> None:
    outcome = aurora("validate", "nowhere", *JSON)
    assert outcome.code == 2
    assert "`nowhere` is neither an environment nor a path" in outcome.err
    assert "did you mean `example`?" in aurora("validate", "exmaple").err


@pytest.mark.parametrize("option", ["--policies", "--schemas"])
def test_a_folder_that_does_not_exist_is_a_bad_invocation(aurora: CommandLine, option: str) -> None:
    aurora.write("in/a.yaml", SERVICE)
    assert aurora("validate", "in", option, "nowhere", *JSON).code == 2


def test_a_folder_without_policies_is_a_bad_invocation(aurora: CommandLine) -> None:
    aurora.write("in/a.yaml", SERVICE)
    outcome = aurora("validate", "in", "--policies", "in", *JSON)
    assert outcome.code == 2
    assert "holds no policy" in outcome.err


@pytest.mark.parametrize("version", ["latest", "1", "2.0", "1.35.4.1", "1.24", "1.99"])
def test_a_version_that_is_none_is_a_bad_invocation(aurora: CommandLine, version: str) -> None:
    aurora.write("in/a.yaml", SERVICE)
    assert aurora("validate", "in", "--kubernetes", version, *JSON).code == 2


def test_an_environment_that_was_never_compiled_is_said_to_be(aurora: CommandLine) -> None:
    outcome = aurora("validate", "example", *RULES_ONLY)
    assert outcome.code == 2
    assert "was never compiled" in outcome.err


def test_a_committed_environment_is_judged_with_its_lines(aurora: CommandLine) -> None:
    aurora("synth", *RULES_ONLY)
    assert aurora("validate", *RULES_ONLY).code == 0
    path = "generated/example/network/team/networkpolicy.default-deny.yaml"
    file = aurora.folder / path
    file.write_text(file.read_text().replace("namespace: team", "namespace: nowhere"))
    outcome = aurora("validate", "example", *JSON)
    (found,) = [entry for entry in outcome.json["findings"] if entry["rule"] == "references/namespace"]
    assert outcome.code == 1
    assert found["severity"] == "error"
    assert found["environment"] == "example"
    assert found["place"]["path"] == path
    assert found["origin"] == {"path": "environments/example.yaml", "line": 14, "construct": None}


def test_environments_and_paths_are_judged_as_one(aurora: CommandLine) -> None:
    aurora("synth", *RULES_ONLY)
    using = DEPLOYMENT.replace("namespace: x", "namespace: team")
    aurora.write("in/a.yaml", f"{using}---\n{SERVICE.replace('namespace: x', 'namespace: nowhere')}")
    outcome = aurora("validate", "example", "in", *JSON)
    assert outcome.code == 1
    found = {(entry["rule"], entry["severity"], entry["place"]["path"]) for entry in outcome.json["findings"]}
    assert ("references/namespace", "error", "in/a.yaml") in found
    messages = [entry["message"] for entry in outcome.json["findings"] if entry["rule"] == "references/namespace"]
    assert ["nowhere" in message for message in messages] == [True]
    assert not {rule for rule, _, _ in found} & {"gitops/unsynced", "network/no-default-deny"}
    assert {entry["environment"] for entry in outcome.json["findings"]} == {"example"}
    assert outcome.json["summary"]["objects"] == len(list((aurora.folder / "generated/example").rglob("*.yaml"))) + 2


def test_an_object_that_an_environment_has_too_is_a_duplicate(aurora: CommandLine) -> None:
    aurora("synth", *RULES_ONLY)
    aurora.write("in/a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n")
    outcome = aurora("validate", "example", "in", *JSON)
    (found,) = [entry for entry in outcome.json["findings"] if entry["rule"] == "yaml/duplicate-object"]
    assert (found["place"]["path"], found["environment"]) == ("in/a.yaml", "example")


def test_a_file_of_two_megabytes_on_one_line_is_read(aurora: CommandLine) -> None:
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "x"},
        "data": {"a": "x" * 2**21},
    }
    aurora.write("in/a.json", json.dumps(body))
    assert aurora("validate", "in", *JSON).json["summary"]["objects"] == 1


def test_a_file_that_cannot_be_read_is_a_finding(aurora: CommandLine) -> None:
    aurora.write("in/a.yaml", SERVICE)
    (aurora.folder / "in" / "broken.yaml").symlink_to(aurora.folder / "gone.yaml")
    outcome = aurora("validate", "in", *JSON)
    assert outcome.code == 1
    assert "input/unreadable" in outcome.rules()


@pytest.mark.real_tools
def test_an_unknown_kind_says_how_to_add_it(aurora: CommandLine, real_toolbox: object) -> None:
    aurora.write("in/a.yaml", "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a, namespace: x}\n")
    outcome = aurora("validate", "in", "--only", "schema", "--format", "json")
    (found,) = outcome.json["findings"]
    assert (outcome.code, found["rule"]) == (1, "schema/unknown-kind")
    assert "--schemas" in found["hint"]


@pytest.mark.real_tools
def test_policies_judge_foreign_manifests(aurora: CommandLine, repository: object, real_toolbox: object) -> None:
    aurora.write("in/a.yaml", DEPLOYMENT.replace(":v1", ":latest"))
    policies = Path(__file__).resolve().parents[2] / "policies" / "disallow-latest-tag"
    options = ("validate", "in", "--only", "policy", "--format", "json", "--policies")
    outcome = aurora(*options, str(policies))
    assert "policy/disallow-latest-tag" in outcome.rules()
    (check,) = outcome.json["checks"]
    assert check["planted"] == check["caught"] > 0
    # The policy's own file says `Audit`: a cluster takes the object and records why not.
    summary = outcome.json["summary"]
    assert (outcome.code, summary["errors"], summary["warnings"], summary["wouldBeRefused"]) == (0, 0, 2, 1)
    assert aurora(*options, str(policies), "--strict").code == 1
    aurora.write("own/policy.yaml", (policies / "policy.yaml").read_text().replace("[Audit]", "[Deny]"))
    outcome = aurora(*options, "own")
    assert (outcome.code, outcome.json["summary"]["errors"], outcome.json["summary"]["wouldBeRefused"]) == (1, 1, 0)


@pytest.mark.real_tools
def test_without_policies_the_report_says_that_none_ran(aurora: CommandLine, real_toolbox: object) -> None:
    aurora.write("in/a.yaml", DEPLOYMENT)
    (check,) = aurora("validate", "in", "--only", "policy", "--format", "json").json["checks"]
    assert check["note"]
    assert check["planted"] == 0


@pytest.mark.real_tools
def test_what_nobody_judged_is_the_last_line_and_a_field(aurora: CommandLine, real_toolbox: object) -> None:
    aurora.write("in/a.yaml", DEPLOYMENT)
    outcome = aurora("validate", "in")
    last = outcome.out.rstrip("\n").rpartition("\n")[2]
    assert last.startswith("warning: not judged: pod-security: ")
    assert all(word in last for word in ("`x`", "--pod-security LEVEL", "no policies were given", "--policies DIR"))
    assert [entry["check"] for entry in aurora("validate", "in", "--format", "json").json["notJudged"]] == [
        "pod-security",
        "policy",
    ]
    assert last in aurora("validate", "in", "--format", "github").out.splitlines()[-1]


@pytest.mark.real_tools
def test_with_a_level_and_policies_nothing_is_left_unjudged(aurora: CommandLine, real_toolbox: object) -> None:
    policies = str(Path(__file__).resolve().parents[2] / "policies" / "disallow-privilege")
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n"
    aurora.write("in/a.yaml", DEPLOYMENT)
    options = ("in", "--only", "pod-security", "--only", "policy", "--format", "json")
    assert aurora("validate", *options, "--policies", policies, "--pod-security", "baseline").json["notJudged"] == []
    assert aurora("validate", *options, "--strict").code == 1
    aurora.write("in/b.yaml", namespace)
    assert [entry["check"] for entry in aurora("validate", *options).json["notJudged"]] == ["policy"]


def test_an_empty_name_of_what_was_before_is_a_bad_invocation(aurora: CommandLine) -> None:
    aurora.write("in/a.yaml", SERVICE)
    outcome = aurora("validate", "in", "--old", "", *JSON)
    assert outcome.code == 2
    assert "`--old` is empty" in outcome.err


def test_a_repository_without_environments_is_not_clean(aurora: CommandLine) -> None:
    (aurora.folder / "environments" / "example.yaml").unlink()
    outcome = aurora("validate", *RULES_ONLY)
    assert outcome.code == 2
    assert "holds no environment" in outcome.err


@pytest.mark.parametrize("options", [("--pod-security", ""), ("--old", "")])
def test_an_empty_option_is_refused_after_a_clean_run_too(aurora: CommandLine, options: tuple[str, str]) -> None:
    assert aurora("synth", *RULES_ONLY).code == 0
    assert aurora("validate", *RULES_ONLY).code == 0
    assert aurora("validate", *RULES_ONLY, *options).code == 2


@pytest.mark.parametrize("targets", [("in",), ("example", "in"), ("example",)])
def test_a_revision_that_cannot_be_compared_with_is_refused(aurora: CommandLine, targets: tuple[str, ...]) -> None:
    aurora.write("in/a.yaml", SERVICE)
    assert aurora("synth", *RULES_ONLY).code == 0
    git_folder.committed(aurora.folder)
    bogus, head = (aurora("validate", *targets, "--old", revision, *RULES_ONLY) for revision in ("bogus", "HEAD"))
    assert (bogus.code, "there is no Git revision `bogus`" in bogus.err) == (2, True)
    assert (head.code == 2, "for environments only; `in` is a path" in head.err) == ("in" in targets, "in" in targets)
