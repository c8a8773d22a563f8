"""`aurora synth` writes what is clean, refuses what is not, and notices every difference."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock

from commands.command_line import ENVIRONMENT, RULES_ONLY, CommandLine, tree

REFUSED = ENVIRONMENT.replace("kind: Namespace, name: argocd,", "kind: Namespace, name: other,")
"""Compiles, and lacks Argo CD's own namespace."""
NAMESPACE = "generated/example/namespaces/_cluster/namespace.team.yaml"


def written(aurora: CommandLine) -> dict[str, bytes]:
    return {path: content for path, content in tree(aurora.folder / "generated").items() if not path.startswith(".")}


@pytest.fixture
def compiled(aurora: CommandLine) -> CommandLine:
    outcome = aurora("synth", *RULES_ONLY)
    assert outcome.code == 0, outcome.err + outcome.out
    return aurora


def test_every_object_becomes_one_file(compiled: CommandLine) -> None:
    assert sorted(written(compiled)) == [
        "example/argocd/argocd/application.example-namespaces.yaml",
        "example/argocd/argocd/application.example-network.yaml",
        "example/argocd/argocd/application.example.yaml",
        "example/argocd/argocd/appproject.example-root.yaml",
        "example/argocd/argocd/appproject.example.yaml",
        "example/namespaces/_cluster/namespace.team.yaml",
        "example/namespaces/team/limitrange.defaults.yaml",
        "example/namespaces/team/resourcequota.quota.yaml",
        "example/network/team/networkpolicy.allow-dns.yaml",
        "example/network/team/networkpolicy.default-deny.yaml",
    ]


def test_a_second_run_changes_nothing(compiled: CommandLine) -> None:
    before = written(compiled)
    outcome = compiled("synth", *RULES_ONLY)
    assert outcome.code == 0
    assert outcome.err.startswith("nothing changed: `generated/` was up to date\n")
    assert written(compiled) == before


def test_what_is_committed_passes_the_check(compiled: CommandLine) -> None:
    assert compiled("synth", "--check", *RULES_ONLY).code == 0


@pytest.mark.parametrize("names", [(), ("example",)])
def test_a_hand_edit_is_found_at_its_line_and_undone_by_the_next_run(
    compiled: CommandLine, names: tuple[str, ...]
) -> None:
    before = written(compiled)
    file = compiled.folder / NAMESPACE
    file.write_text(file.read_text().replace("restricted", "privileged"))
    outcome = compiled("synth", *names, "--check", "--format", "json", *RULES_ONLY)
    assert outcome.code == 1
    assert [(finding["rule"], finding["place"]) for finding in outcome.json["findings"]] == [
        ("generated/drift", {"path": NAMESPACE, "line": 12, "column": 1})
    ]
    assert compiled("synth", *names, *RULES_ONLY).code == 0
    assert written(compiled) == before


@pytest.mark.parametrize("left_over", ["example/network/team/secret.x.yaml", "gone/a/b/c.yaml", "notes.txt"])
def test_what_no_component_owns_is_found_and_removed(compiled: CommandLine, left_over: str) -> None:
    before = written(compiled)
    compiled.write(f"generated/{left_over}", "kind: Secret\n")
    outcome = compiled("synth", "--check", "--format", "json", *RULES_ONLY)
    assert outcome.code == 1
    assert outcome.rules() == ["generated/drift"]
    assert outcome.json["findings"][0]["place"]["path"] == f"generated/{left_over}"
    assert "Aurora did not write it" in outcome.json["findings"][0]["message"]
    removing = compiled("synth", *RULES_ONLY)
    assert removing.code == 0
    assert f"warning: `generated/{left_over}` is removed: no component owns it\n" in removing.err
    assert written(compiled) == before


def test_what_aurora_itself_left_over_is_no_foreign_file(compiled: CommandLine) -> None:
    (compiled.folder / NAMESPACE).rename(compiled.folder / NAMESPACE.replace("team", "former"))
    outcome = compiled("synth", *RULES_ONLY)
    assert outcome.code == 0
    assert "warning" not in outcome.err


def test_a_foreign_file_is_not_removed_where_something_is_wrong(compiled: CommandLine) -> None:
    compiled.write("generated/example/notes.txt", "mine")
    compiled.write("environments/example.yaml", REFUSED)
    outcome = compiled("synth", *RULES_ONLY)
    assert outcome.code == 1
    assert "removed" not in outcome.err
    assert (compiled.folder / "generated/example/notes.txt").exists()


