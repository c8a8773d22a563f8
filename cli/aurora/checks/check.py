"""What a check is: a name, its rules, and a run over one inventory."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from aurora.manifests import located
from aurora.model.finding import Finding, Severity
from aurora.model.report import CheckResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aurora.model.inventory import Inventory
    from aurora.model.rule import InventoryRule, Rule, Violation
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
        started = time.monotonic()
        findings = tuple(
            _finding(violation, entry, inventory)
            for entry in self.inventory_rules
            for violation in entry.find(inventory)
        )
        return CheckResult(
            name=self.name,
            examined=len(inventory.manifests),
            matched=len({finding.resource for finding in findings}),
            seconds=time.monotonic() - started,
            findings=findings,
        )


def _finding(violation: Violation, entry: InventoryRule, inventory: Inventory) -> Finding:
    severity = entry.rule.severity
    if entry.softens and not inventory.closed and severity is Severity.ERROR:
        severity = Severity.WARNING
    found = located(violation.manifest, violation.steps, rule=entry.rule.id, message=violation.message)
    return replace(found, severity=severity, hint=violation.hint)
