"""Which breaches of the checks' rules a change brings: those that the earlier state does not have.

Must not know rules: whoever asks names one, and hands over both inventories.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aurora.model.inventory import Inventory
    from aurora.model.rule import InventoryRule, Violation


def rule(rules: Sequence[InventoryRule], name: str) -> InventoryRule:
    """Give the rule of that id.

    Raises:
        LookupError: there is none.
    """
    for entry in rules:
        if entry.rule.id == name:
            return entry
    raise LookupError(f"there is no rule `{name}`")


def brought(entry: InventoryRule, before: Inventory, after: Inventory) -> Iterator[Violation]:
    """Yield the breaches after a change that no object has at the same place before it."""
    known = {(violation.manifest.id.identity, violation.steps) for violation in entry.find(before)}
    for violation in entry.find(after):
        if (violation.manifest.id.identity, violation.steps) not in known:
            yield violation