def test_a_missing_file_is_found(compiled: CommandLine) -> None:
    (compiled.folder / NAMESPACE).unlink()
    outcome = compiled("synth", "--check", *RULES_ONLY)
    assert outcome.code == 1
    assert f"{NAMESPACE}:1:1: error[generated/drift] this file is missing" in outcome.out


def test_check_writes_nothing(aurora: CommandLine) -> None:
    before = tree(aurora.folder)
    assert aurora("synth", "--check", *RULES_ONLY).code == 1
    assert tree(aurora.folder) == before


def test_an_error_leaves_everything_as_it_was(compiled: CommandLine) -> None:
    before = written(compiled)
    compiled.write("environments/example.yaml", REFUSED.replace("memory: 8Gi", "memory: 16Gi"))
    outcome = compiled("synth", *RULES_ONLY, "--format", "json")
    assert outcome.code == 1
    assert "references/namespace" in outcome.rules()
    assert "nothing was written" in outcome.err
    assert written(compiled) == before


def test_an_environment_that_cannot_be_compiled_says_every_reason(compiled: CommandLine) -> None:
    before = written(compiled)
    text = ENVIRONMENT.replace("restricted", "restrictd").replace("kind: NetworkBaseline", "kind: NetworkBaselin")
    compiled.write("environments/example.yaml", text)
    outcome = compiled("synth", *RULES_ONLY)
    assert outcome.code == 2
    assert "environments/example.yaml:13:" in outcome.err
    assert "environments/example.yaml:15:" in outcome.err
    assert "Traceback" not in outcome.err
    assert written(compiled) == before


def test_an_unknown_environment_names_the_nearest(aurora: CommandLine) -> None:
    outcome = aurora("synth", "exampel", *RULES_ONLY)
    assert outcome.code == 2
    assert "`example`" in outcome.err


def test_a_second_run_at_once_is_refused(compiled: CommandLine) -> None:
    with FileLock(compiled.folder / "generated" / ".lock"):
        outcome = compiled("synth", *RULES_ONLY)
    assert outcome.code == 3
    assert "another `aurora` writes" in outcome.err


def test_an_interrupted_swap_is_repaired_before_anything_is_compared(compiled: CommandLine) -> None:
    before = written(compiled)
    generated = compiled.folder / "generated"
    (generated / ".old").mkdir()
    (generated / "example").rename(generated / ".old" / "example")
    assert compiled("synth", "--check", *RULES_ONLY).code == 0
    assert written(compiled) == before


def test_what_does_not_fit_is_said_at_its_line(aurora: CommandLine) -> None:
    text = ENVIRONMENT + "  policies:\n    kind: KyvernoPolicies\n    policies: {nothing: {namespaces: [team]}}\n"
    aurora.write("environments/example.yaml", text)
    outcome = aurora("synth", *RULES_ONLY)
    assert outcome.code == 2
    assert "environments/example.yaml:19:16: error[environment/misfit]" in outcome.err
    assert "there is no policy `nothing`" in outcome.err
    assert "Traceback" not in outcome.err


def test_the_report_is_written_in_several_formats(aurora: CommandLine) -> None:
    outcome = aurora("synth", *RULES_ONLY, "--report", "json=report.json", "--report", "text=report.txt")
    assert outcome.code == 0
    assert (aurora.folder / "report.txt").read_text() == outcome.out
    assert '"schema": "aurora.report/v1"' in (aurora.folder / "report.json").read_text()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--only", "nothing"), "`nothing` is no check"),
        (("--only", "schema", "--skip", "schema"), "no check is left to run"),
        (("--format", "xml"), "`xml` is no report format"),
        (("--report", "json"), "names no file"),
        (("--nothing",), "No such option"),
    ],
)
def test_a_bad_invocation_is_explained(aurora: CommandLine, args: tuple[str, ...], words: str) -> None:
    outcome = aurora("synth", *args)
    assert outcome.code == 2
    assert words in outcome.err


def test_outside_a_repository_nothing_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = CommandLine(tmp_path, monkeypatch, capsys)("synth")
    assert outcome.code == 2
    assert "is not inside an Aurora repository" in outcome.err


def test_a_repository_without_environments_is_refused(aurora: CommandLine) -> None:
    (aurora.folder / "environments" / "example.yaml").unlink()
    outcome = aurora("synth", *RULES_ONLY)
    assert outcome.code == 2
    assert "holds no environment" in outcome.err
