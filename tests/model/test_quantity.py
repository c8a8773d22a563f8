"""Quantities are read exactly as the API server reads them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.model import quantity

DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("0", 0),
        ("500m", Fraction(1, 2)),
        ("0.1", Fraction(1, 10)),
        ("1.5Gi", 1610612736),
        ("1G", 10**9),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1E", 10**18),
        ("12e-1", Fraction(6, 5)),
        ("+2", 2),
        ("-2Ki", -2048),
        (".5", Fraction(1, 2)),
        ("5.", 5),
        ("007", 7),
        ("0.1n", Fraction(1, 10**9)),
        ("-0.1n", Fraction(-1, 10**9)),
        ("16Ei", 2**63 - 1),
        ("20E", 20 * 10**18),
        (2, 2),
        (0.5, Fraction(1, 2)),
        (1e-05, Fraction(1, 10**5)),
    ],
)
def test_a_quantity_has_its_exact_amount(written: str | float, amount: Fraction | int) -> None:
    assert quantity.parse(written) == amount


@pytest.mark.parametrize(
    "written",
    [
        *("", " 1", "1 ", "one", "1K", "1ki", "1KiB", "1e", "e3", "Mi", "+", ".", "1.2.3", "1m5", "1_000", "٣"),
        *("1e1000", "1" * 65, True, None, [], {}, float("nan"), float("inf")),
    ],
)
def test_anything_else_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="quantity|suffix"):
        quantity.parse(written)  # type: ignore[arg-type]


def test_a_missing_or_unreadable_quantity_reads_as_nothing() -> None:
    assert quantity.read(None) is None
    assert quantity.read("half") is None
    assert quantity.read("250m") == Fraction(1, 4)


@given(st.integers(-(10**12), 10**12), st.sampled_from(sorted(DECIMAL)))
def test_decimal_suffixes_are_powers_of_ten(number: int, suffix: str) -> None:
    assert quantity.parse(f"{number}{suffix}") == number * Fraction(10) ** DECIMAL[suffix]


@given(st.integers(0, 10**9), st.sampled_from(sorted(BINARY)))
def test_binary_suffixes_are_powers_of_two_up_to_the_largest_number(number: int, suffix: str) -> None:
    assert quantity.parse(f"{number}{suffix}") == min(number * 2 ** BINARY[suffix], 2**63 - 1)


@given(st.integers(-99, 99), st.integers(-9, 18))
def test_an_exponent_means_the_same_as_zeros(number: int, exponent: int) -> None:
    assert quantity.parse(f"{number}e{exponent}") == number * Fraction(10) ** exponent


@given(st.fractions(0, 10**15).map(lambda value: Fraction(round(value * 10**9), 10**9)))
def test_what_is_written_for_people_reads_back_as_the_same_amount(amount: Fraction) -> None:
    assert quantity.parse(quantity.render(amount)) == amount


@given(st.text(max_size=70))
def test_any_text_is_a_quantity_or_refused(written: str) -> None:
    found = quantity.read(written)
    assert found is None or isinstance(found, Fraction)
