"""What a check is: a name, its rules, and a run over one inventory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from aurora.checks.applying import Applied, apply
from aurora.model.report import CheckResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aurora.caching.memory import Memory
    from aurora.model.inventory import Inventory
    from aurora.model.rule import InventoryRule, Rule
    from aurora.tools.settings import Settings


class Check(Protocol):
    """One row of the table of checks."""

    @property
    def name(self) -> str:
        """The name that `--only` and `--skip` take, and the first part of its rules' ids."""

    @property
    def rules(self) -> Sequence[Rule]:
        """Everything that the check may find."""

    def run(self, inventory: Inventory, settings: Settings) -> CheckResult:
        """Judge the objects.

        Raises:
            ToolError: an outside tool gave no proof that it looked at everything.
        """


@dataclass(frozen=True, slots=True)
class InventoryCheck:
    """A check made of rules that look at objects only; it needs no outside tool."""

    name: str
    inventory_rules: tuple[InventoryRule, ...]
    rules: tuple[Rule, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", tuple(entry.rule for entry in self.inventory_rules))

    def run(self, inventory: Inventory, settings: Settings) -> CheckResult:
        """Apply every rule to the inventory."""
        return compute([self], inventory, settings.memory)[0]


def compute(checks: Sequence[InventoryCheck], inventory: Inventory, memory: Memory) -> tuple[CheckResult, ...]:
    """Run checks that need no outside tool; what is known of an object is looked up once for all of them."""
    applied = apply([entry for check in checks for entry in check.inventory_rules], inventory, memory)
    return tuple(_result(check, inventory, [applied[rule.id] for rule in check.rules]) for check in checks)


def _result(check: InventoryCheck, inventory: Inventory, applied: Sequence[Applied]) -> CheckResult:
    findings = tuple(finding for each in applied for finding in each.findings)
    objects = len(inventory.manifests)
    return CheckResult(
        name=check.name,
        examined=objects,
        matched=len({finding.resource for finding in findings}),
        cached=objects - max((each.looked_at for each in applied), default=0),
        seconds=sum(each.seconds for each in applied),
        findings=findings,
    )
