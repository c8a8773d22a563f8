"""What a check has to say about an object: values, never exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aurora.model.manifest import Origin
    from aurora.model.place import Place
    from aurora.model.resource import ResourceId


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

    @property
    def check(self) -> str:
        """The check, or the stage, whose rule it is: the first part of the rule's id."""
        return self.rule.partition("/")[0]

    @property
    def fails(self) -> bool:
        """Whether this finding alone makes a run red."""
        return self.severity is Severity.ERROR and self.waived is None


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
