"""What settings, the baseline and comments silence is out of the way, and counted; what names nothing is an error."""

from __future__ import annotations

import datetime
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from aurora import pipeline, validation
from aurora.checks import network, secrets
from aurora.errors import InputError, StorageError
from aurora.memory import forms
from aurora.model.report import CheckResult, NotJudged, Report
from aurora.paths import RepositoryPaths
from aurora.reporters import github, json_report, junit, markdown, sarif, text
from aurora.settings import globs

APP = """\
apiVersion: v1
kind: Namespace
metadata: {name: web}
---
apiVersion: v1
kind: Secret
metadata: {name: example, namespace: web}
stringData: {password: changeme}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: open, namespace: web}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{}]}
"""
IN_GIT, OPEN = "secrets/secret-in-git", "network/open-to-all-sources"
IGNORED = APP.replace("stringData", f"# aurora: ignore {IN_GIT} an example\nstringData")
REQUEST = validation.Request(targets=("app.yaml",), kubernetes="1.35", policies=(), schemas=(), externals=())


KNOWN = """{"version": 1, "findings": [
{"rule": "a/b", "environment": null, "about": "a", "pointer": "", "message": "a", "path": "a", "count": COUNT}]}"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def judged(folder: Path, app: str = APP, settings: str = "", **more: bool | tuple[str, ...]) -> Report:
    (folder / "app.yaml").write_text(app)
    (folder / "aurora.toml").write_text(settings)
    request = replace(REQUEST, **more)  # type: ignore[arg-type]
    day = datetime.date(2026, 6, 1)
    return validation.validate(request, folder, checks=(secrets.CHECK, network.CHECK), today=day)


def found(report: Report) -> list[tuple[str, str]]:
    return sorted((finding.rule, str(finding.severity)) for finding in report.findings)


def silenced(report: Report) -> list[tuple[str, str, str]]:
    return sorted((entry.finding.rule, entry.by, entry.reason) for entry in report.silenced)


def refused(folder: Path, settings: str) -> list[tuple[str, str, str | None]]:
    with pytest.raises(InputError) as error:
        judged(folder, settings=settings)
    return [(str(entry.place), entry.message, entry.hint) for entry in error.value.findings]


def test_advice_is_a_warning_on_foreign_manifests(folder: Path) -> None:
    assert found(judged(folder)) == [(OPEN, "warning"), (IN_GIT, "warning")]


def test_a_rule_may_be_off_and_its_check_more_severe(folder: Path) -> None:
    report = judged(folder, settings=f'[rules.severity]\nsecrets = "error"\n"{OPEN}" = "off"\n')
    assert found(report) == [(IN_GIT, "error")]
    assert silenced(report) == [(OPEN, "settings", f'aurora.toml:3:1: rules.severity."{OPEN}"')]


def test_rules_are_ignored_by_file(folder: Path) -> None:
    report = judged(folder, settings='[rules.ignore]\n"*.yaml" = ["secrets"]\n')
    assert (found(report), silenced(report)) == (
        [(OPEN, "warning")],
        [(IN_GIT, "settings", 'aurora.toml:2:1: rules.ignore."*.yaml"')],
    )


def test_an_excluded_file_is_not_judged_and_is_named(folder: Path) -> None:
    (folder / "other.yaml").write_text(APP)
    report = judged(folder, settings='[rules]\nexclude = ["app.*"]\n')
    assert [rule for rule, _ in found(report)] == ["input/empty"]
    assert [rule for rule, _, _ in silenced(report)] == ["settings/excluded"]
    assert report.objects == 0


@pytest.mark.parametrize(
    "beside", [IGNORED, APP.replace("changeme}", f"changeme}}  # aurora: ignore {IN_GIT} an example")]
)
def test_a_comment_silences_a_rule_at_its_line(beside: str, folder: Path) -> None:
    report = judged(folder, beside)
    assert (found(report), silenced(report)) == ([(OPEN, "warning")], [(IN_GIT, "comment", "an example")])


@pytest.mark.parametrize(
    ("swap", "rule", "hint"),
    [
        ((" an example", ""), "settings/comment-invalid", f"write `# aurora: ignore {IN_GIT} REASON`"),
        ((IN_GIT, "secrets/secret-in-gti"), "settings/comment-invalid", f"did you mean `{IN_GIT}`?"),
        ((IN_GIT, OPEN), "settings/comment-unused", "put it beside the line that the finding names, or remove it"),
    ],
)
def test_a_comment_that_silences_nothing_is_an_error(swap: tuple[str, str], rule: str, hint: str, folder: Path) -> None:
    report = judged(folder, IGNORED.replace(*swap))
    (said,) = [finding for finding in report.findings if finding.rule.startswith("settings/")]
    assert (said.rule, str(said.place), said.hint) == (rule, "app.yaml:8:1", hint)


@pytest.mark.parametrize("ending", [" ", "\r", "\t \r"])
def test_a_comment_without_a_reason_is_said_whatever_ends_its_line(ending: str, folder: Path) -> None:
    app = IGNORED.replace(" an example", ending)
    (said,) = [finding for finding in judged(folder, app).findings if finding.rule.startswith("settings/")]
    assert said.message == f"the comment does not say why `{IN_GIT}` is ignored"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (IN_GIT, f"nothing in a document without an object breaks `{IN_GIT}`"),
        ("input/empty", "`input/empty` cannot be ignored: without it nothing is proved"),
    ],
)
def test_a_comment_in_a_document_without_an_object_is_an_error(rule: str, message: str, folder: Path) -> None:
    comment = f"# aurora: ignore {rule} why not\n"
    for app, place in ((comment, "app.yaml:1:1"), (f"{APP}---\n{comment}", "app.yaml:15:1")):
        said = [entry for entry in judged(folder, app).findings if entry.rule.startswith("settings/")]
        assert [(str(entry.place), entry.message) for entry in said] == [(place, message)]


def test_settings_are_those_where_the_manifests_lie(folder: Path) -> None:
    for name, level in (("one", "off"), ("other", "error")):
        (folder / name / "deep").mkdir(parents=True)
        (folder / name / "aurora.toml").write_text(f'[rules.severity]\nsecrets = "{level}"\n"{OPEN}" = "off"\n')
        (folder / name / "deep/app.yaml").write_text(APP)
    assert found(judged(folder, targets=("one/deep",))) == []
    assert found(judged(folder, targets=("other/deep/app.yaml",))) == [(IN_GIT, "error")]
    assert (IN_GIT, "warning") in found(judged(folder, targets=("one", "other")))


def test_settings_of_another_folder_are_named_as_people_find_them(folder: Path) -> None:
    (folder / "one/deep").mkdir(parents=True)
    (folder / "one/deep/app.yaml").write_text(APP)
    (folder / "one/aurora.toml").write_text('[rules.severity]\nsecrets = "of"\nsclaing = "off"\n')
    (folder / "one/aurora-baseline.json").write_text('{"version": 2}')
    for start, prefix in ((folder, "one/"), (folder / "one/deep", "../")):
        request = replace(REQUEST, targets=(str(folder / "one/deep"),))
        with pytest.raises(InputError) as error:
            validation.validate(request, start, checks=(secrets.CHECK,), today=datetime.date(2026, 6, 1))
        assert [str(entry.place) for entry in error.value.findings] == [
            f"{prefix}{place}" for place in ("aurora-baseline.json:1:1", "aurora.toml:2:1", "aurora.toml:3:1")
        ]


def test_everything_that_is_wrong_with_settings_is_said_at_once(folder: Path) -> None:
    (folder / "aurora-baseline.json").write_text('{"version": 2}')
    settings = 'components = ["Shop"]\nstage = []\n[rules.severity]\nsclaing = "off"\nscaling = "of"\n'
    assert [place for place, _, _ in refused(folder, settings)] == [
        "aurora-baseline.json:1:1",
        *("aurora.toml:1:15", "aurora.toml:2:1", "aurora.toml:4:1", "aurora.toml:5:1"),
    ]


def test_whoever_loads_environments_says_the_same_of_the_settings(folder: Path) -> None:
    (folder / "environments").mkdir()
    for name in ("dev", "prod"):
        (folder / f"environments/{name}.yaml").write_text("kind: Environment\n")
    (folder / "aurora.toml").write_text('components = ["Shop"]\nstage = []\n[rules.severity]\nsclaing = "off"\n')
    with pytest.raises(InputError) as error:
        pipeline.load_environments(RepositoryPaths(folder), ())
    assert error.value.message == "the settings cannot be used"
    assert [str(entry.place) for entry in error.value.findings] == [
        f"aurora.toml:{at}" for at in ("1:15", "2:1", "4:1")
    ]


def test_a_run_that_finds_nothing_beside_a_baseline_is_one_line(folder: Path) -> None:
    known = text.write(judged(folder, write_baseline=True))
    assert known == "3 objects, 0 errors, 0 warnings, 2 silenced (2 by the baseline)"
    missing = NotJudged("policy", "no policies were given", "give some")
    beside = replace(judged(folder), checks=(CheckResult(name="policy", examined=0, not_judged=(missing,)),))
    assert text.write(beside) == f"{known}; not judged: policy (why: `--format markdown`)"
    new = text.write(judged(folder, APP.replace("name: example", "name: another")))
    assert "examined: 3 of 3 objects" in new


def test_only_what_is_new_is_left_beside_a_baseline(folder: Path) -> None:
    first = judged(folder, write_baseline=True)
    assert (first.findings, first.silenced_by) == ((), {"baseline": 2})
    moved = "# one line more\n" + APP
    assert (judged(folder, moved).findings, judged(folder, moved).silenced_by) == ((), {"baseline": 2})
    new = judged(folder, APP + "---\n" + APP.split("---\n")[1].replace("example", "second"))
    assert (found(new), new.silenced_by) == ([(IN_GIT, "warning")], {"baseline": 2})


def test_an_entry_that_nothing_breaks_any_more_is_said(folder: Path) -> None:
    judged(folder, write_baseline=True)
    report = judged(folder, "---\n".join(APP.split("---\n")[:2]))
    (stale,) = report.findings
    assert (stale.rule, str(stale.place)) == ("settings/baseline-stale", "aurora-baseline.json:2:1")
    assert OPEN in stale.message
    judged(folder, "---\n".join(APP.split("---\n")[:2]), write_baseline=True)
    assert OPEN not in (folder / "aurora-baseline.json").read_text()


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('{"version": 2, "findings": []}', "1:2", "this baseline has the version `2`, and this Aurora reads `1`"),
        ('{"version": 1,\n"findings": 3}', "2:1", "`findings` is no list of known findings"),
        ('{"version": 1,\n', "2:1", "this is no JSON"),
        ('{"version": true, "findings": []}', "1:2", "this baseline has the version `True`"),
        ('{"version": 1,\n"findings": ' + "[" * 100_000, "2:1", "this is nested too deeply"),
        (KNOWN.replace("COUNT", "true"), "1:1", "`findings` is no list of known findings"),
        (KNOWN.replace("COUNT", "0"), "1:1", "`findings` is no list of known findings"),
    ],
)
def test_another_baseline_is_an_error_with_its_place(text: str, place: str, message: str, folder: Path) -> None:
    (folder / "aurora-baseline.json").write_text(text)
    ((where, said, _),) = refused(folder, "")
    assert where.split(":")[1] == place.split(":", maxsplit=1)[0] and message in said


@pytest.mark.parametrize("text", ["{", "\xff", "[" * 100_000, '{"version": 2, "findings": []}'])
def test_a_baseline_that_cannot_be_used_is_written_anew(text: str, folder: Path) -> None:
    (folder / "aurora-baseline.json").write_bytes(text.encode("latin-1"))
    assert refused(folder, "")
    assert judged(folder, write_baseline=True).silenced_by == {"baseline": 2}
    assert (folder / "aurora-baseline.json.damaged").read_bytes() == text.encode("latin-1")


def test_a_baseline_that_cannot_be_replaced_stays_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise OSError(28, "No space left on device")

    judged(folder, write_baseline=True)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    monkeypatch.setattr(os, "fsync", stopped)
    with pytest.raises(StorageError, match="`aurora-baseline.json` cannot be written: No space left"):
        judged(folder, APP.split("---", maxsplit=1)[0], write_baseline=True)
    after = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert after.keys() == before.keys()
    assert after["aurora-baseline.json"] == before["aurora-baseline.json"]


@pytest.mark.parametrize("name", ["app.yaml", "package.json", "damaged.json"])
def test_a_file_of_another_kind_is_not_replaced_by_a_baseline(name: str, folder: Path) -> None:
    text = {"app.yaml": APP, "package.json": '{"name": "web", "version": "1.0.0"}', "damaged.json": '{"a": '}[name]
    (folder / name).write_text(text)
    with pytest.raises(InputError):
        judged(folder, settings=f'[rules]\nbaseline = "{name}"\n', write_baseline=True)
    assert (folder / name).read_text() == text


@pytest.mark.parametrize("text", ["", "<<<<<<<\n", '{"version": 2,\n "findings": [\n<<<<<<<\n'])
def test_what_was_a_baseline_of_another_name_is_written_anew(text: str, folder: Path) -> None:
    (folder / "known.json").write_text(text + '{"version": 1, "findings": [' * text.startswith("<"))
    settings = '[rules]\nbaseline = "known.json"\n'
    assert judged(folder, settings=settings, write_baseline=True).silenced_by == {"baseline": 2}


def test_the_baseline_is_no_manifest(folder: Path) -> None:
    assert not judged(folder, write_baseline=True, targets=(".",)).findings
    report = judged(folder, targets=(".",))
    assert (report.findings, report.silenced_by) == ((), {"baseline": 2})


def test_no_baseline_and_no_comment_silences_a_fixed_rule(folder: Path) -> None:
    broken = f"{APP}---\nkind: [\n"
    assert found(judged(folder, broken, write_baseline=True)) == [("yaml/broken", "error")]
    file = folder / "aurora-baseline.json"
    assert "yaml/" not in file.read_text()
    (said,) = judged(folder, broken).findings
    entry = {
        "rule": said.rule,
        "environment": None,
        "about": "app.yaml",
        "pointer": "",
        "message": said.message,
        "path": "app.yaml",
        "count": 1,
    }
    file.write_text(json.dumps({"version": 1, "findings": [entry]}))
    assert {("yaml/broken", "error"), ("settings/baseline-stale", "warning")} <= set(found(judged(folder, broken)))
    file.write_text(json.dumps({"version": 1, "findings": [entry | {"rule": "nope/nope"}]}))
    assert ("settings/baseline-stale", "warning") in found(judged(folder))
    report = judged(folder, APP.replace("kind: Secret", "kind: Secret  # aurora: ignore yaml/broken it is"))
    assert ("settings/comment-invalid", "error") in found(report)


MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: example, namespace: web}
data:
"""


