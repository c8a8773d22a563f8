"""The recipe for a policy works as its page shows it, in a copy of the reference repository."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from aurora.controls.proofs import Proofs
from aurora.controls.table import read as read_controls
from aurora.paths import RepositoryPaths
from aurora.suites.operators import OPERATORS, Operator, read
from commands.command_line import CommandLine
from reference.platform import reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "new-policy.md"
NAME = "require-service-selector"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The reference repository with steps 1 to 3 done."""
    root = tmp_path / "repository"
    shutil.copytree(reference().root, root)
    policy, cases, objects, planted, binding = blocks("yaml")[:5]
    (root / "policies" / NAME / "resources").mkdir(parents=True)
    files = {"policy": policy, "kyverno-test": cases, "resources/services": objects, "planted": planted}
    for name, text in files.items():
        (root / "policies" / NAME / f"{name}.yaml").write_text(text, encoding="utf-8")
    (root / "environments/bases/own.yaml").write_text(binding, encoding="utf-8")
    environment = root / "environments/aurora-dev.yaml"
    text = environment.read_text(encoding="utf-8")
    assert "extends: [" in text
    environment.write_text(re.sub(r"extends: \[(.*)\]", r"extends: [\1, bases/own.yaml]", text), encoding="utf-8")
    return CommandLine(root, monkeypatch, capsys)


def page_operators(folder: Path) -> tuple[Operator, ...]:
    file = folder / "operators.yaml"
    file.write_text(blocks("yaml")[5], encoding="utf-8")
    return read(file)


@pytest.mark.real_tools
def test_the_policy_of_the_page_is_proved(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, real_toolbox: object
) -> None:
    synthesised = line("synth", "aurora-dev", "--only", "policy", "--format", "json")
    assert (synthesised.code, synthesised.json["summary"]["errors"]) == (0, 0)
    first = line("test", NAME, "--format", "json")
    assert (first.code, set(first.rules())) == (0, {"test/no-mutant"})
    monkeypatch.setattr("aurora.suites.mutants.OPERATORS", (*OPERATORS, *page_operators(tmp_path)))
    second = line("test", NAME, "--format", "json")
    assert (second.code, second.rules()) == (0, [])


def test_the_control_of_the_page_has_its_proof(line: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "table.yaml"
    file.write_text(blocks("yaml")[6], encoding="utf-8")
    (control,) = read_controls(file)
    (case,) = control.kyverno
    assert Proofs(RepositoryPaths(line.folder)).case(case).place is not None
