"""Schedules: what is one, and the longest time between two of its runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from aurora_constructs import cron

READ = TypeAdapter(cron.Cron)


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("0 */6 * * *", 6),
        ("30 1 * * *", 24),
        ("0 3 * * 1-5", 72),
        ("0 3 * * mon-fri", 72),
        ("0 22,2 * * *", 20),
        ("5/20 * * * *", 1 / 3),
        ("0 0 29 2 *", 1461 * 24),
        ("@hourly", 1),
        ("@every 1h30m", 1.5),
        # With both fields of days either is enough; `*` leaves the choice to the other one.
        ("0 0 13 * 5", 168),
        ("0 0 */1 * 5", 168),
    ],
)
def test_the_longest_gap_is_that_between_two_runs_which_are_farthest_apart(written: str, hours: float) -> None:
    assert cron.longest_gap(written) == timedelta(hours=hours)


def test_a_gap_over_midnight_counts() -> None:
    assert cron.longest_gap("0 8-18 * * *") == timedelta(hours=14)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("0 3 * *", "it has 4 fields instead of 5"),
        ("61 3 * * *", "`61` is no minute"),
        ("0 3 * * 7", "`7` is no day of the week"),
        ("0 3 30 2 *", "never comes"),
        ("@fortnightly", "is no word for a schedule"),
    ],
)
def test_what_is_no_schedule_is_refused_with_its_part(written: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        READ.validate_python(written)
