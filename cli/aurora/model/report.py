"""What a run proved: one result per check, and every finding."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from aurora.model.finding import Finding, Severity
from aurora.model.json_value import JsonObject, items


@dataclass(frozen=True, slots=True)
class ToolVersion:
    """The outside program or schema set that a check used."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class NotJudged:
    """What nobody judged because something was not given; the hint says how to give it."""

    check: str
    message: str
    hint: str


SEPARATOR = "; "
"""Stands between the parts of a note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """Counts and findings of one check.

    `examined` counts the objects handed to it, `matched` those it had something to say about, `skipped`
    those it was not meant for; `planted` violations must all be `caught`, or the check raises instead. Policies that
    only record are violated by `would_be_refused` objects.
    """

    name: str
    examined: int
    matched: int = 0
    skipped: int = 0
    planted: int = 0
    caught: int = 0
    cached: int = 0
    would_be_refused: int = 0
    seconds: float = 0.0
    tool: ToolVersion | None = None
    note: str | None = None
    details: JsonObject = field(default_factory=dict)
    not_judged: tuple[NotJudged, ...] = ()
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
            would_be_refused=self.would_be_refused + other.would_be_refused,
            seconds=self.seconds + other.seconds,
            tool=self.tool or other.tool,
            note=_once(self.note, other.note),
            details=_joined(self.details, other.details),
            not_judged=tuple(dict.fromkeys(self.not_judged + other.not_judged)),
            findings=self.findings + other.findings,
        )


def _once(*notes: str | None) -> str | None:
    """Join notes, whose parts end with semicolons: environments have most of them in common."""
    parts = [part for note in notes if note for part in note.split(SEPARATOR)]
    return SEPARATOR.join(dict.fromkeys(parts)) or None


def _joined(first: JsonObject, second: JsonObject) -> JsonObject:
    """Append the lists of two environments under their keys."""
    return {key: [*items(first.get(key)), *items(second.get(key))] for key in {**first, **second}}


BASELINE = "baseline"
WAYS = {"settings": "the settings", BASELINE: "the baseline", "comment": "a comment"}
"""How a finding may be silenced, in words."""


@dataclass(frozen=True, slots=True)
class Silenced:
    """A finding that the settings of the repository take out of the report, or a comment or the baseline; it counts."""

    finding: Finding
    by: str
    reason: str

    @property
    def shown(self) -> Finding:
        """The finding as reports show what fails nothing."""
        return replace(self.finding, waived=f"silenced by {WAYS[self.by]} ({self.reason})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that one command found, in the order in which it is shown."""

    command: str
    objects: int
    checks: tuple[CheckResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    silenced: tuple[Silenced, ...] = ()
    environments: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """Count the findings of a severity that no waiver covers."""
        return sum(finding.severity is severity and finding.waived is None for finding in self.findings)

    @property
    def not_judged(self) -> tuple[NotJudged, ...]:
        """What the checks of this run could not judge, for want of something that was not given."""
        return tuple(entry for check in self.checks for entry in check.not_judged)

    @property
    def would_be_refused(self) -> int:
        """How many objects a cluster takes although they violate a policy, since the policy only records."""
        return sum(check.would_be_refused for check in self.checks)

    @property
    def waived(self) -> int:
        """How many findings a waiver covers."""
        return sum(finding.waived is not None for finding in self.findings)

    @property
    def silenced_by(self) -> dict[str, int]:
        """How many findings each way of silencing took out."""
        return dict(sorted(Counter(entry.by for entry in self.silenced).items()))
