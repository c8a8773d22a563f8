"""Generated objects are compared whole: what Kyverno leaves out decides here."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.model.json_value import JsonValue
from aurora.suites.generated import first_difference

VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(value=VALUES)
def test_a_value_does_not_differ_from_its_copy(value: JsonValue) -> None:
    assert first_difference(value, copy.deepcopy(value)) is None


@given(one=VALUES, other=VALUES)
def test_a_difference_is_seen_from_both_sides(one: JsonValue, other: JsonValue) -> None:
    assert (first_difference(one, other) is None) == (first_difference(other, one) is None)


@pytest.mark.parametrize(
    ("expected", "actual", "steps"),
    [
        ({"ingress": [{}]}, {}, ("ingress",)),
        ({"spec": {"podSelector": {}}}, {"spec": {}}, ("spec", "podSelector")),
        ({"spec": {"ingress": [{}]}}, {"spec": {"ingress": []}}, ("spec", "ingress")),
        ([1, 2], [1, 3], (1,)),
        (True, 1, ()),
        ("1", 1, ()),
        (None, {}, ()),
    ],
)
def test_the_first_difference_is_named(expected: JsonValue, actual: JsonValue, steps: tuple[str | int, ...]) -> None:
    assert first_difference(expected, actual) == steps


def test_a_number_is_the_same_in_both_of_its_forms() -> None:
    assert first_difference({"port": 53}, {"port": 53.0}) is None
