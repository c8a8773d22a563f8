"""What a check is: a name, its rules, and a run over one inventory."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from aurora.caching.memory import Forgetful, Memory
from aurora.model.finding import Finding, Severity
from aurora.model.place import Place, pointer
from aurora.model.report import CheckResult
from aurora.yamlio.reading import locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aurora.model.inventory import Inventory
    from aurora.model.manifest import Manifest
    from aurora.model.rule import InventoryRule, Rule, Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What checks with outside tools need to know; paths are absolute.

    `policies` are the policy files that judge the objects; `planted` the folders of policies in which a
    `<policy>/planted.yaml` may lie, with objects that violate that policy for certain; `schemas` the folders
    of CRDs beside those that the objects bring along; `pod_security` the level of namespaces that are not
    among the objects; `old` the objects as they run now, where updates are judged; `memory` holds verdicts
    that were proved before; `workspace` is an empty folder of this run for files that tools read.
    """

    cache: Path
    workspace: Path
    schemas: tuple[Path, ...] = ()
    policies: tuple[Path, ...] = ()
    planted: tuple[Path, ...] = ()
    pod_security: str | None = None
    old: tuple[Manifest, ...] = ()
    memory: Memory = field(default_factory=Forgetful)
    parallel: int = 2
    timeout: float = 300.0

    def within(self, workspace: Path) -> Settings:
        """Give the same settings with another workspace, so that checks side by side do not meet."""
        return replace(self, workspace=workspace)


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


def located(manifest: Manifest, steps: Iterable[str | int], *, rule: str, message: str) -> Finding:
    """Make an error finding about a part of a manifest, with the line and column of that part."""
    path = tuple(steps)
    line, column = locate(manifest.text, path)
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        message=message,
        environment=manifest.environment,
        resource=manifest.id,
        pointer=pointer(path),
        place=Place(manifest.source.path, manifest.source.line + line - 1, column),
        origin=manifest.origin,
    )
