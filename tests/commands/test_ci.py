"""`aurora ci`: every part of a review runs, whatever the others find, and leaves its reports."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from aurora.commands.ci import MARKER
from aurora.tools.runner import Command, run
from commands.command_line import CommandLine

ROOT = Path(__file__).resolve().parents[2]
REPORTS = {
    "annotations.txt",
    "diff.html",
    "diff.json",
    "diff.md",
    "report.json",
    "report.md",
    "report.sarif",
    "report.txt",
    "report.xml",
    "summary.md",
}
TESTS = {"tests.json", "tests.md", "tests.xml"}


@pytest.fixture
def committed(aurora: CommandLine, real_toolbox: object, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line in a repository whose environment is compiled and committed."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert aurora("synth").code == 0
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "start"]):
        git = shutil.which("git")
        assert git
        args = (git, "-c", "user.name=test", "-c", "user.email=test@example.com", *words)
        run(Command(args=args, cwd=aurora.folder, timeout=60))
    return aurora


def files(aurora: CommandLine) -> set[str]:
    return {path.name for path in (aurora.folder / "build" / "ci").iterdir()}


def read(aurora: CommandLine, name: str) -> str:
    return (aurora.folder / "build" / "ci" / name).read_text()


@pytest.mark.real_tools
def test_a_clean_repository_passes_and_leaves_every_report(committed: CommandLine) -> None:
    outcome = committed("ci")
    assert outcome.code == 0, outcome.err
    assert files(committed) == REPORTS
    assert "no policies" in outcome.err
    assert read(committed, "diff.md").startswith(MARKER)
    assert read(committed, "summary.md").startswith(MARKER)
    assert "# aurora synth" in read(committed, "summary.md")
    assert json.loads(read(committed, "report.json"))["summary"]["errors"] == 0


@pytest.mark.real_tools
def test_drift_fails_the_review_and_the_diff_is_still_shown(committed: CommandLine) -> None:
    text = (committed.folder / "environments" / "example.yaml").read_text()
    committed.write("environments/example.yaml", text.replace("pods: 20", "pods: 30"))
    outcome = committed("ci")
    assert outcome.code == 1
    assert "generated/drift" in read(committed, "report.sarif")
    [change] = json.loads(read(committed, "diff.json"))["changes"]
    assert change["resource"]["kind"] == "ResourceQuota"
    assert "::error" not in outcome.out


@pytest.mark.real_tools
def test_on_github_findings_become_annotations(committed: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    text = (committed.folder / "environments" / "example.yaml").read_text()
    committed.write("environments/example.yaml", text.replace("pods: 20", "pods: 30"))
    outcome = committed("ci", "--quiet")
    assert "::error file=generated/example/namespaces/team/resourcequota." in outcome.out
    assert outcome.err == ""


@pytest.mark.real_tools
def test_an_environment_that_does_not_compile_is_told_in_every_report(committed: CommandLine) -> None:
    committed("ci")
    committed.write("environments/example.yaml", "apiVersion: aurora/v1\nkind: Enviroment\n")
    outcome = committed("ci")
    assert outcome.code == 2
    assert files(committed) == {"diff.md", "report.md", "summary.md"}
    assert read(committed, "diff.md").startswith(MARKER)
    for name in ("diff.md", "report.md"):
        assert "Enviroment" in read(committed, name)


@pytest.mark.real_tools
def test_policies_are_tested_where_there_are_some(committed: CommandLine) -> None:
    source = ROOT / "policies" / "disallow-latest-tag"
    shutil.copytree(source, committed.folder / "policies" / "disallow-latest-tag")
    committed("ci")
    assert files(committed) >= TESTS
    assert json.loads(read(committed, "tests.json"))["summary"]["verdicts"] > 0


def test_a_folder_that_cannot_hold_reports_is_an_error(aurora: CommandLine) -> None:
    aurora.write("build", "a file")
    outcome = aurora("ci")
    assert outcome.code == 3
    assert "cannot hold the reports" in outcome.err
    assert "Traceback" not in outcome.err


def test_outside_a_repository_nothing_is_written(aurora: CommandLine, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "environments")
    outcome = aurora("ci")
    assert outcome.code == 2
    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize("arguments", [("--fail-on", "data-los-risk"), ("--base", "")])
def test_options_that_no_diff_can_be_made_with_stop_everything(aurora: CommandLine, arguments: tuple[str, str]) -> None:
    outcome = aurora("ci", *arguments)
    assert outcome.code == 2
    assert f"`{arguments[0]}" in outcome.err
    assert "aurora ci: synth" not in outcome.err
    assert not (aurora.folder / "build").exists()
