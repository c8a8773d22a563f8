"""Durations as Go writes them, which Velero and the schedules of robfig/cron take. Imports no cdk8s.

Source: Go, `time.ParseDuration`.
"""

import datetime
import re

AMOUNTS = r"(?:[0-9]*\.?[0-9]+(?:ns|us|µs|ms|s|m|h))+"
"""The form of what follows the sign."""
_DURATION = re.compile(rf"[-+]?{AMOUNTS}|0")
_AMOUNT = re.compile(r"([0-9]*\.?[0-9]+)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def duration(written: str) -> datetime.timedelta | None:
    """Read a duration; None where the text is none."""
    if not _DURATION.fullmatch(written):
        return None
    found = datetime.timedelta(seconds=sum(float(count) * _SECONDS[unit] for count, unit in _AMOUNT.findall(written)))
    return -found if written.startswith("-") else found