@pytest.mark.parametrize(
    "text",
    [
        f"{MAP}  a: |\n    # aurora: ignore {IN_GIT}\n",
        f"{MAP}  a: >-\n    text\n    # aurora: ignore {IN_GIT}\n  b: c\n",
        f'{MAP}  a: "text # aurora: ignore {IN_GIT}"\n',
        f"{MAP}  a: 'text\n    # aurora: ignore {IN_GIT}'\n",
    ],
)
def test_text_in_a_scalar_is_no_comment(text: str, folder: Path) -> None:
    assert found(judged(folder, f"{APP}---\n{text}")) == [(OPEN, "warning"), (IN_GIT, "warning")]


@pytest.mark.parametrize(
    "line", ["  a: |  # aurora: ignore RULE\n    text\n", "  a: |\n    é\n  # aurora: ignore RULE\n"]
)
def test_a_comment_beside_a_block_scalar_is_one(line: str, folder: Path) -> None:
    report = judged(folder, f"{APP}---\n{MAP}{line.replace('RULE', IN_GIT)}")
    assert ("settings/comment-invalid", "error") in found(report)


def test_a_json_file_has_no_comments(folder: Path) -> None:
    (folder / "map.json").write_text(
        '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "web"},\n'
        f'# aurora: ignore {IN_GIT}\n"data": {{}}}}\n'
    )
    report = judged(folder, targets=("app.yaml", "map.json"))
    assert not [rule for rule, _ in found(report) if rule.startswith("settings/")]


