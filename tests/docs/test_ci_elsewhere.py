"""CI for repositories of one's own: it needs nothing of this Makefile, and calls what exists."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from aurora.app import app
from aurora.tools.runner import Command, run

ROOT = Path(__file__).resolve().parents[2]
ACTION: dict[str, Any] = YAML(typ="safe").load(ROOT / "action.yaml")
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
HOOKS: list[dict[str, Any]] = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS = [YAML(typ="safe").load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


def options(command: str) -> set[str]:
    found: Any = get_command(app)
    for word in command.split():
        found = found.commands[word]
    return {spelling for parameter in found.params for spelling in parameter.opts}


def scripts() -> str:
    return "\n".join(step.get("run", "") for step in STEPS)


def step(name: str) -> dict[str, Any]:
    [found] = [each for each in STEPS if each.get("name") == name]
    return found


def test_the_action_runs_nothing_of_this_repository_and_no_text_of_an_event() -> None:
    assert not re.search(r"\bmake\b|\bgo\b|\.venv|\.ci/", scripts())
    assert "${{" not in scripts()
    assert all("shell" in each for each in STEPS if "run" in each)
    for used in re.findall(r"uses: (\S+ # \S+)", (ROOT / "action.yaml").read_text()):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used)


def test_wheels_are_held_to_their_attestation_before_they_are_installed() -> None:
    script = step("Install the wheels of the release, for this machine")["run"]
    assert script.index("gh attestation verify") < script.index("--no-index")
    assert "--require-hashes" in script


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "ci --base HEAD --output build/ci"),
        ({"STRICT": "true"}, "ci --base HEAD --output build/ci --strict"),
        (
            {"FAIL_ON": "recreate data-loss-risk"},
            "ci --base HEAD --output build/ci --fail-on recreate --fail-on data-loss-risk",
        ),
        ({"BASE": "a b; false"}, "ci --base a b; false --output build/ci"),
    ],
)
def test_inputs_become_options(tmp_path: Path, given: dict[str, str], words: str) -> None:
    program = tmp_path / "aurora"
    program.write_text('#!/bin/sh\nprintf "%s" "$*" > called\n')
    program.chmod(0o755)
    proving = step("Prove, test and explain the change")
    defaults = {name.upper().replace("-", "_"): one["default"] for name, one in ACTION["inputs"].items()}
    surroundings = {
        **{name: defaults[name] for name in proving["env"]},
        **given,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
    }
    args = (shutil.which("bash") or "bash", "--noprofile", "--norc", "-c", proving["run"])
    run(Command(args=args, cwd=tmp_path, timeout=60, environment=surroundings))
    assert (tmp_path / "called").read_text() == words
    assert {word for word in shlex.split(words) if word.startswith("--")} <= options("ci")


def test_the_page_names_the_inputs_with_their_defaults() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", PAGE, re.MULTILINE)
    defaults = {name: f"`{one['default']}`" if one["default"] else "none" for name, one in ACTION["inputs"].items()}
    assert {name: "none" if shown == "the action's own" else shown for name, shown in rows} == defaults


def test_the_examples_of_the_page_use_inputs_and_options_that_exist() -> None:
    action, reusable, gitlab, hooks = BLOCKS
    assert set(action["steps"][1]["with"]) <= set(ACTION["inputs"])
    declared = YAML(typ="safe").load(ROOT / ".github/workflows/review.yaml")["on"]["workflow_call"]["inputs"]
    assert set(reusable["jobs"]["review"]["with"]) <= set(declared)
    assert {name for name, one in declared.items() if one.get("required")} <= set(reusable["jobs"]["review"]["with"])
    called = [shlex.split(line) for line in gitlab["aurora"]["script"] if line.startswith("aurora ")]
    assert [words[1] for words in called] == ["ci"]
    assert {word for words in called for word in words if word.startswith("--")} <= options("ci")
    assert {hook["id"] for repo in hooks["repos"] for hook in repo["hooks"]} <= {hook["id"] for hook in HOOKS}


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_calls_a_command_with_options_that_it_has(hook: dict[str, Any]) -> None:
    program, command, *words = hook["entry"].split()
    assert program == "aurora"
    assert set(words) <= options(command)


def test_the_wheels_of_a_release_have_one_version() -> None:
    projects = ("pyproject.toml", "programs/contract/pyproject.toml", "tools/wheels/validators/pyproject.toml")
    read = [tomllib.loads((ROOT / name).read_text(encoding="utf-8"))["project"] for name in projects]
    assert len({project["version"] for project in read}) == 1
    assert f"aurora-contract=={read[0]['version']}" in read[0]["dependencies"]
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    assert next(line for line in lines if line.startswith("version = ")) == f'version = "{read[0]["version"]}"'


def test_a_release_has_the_validators_of_every_platform() -> None:
    release: dict[str, Any] = YAML(typ="safe").load(ROOT / ".github/workflows/release.yaml")
    runners = release["jobs"]["wheels"]["strategy"]["matrix"]["runner"]
    [script] = [each["run"] for each in release["jobs"]["publish"]["steps"] if "run" in each]
    assert len(runners) == 3
    assert f"-eq {len(runners)}" in script
    assert release["jobs"]["publish"]["needs"] == "wheels"
