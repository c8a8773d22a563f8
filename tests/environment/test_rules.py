"""Every rule finds its bad example, and leaves its good one alone; the examples are of built-in kinds."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from aurora import rule_texts
from aurora.environment import facts
from aurora.environment.load import load
from aurora.environment.rules import RULES
from aurora.environment.waivers import apply
from aurora.errors import InputError
from aurora.model.finding import Severity
from aurora.model.rule import Rule
from environment.toys import repository

TODAY = datetime.date(2026, 6, 1)


def broken(root: Path, example: str) -> list[str]:
    """Load the example as an environment named `example`, and judge its waivers where it can be loaded."""
    paths = repository(root, {"example.yaml": example})
    try:
        environment = load(paths, "example")
    except InputError as error:
        return [finding.rule for finding in error.findings]
    return [finding.rule for finding in (*apply((), environment, TODAY), *facts.unused(environment))]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_bad_example_breaks_this_rule_and_no_other(rule: Rule, tmp_path: Path) -> None:
    assert broken(tmp_path, rule_texts.text(rule.id).bad) == [rule.id]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_good_example_breaks_no_rule(rule: Rule, tmp_path: Path) -> None:
    assert broken(tmp_path, rule_texts.text(rule.id).good) == []


def test_rules_are_errors_with_a_name_of_their_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES) == 19
    assert all(rule.id.startswith("environment/") for rule in RULES)
    assert [rule.id for rule in RULES if rule.severity is not Severity.ERROR] == ["environment/unused-fact"]
