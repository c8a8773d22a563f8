"""Whole numbers and percentages, as the API server scales them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.model import counts


@pytest.mark.parametrize(
    ("value", "total", "up", "down"),
    [
        (2, 10, 2, 2),
        ("25%", 3, 1, 0),
        ("25%", 4, 1, 1),
        ("50%", 3, 2, 1),
        ("100%", 7, 7, 7),
        ("0%", 7, 0, 0),
        ("25", 4, None, None),
        ("%", 4, None, None),
        ("-5%", 4, None, None),
        (True, 4, None, None),
        (1.5, 4, None, None),
        (None, 4, None, None),
        ([], 4, None, None),
    ],
)
def test_percentages_are_shares_rounded_as_asked(value: object, total: int, up: int | None, down: int | None) -> None:
    assert counts.scaled(value, total, round_up=True) == up  # type: ignore[arg-type]
    assert counts.scaled(value, total, round_up=False) == down  # type: ignore[arg-type]


def test_a_boolean_is_no_number() -> None:
    assert counts.integer(True) is None
    assert counts.integer(1) == 1


@given(st.integers(0, 100), st.integers(0, 10**6))
def test_rounding_up_and_down_differ_by_one_at_most(percent: int, total: int) -> None:
    up = counts.scaled(f"{percent}%", total, round_up=True)
    down = counts.scaled(f"{percent}%", total, round_up=False)
    assert up is not None
    assert down is not None
    assert 0 <= up - down <= 1
    assert down <= percent * total / 100 <= up
