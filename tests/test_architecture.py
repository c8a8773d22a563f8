"""The house rules that a machine can check."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from aurora.paths import RepositoryPaths

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = sorted([*ROOT.glob("cli/**/*.py"), *ROOT.glob("constructs/**/*.py"), *ROOT.glob("benchmarks/**/*.py")])
MAX_FILE, MAX_FUNCTION = 300, 40
BROAD = {"Exception", "BaseException"}
FORBIDDEN_NAMES = {"utils", "helpers", "helper", "util", "manager", "common", "base", "misc", "validators"}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_imports_keep_their_contracts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0


def test_the_documented_layers_are_those_that_hold() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    (importers,) = (contract["allowed_importers"] for contract in contracts if contract["type"] == "protected")
    *others, last = (f"`{name.removeprefix('aurora.')}`" for name in importers)
    documented = (ROOT / "docs" / "architecture.md").read_text()
    assert "```\n{}\n```".format("\n".join(layers)) in documented
    assert f"Only {', '.join(others)} and {last} import `checks`" in documented


@pytest.mark.parametrize("path", PRODUCT, ids=relative)
def test_a_file_is_one_idea(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= MAX_FILE
    assert ast.get_docstring(ast.parse(text)), "a module says what it owns"
    assert path.stem not in FORBIDDEN_NAMES


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", PRODUCT, ids=relative)
def test_functions_are_short(path: Path) -> None:
    commands = path.parent.name == "commands" or path.name == "app.py"
    for function in functions(path):
        signature = (function.body[0].lineno - function.lineno) if commands else 0
        length = (function.end_lineno or 0) - function.lineno + 1 - signature
        assert length <= MAX_FUNCTION, f"{function.name} has {length} lines"


def test_an_unknown_error_is_caught_in_one_place_only() -> None:
    broad = [
        relative(path)
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or getattr(node.type, "id", "") in BROAD)
    ]
    assert broad == ["cli/aurora/app.py"]


def test_no_file_waits_to_be_written(repository: RepositoryPaths) -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError\(\)|pragma: no cover")
    found = [
        f"{relative(path)}:{number}"
        for path in PRODUCT
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []
    assert repository.environment_names()