def test_settings_that_name_nothing_are_errors_with_the_nearest_spelling(folder: Path) -> None:
    settings = """\
[rules]
exclude = ["vendor/**"]
[rules.severity]
sclaing = "off"
"network/open-to-al-sources" = "off"
"yaml/broken" = "off"
[rules.ignore]
"app.yaml" = ["secret"]
"""
    assert refused(folder, settings) == [
        ("aurora.toml:2:12", "`vendor/**` names no file of this repository", "correct the pattern, or remove it"),
        ("aurora.toml:4:1", "`sclaing` is neither a rule nor a check", "did you mean `scaling`?"),
        ("aurora.toml:5:1", "`network/open-to-al-sources` is neither a rule nor a check", f"did you mean `{OPEN}`?"),
        (
            "aurora.toml:6:1",
            "the severity of `yaml/broken` is fixed: without it nothing is proved",
            "remove the setting",
        ),
        ("aurora.toml:8:15", "`secret` is neither a rule nor a check", "did you mean `secrets`?"),
    ]


def test_every_format_counts_what_is_silenced(folder: Path) -> None:
    report = judged(folder, IGNORED, settings='[rules.severity]\nnetwork = "off"\n')
    words = "2 silenced (1 by a comment, 1 by the settings)"
    assert all(words in written(report) for written in (text.write, markdown.write, github.write))
    as_json = json_report.as_json(report)
    Draft202012Validator(json.loads(json_report.SCHEMA_FILE.read_text())).validate(as_json)
    assert as_json["summary"]["silenced"] == len(as_json["silenced"]) == 2
    assert {entry["by"] for entry in as_json["silenced"]} == {"comment", "settings"}
    results = json.loads(sarif.write(report, ()))["runs"][0]["results"]
    assert sorted(entry["suppressions"][0]["kind"] for entry in results) == ["external", "inSource"]
    assert junit.write(report).count("silenced by") == 2
    assert forms.report_from(json.loads(json.dumps(forms.report_form(report)))) == report


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("*.yaml", "a.yaml", True),
        ("*.yaml", "b/a.yaml", False),
        ("**/a.yaml", "a.yaml", True),
        ("**/a.yaml", "b/c/a.yaml", True),
        ("vendor", "vendor/a/b.yaml", True),
        ("vendor/**", "vendor/a/b.yaml", True),
        ("vend?r/*.y", "vendor/a.y", True),
        ("vendor", "vendors/a", False),
        ("a.b", "aXb", False),
        ("[a]*.y", "[a]b.y", True),
        ("**/a/**/b.y", "a/c/a/d/b.y", True),
        ("vendor/**", "vendor", False),
        ("**/" * 25 + "x", "/".join("a" * 60), False),
        ("**/a/" * 25 + "x", "/".join("a" * 60), False),
        ("*a" * 25 + "x", "a" * 250, False),
        ("**a" * 25 + "x", "a" * 250, False),
    ],
)
def test_patterns_of_files(glob: str, path: str, matches: bool) -> None:
    assert globs.matches(glob, path) is matches
