"""Amounts are written as people count: bytes with binary suffixes, everything else without."""

from __future__ import annotations

from fractions import Fraction

import pytest

from aurora.model.diff import Totals
from aurora.reporters import diff_words


def written(before: Totals, after: Totals) -> dict[str, tuple[str, str, str]]:
    return {entry.what: (entry.before, entry.after, entry.delta) for entry in diff_words.amounts(before, after)}


def test_pods_cores_and_gpus_are_numbers_however_many() -> None:
    large = Totals(pods=2048, cpu=Fraction(4096), gpus=Fraction(1024), memory=Fraction(2**31), storage=Fraction(2**40))
    found = written(Totals(), large)
    assert found["pods"] == ("0", "2048", "+2048")
    assert found["CPU cores"] == ("0", "4096", "+4096")
    assert found["GPUs"] == ("0", "1024", "+1024")
    assert found["memory"] == ("0", "2Gi", "+2Gi")
    assert found["storage"] == ("0", "1Ti", "+1Ti")


@pytest.mark.parametrize(
    ("cores", "words"), [("2.75", "2.75"), ("0.05", "0.05"), ("1234.567", "1234.567"), ("100000.001", "100000.001")]
)
def test_thousandths_of_a_core_are_all_there(cores: str, words: str) -> None:
    assert written(Totals(), Totals(cpu=Fraction(cores)))["CPU cores"][1] == words


def test_less_is_written_with_a_minus() -> None:
    assert written(Totals(pods=3), Totals(pods=1))["pods"] == ("3", "1", "\N{MINUS SIGN}2")
