"""What a check has to say about an object: values, never exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aurora.model.manifest import Origin
    from aurora.model.place import Place
    from aurora.model.resource import ResourceId
    from aurora.model.rule import Rule


class Severity(StrEnum):
    """How bad: an error fails the run, a warning does so with `--strict`, a note never does."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One statement about one place, complete enough to be shown without its manifest.

    `waived` holds the reason of the waiver that covers it: it stays in the report and fails nothing. `sources`
    names the checks that agree on it, where more than one does.
    """

    rule: str
    severity: Severity
    message: str
    environment: str | None = None
    resource: ResourceId | None = None
    pointer: str | None = None
    place: Place | None = None
    origin: Origin | None = None
    hint: str | None = None
    waived: str | None = None
    sources: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        rule: Rule,
        message: str,
        place: Place | None = None,
        *,
        resource: ResourceId | None = None,
        pointer: str | None = None,
        hint: str | None = None,
    ) -> Finding:
        """Make a finding of a rule, with the rule's own severity."""
        return cls(
            rule=rule.id,
            severity=rule.severity,
            message=message,
            place=place,
            resource=resource,
            pointer=pointer,
            hint=hint,
        )

    @property
    def check(self) -> str:
        """The check, or the stage, whose rule it is: the first part of the rule's id."""
        return self.rule.partition("/")[0]

    @property
    def fails(self) -> bool:
        """Whether this finding alone makes a run red."""
        return self.severity is Severity.ERROR and self.waived is None


@dataclass(frozen=True, slots=True)
class Entry:
    """Findings that say the same of several places: reports show them as one, with every place."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding that says what all of them say."""
        return self.findings[0]

    @property
    def count(self) -> int:
        """How many places it is said of."""
        return len(self.findings)


def folded(findings: Iterable[Finding]) -> tuple[Entry, ...]:
    """Put findings of one rule with one text together, in the order of the first of each; none is lost."""
    entries: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        said = (finding.rule, finding.severity, finding.message, finding.hint, finding.waived, finding.sources)
        entries.setdefault(said, []).append(finding)
    return tuple(Entry(tuple(found)) for found in entries.values())


def order(finding: Finding) -> tuple[str, str, int, int, str, str]:
    """Sort key of reports: by place, then rule, then words."""
    place = finding.place
    return (
        finding.environment or "",
        place.path if place else "",
        place.line if place else 0,
        place.column if place else 0,
        finding.rule,
        finding.message,
    )
