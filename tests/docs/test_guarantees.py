"""The page of guarantees names rules and tests that exist, and says what is not guaranteed."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

from aurora.checks.table import all_rules

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "guarantees.md"


@dataclass(frozen=True)
class Row:
    statement: str
    rules: tuple[str, ...]
    tests: tuple[str, ...]
    left_open: str


@lru_cache
def rows() -> tuple[Row, ...]:
    found: list[Row] = []
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 4 and cells[0] != "statement":
            statement, rules, tests, left_open = cells
            found.append(Row(statement, _named(rules), _named(tests), left_open))
    return tuple(found)


def _named(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


@lru_cache
def known_tests() -> frozenset[str]:
    return frozenset(
        node.name
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.statement)
def test_every_rule_of_a_statement_exists(row: Row) -> None:
    assert row.rules
    assert set(row.rules) <= {rule.id for rule in all_rules()}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.statement)
def test_every_test_of_a_statement_exists(row: Row) -> None:
    assert row.tests
    assert set(row.tests) <= known_tests()


def test_every_line_of_the_tables_is_read() -> None:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    tables = sum(line.startswith("|---") for line in lines)
    assert len(rows()) == len(lines) - 2 * tables >= 15


def test_the_false_claim_is_said_to_be_false() -> None:
    (row,) = [row for row in rows() if "routing/no-failover-to-canary" in row.rules]
    assert row.left_open.startswith("**Not guaranteed, and false.**")


def test_the_tests_of_the_guarantees_are_named_on_the_page() -> None:
    broken = ast.parse((ROOT / "tests" / "checks" / "test_guarantees.py").read_text()).body
    named = {name for row in rows() for name in row.tests}
    found = {node.name for node in broken if isinstance(node, ast.FunctionDef) and node.name.endswith("_found")}
    assert found <= named
