"""The workflows: what runs a stranger's change can write nothing, and what they call exists."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from aurora.app import app
from aurora.reporters.diff_markdown import MARKER
from aurora.tools.runner import Command, run

FOLDER = Path(__file__).resolve().parents[2] / ".github" / "workflows"
FILE = FOLDER / "pull-request.yaml"
WORKFLOW: dict[str, Any] = YAML(typ="safe").load(FILE)
STEPS = [(name, step) for name, job in WORKFLOW["jobs"].items() for step in job["steps"]]


def writes(permissions: dict[str, str]) -> set[str]:
    return {scope for scope, access in permissions.items() if access == "write"}


def runs_the_change(job: dict[str, Any]) -> bool:
    return any("actions/checkout" in step.get("uses", "") for step in job["steps"])


def test_a_job_that_runs_the_change_has_no_write_token() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    jobs = [job for job in WORKFLOW["jobs"].values() if runs_the_change(job)]
    assert jobs
    assert not any(writes(job.get("permissions", {})) for job in jobs)
    assert "pull_request_target" not in WORKFLOW["on"]


def test_a_job_with_a_write_token_is_left_out_for_forks() -> None:
    jobs = [job for job in WORKFLOW["jobs"].values() if writes(job.get("permissions", {}))]
    assert jobs
    for job in jobs:
        assert "github.event.pull_request.head.repo.full_name == github.repository" in job["if"]
        assert not runs_the_change(job)


def test_the_checkout_leaves_no_credentials_and_has_the_history_that_the_diff_needs() -> None:
    [checkout] = [step for _, step in STEPS if "actions/checkout" in step.get("uses", "")]
    assert checkout["with"] == {"fetch-depth": 0, "persist-credentials": False}


def cached(file: Path) -> list[tuple[str, dict[str, str]]]:
    jobs = YAML(typ="safe").load(file)["jobs"].values()
    steps = [step for job in jobs for step in job["steps"] if "actions/cache" in step.get("uses", "")]
    return [(step["uses"].partition("@")[0], step["with"]) for step in steps]


def test_a_change_takes_validators_and_charts_of_main_and_saves_none() -> None:
    """What one push of a change saves, the next one would believe."""
    taken, kept = cached(FILE), cached(FOLDER / "main.yaml")
    assert {action for action, _ in taken} == {"actions/cache/restore"}
    assert {action for action, _ in kept} == {"actions/cache"}
    assert [what for _, what in taken] == [what for _, what in kept]
    assert [what["path"] for _, what in taken] == ["~/.cache/aurora/tools", "charts/*.tgz"]
    assert YAML(typ="safe").load(FOLDER / "main.yaml")["on"] == {"push": {"branches": ["main"]}}


def test_the_comment_is_found_by_the_marker_that_the_diff_writes() -> None:
    assert f"marker='{MARKER}'" in FILE.read_text()


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda file: file.name)
def test_actions_are_pinned_by_commit_with_their_version_beside(file: Path) -> None:
    used = [each for each in re.findall(r"uses: (\S+)(.*)", file.read_text()) if not each[0].startswith("./")]
    assert used
    for action, comment in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def linted(actionlint: Path, file: Path) -> tuple[int, str]:
    """Lint a workflow, without the programs that actionlint would call where a machine happens to have them."""
    args = (str(actionlint), "-no-color", "-shellcheck=", "-pyflakes=", str(file))
    outcome = run(Command(args=args, cwd=FOLDER, timeout=60, accepted_codes=frozenset({0, 1})))
    return outcome.code, outcome.stdout


PLANTED = """
  planted:
    needs: nobody
    runs-on: ubuntu-24.04
    steps:
      - run: echo "${{ github.nothing.at.all }}"
