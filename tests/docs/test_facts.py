"""Tables of facts name rules that exist, and every rule of the check that a table is about."""

from __future__ import annotations

import re
from pathlib import Path

from aurora.checks.table import all_rules

PAGE = (Path(__file__).resolve().parents[2] / "docs/facts/kubelet.md").read_text(encoding="utf-8")
CHECKS = {rule.id.partition("/")[0] for rule in all_rules()}


def named() -> set[str]:
    found = re.findall(r"`([a-z-]+)/([a-z-]+)`", PAGE)
    return {f"{check}/{name}" for check, name in found if check in CHECKS}


def test_every_rule_that_decides_a_check_of_the_kubelet_exists() -> None:
    assert named() <= {rule.id for rule in all_rules()}


def test_every_rule_about_the_kubelet_stands_in_the_table() -> None:
    assert {rule.id for rule in all_rules() if rule.id.startswith("kubelet/")} <= named()


def test_every_row_says_who_decides_or_why_nobody_does() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| **")][1:]
    assert len(rows) > 40
    assert [row for row in rows if not re.search(r"\| (`[a-z-]+/[a-z-]+`|not decided: )[^|]*\|$", row)] == []
