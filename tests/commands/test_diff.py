"""`aurora diff` tells what a change does, against a Git revision and between two folders, and never says less."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from aurora.reporters.diff_json import SCHEMA_FILE
from aurora.tools.installed import Toolbox
from changes import git_folder
from commands.command_line import ENVIRONMENT, CommandLine

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\ndata: {k: %s}\n"
MANIFEST = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: x}\nstringData: {k: %s}\n"
JSON = ("--format", "json")


@pytest.fixture
def committed(aurora: CommandLine, real_toolbox: Toolbox) -> CommandLine:
    """A repository whose environment is compiled and committed."""
    assert real_toolbox.locate("server-validation")
    written = aurora("synth", "--skip", "policy", "--skip", "schema")
    assert written.code == 0, written.err
    git_folder.committed(aurora.folder)
    return aurora


@pytest.mark.real_tools
def test_nothing_changed_is_said_and_counted(committed: CommandLine) -> None:
    outcome = committed("diff", *JSON)
    assert outcome.code == 0
    summary = outcome.json["summary"]
    assert summary["changed"] == 0
    assert summary["identical"] == summary["objectsBefore"] == summary["objectsAfter"] > 0
    assert committed("diff").out.startswith("Nothing changes: HEAD →")


@pytest.mark.real_tools
def test_an_edit_is_shown_with_its_line_and_the_objects_that_it_touched(committed: CommandLine) -> None:
    committed.write("environments/example.yaml", ENVIRONMENT.replace("pods: 20", "pods: 30"))
    outcome = committed("diff", *JSON)
    assert outcome.code == 0, outcome.err
    report = outcome.json
    jsonschema.validate(report, json.loads(SCHEMA_FILE.read_text()))
    (change,) = report["changes"]
    assert change["resource"]["kind"] == "ResourceQuota"
    assert (change["environment"], change["component"], change["effect"]) == ("example", "namespaces", "in-place")
    assert {"pointer": "/spec/hard/pods", "path": "spec.hard.pods", "before": "20", "after": "30"} in change["fields"]
    assert change["origin"]["path"] == "environments/example.yaml"
    (edit,) = report["edits"]
    assert edit["what"] == "components.namespaces.namespaces.team.quota.pods: 20 → 30"
    assert edit["place"]["path"] == "environments/example.yaml"
    assert [entry["resource"]["kind"] for entry in edit["resources"]] == ["ResourceQuota"]


@pytest.mark.real_tools
def test_every_format_is_written(committed: CommandLine) -> None:
    committed.write("environments/example.yaml", ENVIRONMENT.replace("pods: 20", "pods: 30"))
    names = ("text", "json", "markdown", "html")
    outcome = committed("diff", *(word for name in names for word in ("--report", f"{name}=out.{name}")))
    assert outcome.code == 0, outcome.err
    assert "ResourceQuota" in outcome.out
    for name in names:
        assert "ResourceQuota" in (committed.folder / f"out.{name}").read_text(), name


@pytest.mark.real_tools
def test_fail_on_ends_with_1_where_a_change_is_of_that_kind(committed: CommandLine) -> None:
    committed.write("environments/example.yaml", ENVIRONMENT.replace("pods: 20", "pods: 30"))
    assert committed("diff", "--fail-on", "in-place", *JSON).code == 1
    assert committed("diff", "--fail-on", "recreate", "--fail-on", "data-loss-risk", *JSON).code == 0


def test_fail_on_something_unknown_names_the_nearest(aurora: CommandLine) -> None:
    outcome = aurora("diff", "--fail-on", "data-los-risk")
    assert outcome.code == 2
    assert "did you mean `data-loss-risk`?" in outcome.err


@pytest.mark.real_tools
def test_environments_that_come_and_go_are_created_and_deleted(committed: CommandLine) -> None:
    (committed.folder / "environments" / "example.yaml").rename(committed.folder / "environments" / "other.yaml")
    committed.write("environments/other.yaml", ENVIRONMENT.replace("name: example}", "name: other}"))
    report = committed("diff", *JSON).json
    assert report["environments"] == ["example", "other"]
    assert set(report["summary"]["effects"]) == {"created", "deleted"}
    assert {change["environment"] for change in report["changes"] if change["effect"] == "deleted"} == {"example"}
    gone = [edit for edit in report["edits"] if "is gone" in edit["what"]]
    assert len(gone) == 1


@pytest.mark.real_tools
def test_committed_files_are_compared_without_compiling(committed: CommandLine) -> None:
    (quota,) = (committed.folder / "generated").rglob("resourcequota.*.yaml")
    quota.write_text(quota.read_text().replace('pods: "20"', 'pods: "30"'))
    assert committed("diff", *JSON).json["summary"]["changed"] == 0
    (change,) = committed("diff", "--committed", *JSON).json["changes"]
    assert change["effect"] == "in-place"
    assert change["origin"]["path"] == "environments/example.yaml"


@pytest.mark.real_tools
@pytest.mark.parametrize("content", [b"a: [\n", b"\x00\xffbinary", b"apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n"])
def test_what_cannot_be_read_at_the_base_fails_the_diff_and_is_reported(committed: CommandLine, content: bytes) -> None:
    path = committed.folder / "generated/example/namespaces/_cluster/namespace.team.yaml"
    good = path.read_bytes()
    path.write_bytes(content)
    git_folder.committed(committed.folder)
    path.write_bytes(good)
    outcome = committed("diff", *JSON)
    assert outcome.code == 1
    (finding,) = outcome.json["findings"]
    assert finding["message"].startswith("at `HEAD`: ")
    assert finding["place"]["path"].endswith("namespace.team.yaml")
    assert finding["environment"] == "example"
    (change,) = outcome.json["changes"]
    assert "the other side has this file, and it cannot be read" in change["reason"]
    text = committed("diff").out
    assert "not the whole truth" in text
    assert "Nothing changes" not in text


@pytest.mark.real_tools
def test_an_environment_that_was_not_compiled_at_the_base_is_reported(
    aurora: CommandLine, real_toolbox: Toolbox
) -> None:
    assert real_toolbox.locate("server-validation")
    git_folder.committed(aurora.folder)
    outcome = aurora("diff", *JSON)
    assert outcome.code == 0, outcome.err
    assert outcome.rules() == ["diff/not-compiled"]
    assert set(outcome.json["summary"]["effects"]) == {"created"}


@pytest.mark.real_tools
def test_two_objects_of_one_identity_at_the_base_are_reported(committed: CommandLine) -> None:
    folder = committed.folder / "generated/example/namespaces/_cluster"
    double = folder / "again.yaml"
    double.write_text((folder / "namespace.team.yaml").read_text() + "# again\n")
    git_folder.committed(committed.folder)
    double.unlink()
    outcome = committed("diff", *JSON)
    assert outcome.code == 1
    assert outcome.rules() == ["yaml/duplicate-object"]


@pytest.mark.real_tools
def test_an_environment_file_that_was_broken_is_reported(committed: CommandLine) -> None:
    committed.write("environments/example.yaml", "a: [\n")
    git_folder.committed(committed.folder)
    committed.write("environments/example.yaml", ENVIRONMENT)
    outcome = committed("diff", *JSON)
    assert outcome.code == 1
    assert outcome.rules() == ["environment/syntax"]


@pytest.mark.real_tools
def test_committed_files_are_compared_also_where_the_environment_file_is_broken(committed: CommandLine) -> None:
    (quota,) = (committed.folder / "generated").rglob("resourcequota.*.yaml")
    quota.write_text(quota.read_text().replace('pods: "20"', 'pods: "30"'))
    committed.write("environments/example.yaml", "a: [\n")
    outcome = committed("diff", "--committed", *JSON)
    assert outcome.code == 0, outcome.err
    (finding,) = outcome.json["findings"]
    assert (finding["rule"], finding["severity"], finding["environment"]) == ("diff/not-loaded", "warning", "example")
    assert finding["place"]["path"] == "environments/example.yaml"
    assert [change["effect"] for change in outcome.json["changes"]] == ["in-place"]
    assert outcome.json["edits"] == []
    assert committed("diff").code == 2


def test_two_reports_in_one_file_are_a_bad_invocation(aurora: CommandLine) -> None:
    outcome = aurora("diff", "--report", "html=x", "--report", "json=./x")
    assert outcome.code == 2
    assert "another report goes to that file" in outcome.err


def test_a_base_that_does_not_exist_is_explained(aurora: CommandLine) -> None:
    git_folder.committed(aurora.folder)
    outcome = aurora("diff", "--base", "nowhere")
    assert outcome.code == 2
    assert "there is no Git revision `nowhere`" in outcome.err
    assert outcome.out == ""


def test_without_a_git_repository_two_folders_are_offered(aurora: CommandLine) -> None:
    outcome = aurora("diff")
    assert outcome.code == 2
    assert "in no Git repository" in outcome.err
    assert "two folders" in outcome.err


def test_an_environment_of_neither_side_is_a_bad_invocation(aurora: CommandLine) -> None:
    git_folder.committed(aurora.folder)
    outcome = aurora("diff", "exampel")
    assert outcome.code == 2
    assert "did you mean `example`?" in outcome.err


@pytest.mark.real_tools
def test_two_folders_are_compared_wherever_they_are(tmp_path: Path, aurora: CommandLine, real_toolbox: Toolbox) -> None:
    assert real_toolbox.locate("server-validation")
    aurora.write("old/a.yaml", CONFIG % "v")
    aurora.write("new/b.yaml", CONFIG % "w")
    outcome = aurora("diff", str(tmp_path / "old"), str(tmp_path / "new"), *JSON)
    assert outcome.code == 0, outcome.err
    (change,) = outcome.json["changes"]
    assert (change["effect"], change["environment"]) == ("in-place", None)
    assert [entry["path"] for entry in change["fields"]] == ["data.k"]


@pytest.mark.real_tools
def test_a_job_that_the_server_names_comes_anew(tmp_path: Path, aurora: CommandLine, real_toolbox: Toolbox) -> None:
    assert real_toolbox.locate("server-validation")
    template = "{spec: {restartPolicy: Never, containers: [{name: c, image: 'r.example.com/c:%s'}]}}"
    for number in (1, 2):
        (tmp_path / f"{number}.yaml").write_text(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: train-, namespace: x}\n"
            f"spec: {{template: {template % number}}}\n"
        )
    outcome = aurora("diff", str(tmp_path / "1.yaml"), str(tmp_path / "2.yaml"), *JSON)
    assert outcome.code == 0, outcome.err
    assert sorted((change["effect"], change["resource"]["name"]) for change in outcome.json["changes"]) == [
        ("created", "train-*"),
        ("deleted", "train-*"),
    ]


@pytest.mark.real_tools
def test_no_report_holds_a_value_of_a_secret(aurora: CommandLine, real_toolbox: Toolbox) -> None:
    assert real_toolbox.locate("server-validation")
    aurora.write("old/a.yaml", MANIFEST % "hunter2")
    aurora.write("new/a.yaml", MANIFEST % "correct-horse")
    aurora.write("new/b.yaml", (MANIFEST % "battery-staple").replace("name: a", "name: b"))
    for name in ("text", "json", "markdown", "html"):
        outcome = aurora("diff", "old/", "new/", "--format", name)
        assert outcome.code == 0, outcome.err
        assert "data.k" in outcome.out or "data" in outcome.out
        for value in ("hunter2", "correct-horse", "battery-staple", "aHVudGVyMg"):
            assert value not in outcome.out, (name, value)


@pytest.mark.real_tools
def test_names_cannot_steer_the_terminal(aurora: CommandLine, real_toolbox: Toolbox) -> None:
    assert real_toolbox.locate("server-validation")
    aurora.write("old/a.yaml", CONFIG % "v")
    aurora.write("new/a.yaml", CONFIG % '"\\e[31mred\\a"')
    out = aurora("diff", "old/", "new/").out
    assert "\x1b" not in out
    assert "\x07" not in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("old/", "nowhere/"), "`nowhere` does not exist"),
        (("old/", "old/", "--base", "HEAD"), "`--base` and `--committed` are for environments"),
        (("--format", "yaml"), "`yaml` is no report format"),
        (("--report", "json"), "names no file"),
        (("old/", ""), "an empty name is neither"),
        (("--base", ""), "`--base` is empty"),
        (("--base", "main\n\x1b[31m"), "`main\\n\\u001b[31m` is no name of a Git revision"),
        (("--base=--output=x",), "`--output=x` is no name of a Git revision"),
    ],
)
def test_bad_invocations_are_named(aurora: CommandLine, arguments: tuple[str, ...], words: str) -> None:
    aurora.write("old/a.yaml", CONFIG % "v")
    outcome = aurora("diff", *arguments)
    assert outcome.code == 2
    assert words in outcome.err


@pytest.mark.real_tools
def test_a_rename_is_a_deletion_for_fail_on(tmp_path: Path, aurora: CommandLine, real_toolbox: Toolbox) -> None:
    assert real_toolbox.locate("server-validation")
    aurora.write("old/a.yaml", CONFIG % "v")
    aurora.write("new/a.yaml", (CONFIG % "v").replace("name: a,", "name: b,"))
    sides = [str(tmp_path / side) for side in ("old", "new")]
    outcome = aurora("diff", *sides, "--fail-on", "deleted", *JSON)
    assert [change["effect"] for change in outcome.json["changes"]] == ["renamed"]
    assert outcome.code == 1
