"""Schedules of five fields, as Kubernetes, Argo Workflows, Velero and KEDA read them. Imports no cdk8s.

Source: robfig/cron 3.0.1, parser.go (`ParseStandard`) and spec.go (`dayMatches`), which all four use.
"""

import datetime
import itertools
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from aurora_constructs.durations import AMOUNTS, duration

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, Sequence[str]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 6, _DAYS),
)
_NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_EVERY = re.compile(rf"@every (?P<time>[-+]?{AMOUNTS})")
_LEAST = datetime.timedelta(seconds=1)
_PART = re.compile(r"(?P<first>\*|\?|\w+)(-(?P<last>\w+))?(/(?P<step>[0-9]+))?")
_FIRST_DAY = datetime.date(2024, 1, 1)
_DAYS_LOOKED_AT = 366 * 9
"""Two leap years and more: what happens at all happens in them, and its largest gap too."""
_MINUTES_OF_A_DAY = 24 * 60


def wrong(written: str) -> str | None:
    """Say what is wrong with a schedule of five fields, or with a word that begins with `@`; None where nothing is."""
    if written.startswith("@"):
        return None if written in _NAMED or _EVERY.fullmatch(written) else f"`{written}` is no word for a schedule"
    fields = written.split()
    if len(fields) != len(_FIELDS):
        return f"it has {len(fields)} fields instead of {len(_FIELDS)}"
    for field, (name, least, most, words) in zip(fields, _FIELDS, strict=True):
        for part in field.split(","):
            if not _in_bounds(part, least, most, words):
                return f"`{part}` is no {name}"
    return None


def _in_bounds(part: str, least: int, most: int, words: Sequence[str]) -> bool:
    found = _PART.fullmatch(part)
    if not found or found["step"] == "0" or (found["step"] and not int(found["step"])):
        return False
    if found["first"] in ("*", "?"):
        return found["last"] is None
    first = _number(found["first"], least, words)
    last = _number(found["last"], least, words) if found["last"] else first
    return first is not None and last is not None and least <= first <= last <= most


def _number(written: str, least: int, words: Sequence[str]) -> int | None:
    if written.isdecimal():
        return int(written)
    return words.index(written.lower()) + least if written.lower() in words else None


@cache
def longest_gap(written: str) -> datetime.timedelta | None:
    """Give the longest time between two runs of a schedule; None where it never runs, such as on 30 February.

    Changes of the clock in summer and winter are left out.

    Raises:
        ValueError: it is no schedule.
    """
    problem = wrong(written)
    if problem:
        raise ValueError(problem)
    if every := _EVERY.fullmatch(written):
        return max(abs(duration(every["time"]) or _LEAST), _LEAST)
    minutes, hours, days, months, weekdays = _sets(_NAMED.get(written, written))
    times = [hour * 60 + minute for hour in sorted(hours[0]) for minute in sorted(minutes[0])]
    running = list(_running_days(days, months[0], weekdays))
    if not running:
        return None
    within = max((after - before for before, after in itertools.pairwise(times)), default=0)
    rest = max(after - before for before, after in itertools.pairwise(running))
    return datetime.timedelta(minutes=max(within, rest * _MINUTES_OF_A_DAY - times[-1] + times[0]))


_Field = tuple[frozenset[int], bool]
"""The numbers that a field means, and whether it leaves the choice to the other field of days."""


def _sets(written: str) -> list[_Field]:
    return [_numbers(field, *bounds) for field, (_, *bounds) in zip(written.split(), _FIELDS, strict=True)]  # type: ignore[arg-type]


def _numbers(field: str, least: int, most: int, words: Sequence[str]) -> _Field:
    found: set[int] = set()
    free = False
    for part in field.split(","):
        parsed = _PART.fullmatch(part)
        if parsed is None:
            raise ValueError(f"`{part}` is no part of a schedule")
        step = int(parsed["step"] or 1)
        if parsed["first"] in ("*", "?"):
            first, last = least, most
            free = free or step == 1
        else:
            first = _number(parsed["first"], least, words) or 0
            # Without an end, a step runs to the largest number of the field (`getRange`).
            last = (_number(parsed["last"], least, words) or 0) if parsed["last"] else most if parsed["step"] else first
        found.update(range(first, last + 1, step))
    return frozenset(found), free


def _running_days(days: _Field, months: frozenset[int], weekdays: _Field) -> Iterator[int]:
    """Yield the days with a run, as numbers: both fields of days must fit where one is free, otherwise one of them."""
    for offset in range(_DAYS_LOOKED_AT):
        day = _FIRST_DAY + datetime.timedelta(days=offset)
        fits = day.day in days[0], day.isoweekday() % 7 in weekdays[0]
        if day.month in months and (all(fits) if days[1] or weekdays[1] else any(fits)):
            yield offset


def _runs(written: str) -> str:
    problem = wrong(written)
    if problem:
        raise ValueError(f"no schedule: {problem}; write minute, hour, day, month and day of the week: `0 3 * * 1-5`")
    if longest_gap(written) is None:
        raise ValueError(f"`{written}` never comes: no month has such a day")
    return written


Cron = Annotated[str, StringConstraints(max_length=100), AfterValidator(_runs)]
"""A schedule: minute, hour, day of the month, month and day of the week."""
