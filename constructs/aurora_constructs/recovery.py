"""How soon something must be back after it is lost, and how much of it may be lost. Imports no cdk8s."""

import datetime
import re
from typing import Annotated

from pydantic import StringConstraints

from aurora_constructs.names import Names
from aurora_constructs.spec import Spec

Span = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,4}[mhd]$")]
"""A time of whole minutes, hours or days: `30m`, `6h`, `35d`."""

RPO, RTO = "rpo", "rto"
"""Annotations of what is backed up, behind the platform's prefix: recovery point and recovery time."""
CHECKS = "checks-backup"
"""Annotation of a CronJob that tries a restore, behind the platform's prefix: the schedule of its backups."""

CLEANS = "cleans"
"""Annotation of a CronJob that deletes what is old, behind the platform's prefix: the claim that it deletes from."""

_SPAN = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def length(span: str) -> datetime.timedelta | None:
    """Give how long a span is; None where the text is none."""
    found = _SPAN.fullmatch(span)
    return datetime.timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def words(time: datetime.timedelta) -> str:
    """Write a time as people state it, in the largest unit that leaves no rest."""
    minutes = round(time.total_seconds() / 60)
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes and minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


class Recovery(Spec):
    """What is promised for the day on which something is lost."""

    rpo: Span
    """Recovery point: of how long before the loss everything may be gone."""
    rto: Span
    """Recovery time: how long it may take until it is back."""

    def annotations(self, names: Names) -> dict[str, str]:
        """Give the annotations of what is backed up."""
        return {names.key(RPO): self.rpo, names.key(RTO): self.rto}