"""


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda file: file.name)
def test_actionlint_has_nothing_to_say_and_finds_what_is_planted(actionlint: Path, tmp_path: Path, file: Path) -> None:
    assert linted(actionlint, file) == (0, "")
    broken = tmp_path / file.name
    broken.write_text(file.read_text(encoding="utf-8") + PLANTED, encoding="utf-8")
    code, said = linted(actionlint, broken)
    assert code == 1
    assert 'needs job "nobody" which does not exist' in said
    assert 'property "nothing" is not defined' in said


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda file: file.name)
def test_no_text_of_the_event_becomes_a_script(file: Path) -> None:
    for job in YAML(typ="safe").load(file)["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")


MAY_WRITE = {
    "images.yaml": {"publish": {"id-token", "attestations"}, "pins": {"contents", "pull-requests"}},
    "pull-request.yaml": {"publish": {"security-events", "pull-requests"}},
    "release.yaml": {"publish": {"contents", "id-token", "attestations"}},
}


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda file: file.name)
def test_a_workflow_may_read_only_unless_a_job_says_otherwise(file: Path) -> None:
    workflow = YAML(typ="safe").load(file)
    assert workflow["permissions"] == {"contents": "read"}
    writing = {name: writes(job.get("permissions", {})) for name, job in workflow["jobs"].items()}
    assert {name: scopes for name, scopes in writing.items() if scopes} == MAY_WRITE.get(file.name, {})


SCAN: dict[str, Any] = YAML(typ="safe").load(FOLDER / "scan.yaml")


def named_images(folder: Path) -> list[str]:
    """Run the step that lists images, in a folder with a `generated` of its own."""
    [script] = [step["run"] for step in SCAN["jobs"]["named"]["steps"] if step.get("id") == "list"]
    output = folder / "output"
    bash = shutil.which("bash")
    assert bash
    surroundings = {"GITHUB_OUTPUT": str(output), "PATH": os.environ["PATH"]}
    args = (bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
    run(Command(args=args, cwd=folder, timeout=60, environment=surroundings))
    found: list[str] = json.loads(output.read_text(encoding="utf-8").removeprefix("images="))
    return found


def test_every_image_that_can_be_pulled_is_scanned_once(tmp_path: Path) -> None:
    pods = "spec:\n  containers:\n  - image: {}\n    name: a\n  - name: b\n    image: {}\n"
    for number, images in enumerate(
        [
            ("quay.io/a/b:1.0.0@sha256:00", "registry.example.com/a/b:1"),
            ("quay.io/a/b:1.0.0@sha256:00", "registry.example.com/f:1"),
            ("my-example.com/e:1", "docker.io/c:2"),
            ("example.com:5000/a:1", "ghcr.io/example.com/d:3"),
        ]
    ):
        file = tmp_path / "generated" / str(number) / "pod.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(pods.format(*images), encoding="utf-8")
    assert named_images(tmp_path) == [
        "docker.io/c:2",
        "ghcr.io/example.com/d:3",
        "my-example.com/e:1",
        "quay.io/a/b:1.0.0@sha256:00",
    ]


def test_where_all_images_are_examples_none_is_scanned(tmp_path: Path) -> None:
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated/pod.yaml").write_text("image: registry.example.com/a:1\n", encoding="utf-8")
    assert named_images(tmp_path) == []
    assert SCAN["jobs"]["images"]["if"] == "needs.named.outputs.images != '[]'"


def test_the_scan_fails_on_what_it_finds_and_saves_nothing() -> None:
    used = [step for job in SCAN["jobs"].values() for step in job["steps"] if "trivy-action" in step.get("uses", "")]
    assert len(used) == 2
    for step in used:
        assert (step["with"]["exit-code"], step["with"]["cache"]) == ("1", "false")
    [configuration] = [step for step in used if step["with"].get("scan-type") == "config"]
    assert (configuration["with"]["scan-ref"], configuration["env"]) == (
        "generated",
        {"TRIVY_SKIP_CHECK_UPDATE": "true"},
    )


@pytest.mark.parametrize("command", re.findall(r"aurora ([^\n]+)", "\n".join(s.get("run", "") for _, s in STEPS)))
def test_the_commands_and_options_exist(command: str) -> None:
    name, *words = shlex.split(command)
    known: Any = get_command(app).commands[name]  # type: ignore[attr-defined]
    if hasattr(known, "commands"):
        known = known.commands[words[0]]
    options = {spelling for parameter in known.params for spelling in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= options


def test_the_review_is_published_from_the_files_that_it_writes() -> None:
    scripts = "\n".join(step.get("run", "") for _, step in STEPS)
    assert set(re.findall(r"(?:build/ci|review)/([a-z]+\.[a-z]+)", scripts + FILE.read_text())) == {
        "summary.md",
        "diff.md",
        "report.sarif",
    }
