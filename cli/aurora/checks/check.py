"""What a check is: a name, its rules, and a run over one inventory."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from aurora.checks.applying import Applied, apply
from aurora.memory.store import Memory
from aurora.model.finding import Finding
from aurora.model.inventory import Inventory
from aurora.model.report import CheckResult, NotJudged
from aurora.model.rule import InventoryRule, Rule
from aurora.tools.settings import Settings

Beside = tuple[tuple[Finding, ...], tuple[NotJudged, ...]]
"""Findings that no object shows, since they are about facts, and what was not judged."""


def nothing_beside(inventory: Inventory) -> Beside:
    """Find nothing beside what the rules find."""
    return (), ()


class Check(Protocol):
    """One row of the table of checks: one run, and a result for each of its names."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its results: what `--only` and `--skip` take, and the first part of its rules' ids."""

    @property
    def rules(self) -> Sequence[Rule]:
        """Everything that the check may find."""

    def only(self, names: Collection[str]) -> Check | None:
        """Give the check that makes only these of its results; None if it makes none of them."""

    def results(self, inventory: Inventory, settings: Settings) -> tuple[CheckResult, ...]:
        """Judge the objects; give a result for each name.

        Raises:
            ToolError: an outside tool gave no proof that it looked at everything.
        """


def names_of(checks: Sequence[Check]) -> tuple[str, ...]:
    """Name the results of checks in their order; one to which several add stands where the last of them does."""
    every = [name for check in checks for name in check.names]
    return tuple(reversed(dict.fromkeys(reversed(every))))


class SingleCheck:
    """A check of one name and one result, which its `run` makes."""

    __slots__ = ()
    name: str

    @property
    def names(self) -> tuple[str, ...]:
        """Its name alone."""
        return (self.name,)

    def only(self, names: Collection[str]) -> Self | None:
        """Give the check itself, if its name is among them."""
        return self if self.name in names else None

    def results(self, inventory: Inventory, settings: Settings) -> tuple[CheckResult, ...]:
        """Run it."""
        return (self.run(inventory, settings),)

    @abstractmethod
    def run(self, inventory: Inventory, settings: Settings) -> CheckResult:
        """Judge the objects.

        Raises:
            ToolError: an outside tool gave no proof that it looked at everything.
        """


@dataclass(frozen=True, slots=True)
class InventoryCheck(SingleCheck):
    """A check made of rules that look at objects only; it needs no outside tool."""

    name: str
    rules: tuple[InventoryRule, ...]
    beside: Callable[[Inventory], Beside] = nothing_beside

    def run(self, inventory: Inventory, settings: Settings) -> CheckResult:
        """Apply every rule to the inventory."""
        return compute([self], inventory, settings.memory)[0]


def compute(checks: Sequence[InventoryCheck], inventory: Inventory, memory: Memory) -> tuple[CheckResult, ...]:
    """Run checks that need no outside tool; what is known of an object is looked up once for all of them."""
    applied = apply([entry for check in checks for entry in check.rules], inventory, memory)
    return tuple(_result(check, inventory, [applied[rule.id] for rule in check.rules]) for check in checks)


def _result(check: InventoryCheck, inventory: Inventory, applied: Sequence[Applied]) -> CheckResult:
    facts, not_judged = check.beside(inventory)
    findings = (*(finding for each in applied for finding in each.findings), *facts)
    objects = len(inventory.manifests)
    return CheckResult(
        name=check.name,
        examined=objects,
        matched=len({finding.resource for finding in findings if finding.resource}),
        cached=objects - max((each.looked_at for each in applied), default=0),
        seconds=sum(each.seconds for each in applied),
        not_judged=not_judged,
        findings=findings,
    )
