"""Every rule of the inventory checks finds its bad example, and leaves its good one alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora import rule_texts
from aurora.checks.check import InventoryCheck
from aurora.checks.table import all_rules
from aurora.model.rule import Rule
from aurora.tools.settings import Settings
from checks.rule_cases import INVENTORY_CHECKS, found_rules

SETTINGS = Settings(cache=Path("cache"), workspace=Path("workspace"))


CASES = [pytest.param(check, rule, id=rule.id) for check in INVENTORY_CHECKS for rule in check.rules]


@pytest.mark.parametrize(("check", "rule"), CASES)
def test_the_bad_example_breaks_the_rule(check: InventoryCheck, rule: Rule) -> None:
    assert rule.id in found_rules(check, rule_texts.text(rule.id).bad, SETTINGS)


@pytest.mark.parametrize(("check", "rule"), CASES)
def test_the_good_example_keeps_the_rule(check: InventoryCheck, rule: Rule) -> None:
    assert rule.id not in found_rules(check, rule_texts.text(rule.id).good, SETTINGS)


@pytest.mark.parametrize("check", INVENTORY_CHECKS, ids=lambda check: check.name)
def test_rules_are_named_after_their_check_and_only_once(check: InventoryCheck) -> None:
    names = [rule.id for rule in check.rules]
    assert len(set(names)) == len(names)
    assert all(name.startswith(f"{check.name}/") for name in names)


def test_every_rule_has_an_id_of_its_own() -> None:
    ids = [rule.id for rule in all_rules()]
    assert sorted(set(ids)) == sorted(ids)
