"""What a run proved: one result per check, and every finding."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from aurora.model.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class ToolVersion:
    """The outside program or schema set that a check used."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """Counts and findings of one check.

    `examined` counts the objects handed to it, `matched` those it had something to say about, `skipped`
    those it was not meant for; `planted` violations must all be `caught`, or the check raises instead.
    """

    name: str
    examined: int
    matched: int = 0
    skipped: int = 0
    planted: int = 0
    caught: int = 0
    cached: int = 0
    seconds: float = 0.0
    tool: ToolVersion | None = None
    note: str | None = None
    findings: tuple[Finding, ...] = ()

    def plus(self, other: CheckResult) -> CheckResult:
        """Add the counts and findings of the same check on another environment."""
        return replace(
            self,
            examined=self.examined + other.examined,
            matched=self.matched + other.matched,
            skipped=self.skipped + other.skipped,
            planted=self.planted + other.planted,
            caught=self.caught + other.caught,
            cached=self.cached + other.cached,
            seconds=self.seconds + other.seconds,
            tool=self.tool or other.tool,
            note=self.note or other.note,
            findings=self.findings + other.findings,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that one command found, in the order in which it is shown."""

    command: str
    objects: int
    checks: tuple[CheckResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    environments: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """Count the findings of a severity that no waiver covers."""
        return sum(finding.severity is severity and finding.waived is None for finding in self.findings)

    @property
    def waived(self) -> int:
        """How many findings a waiver covers."""
        return sum(finding.waived is not None for finding in self.findings)
