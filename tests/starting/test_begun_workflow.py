"""The workflow that `aurora init` writes: sound, without a right to write, and with inputs that the action has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from aurora.starting import answers, files
from docs.test_workflow import linted

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def begun() -> str:
    given = answers.Answers(platform="eks", name="acme", domain="", repository="", api_group="", registry="")
    return files.files(answers.filled(given))[".github/workflows/aurora.yaml"].decode()


def test_actionlint_has_nothing_to_say_about_the_workflow_of_a_new_repository(
    actionlint: Path, tmp_path: Path, begun: str
) -> None:
    file = tmp_path / "aurora.yaml"
    file.write_text(begun)
    assert linted(actionlint, file) == (0, "")


def test_the_workflow_of_a_new_repository_reads_only_and_uses_the_action_as_it_is(begun: str) -> None:
    action: dict[str, Any] = YAML(typ="safe").load(ROOT / "action.yaml")
    workflow = YAML(typ="safe").load(begun)
    assert workflow["permissions"] == {"contents": "read"}
    [used] = [each for each in workflow["jobs"]["prove"]["steps"] if "/aurora@" in each["uses"]]
    assert set(used["with"]) <= set(action["inputs"])
    assert "make" not in begun
