"""Differences of bodies as they are written: applying them to one body gives the other."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aurora.changes.structural import differences, equal
from aurora.model.change import ABSENT, FieldChange
from aurora.model.place import steps

keys = st.sampled_from(["a", "b", "x.y/z", "name", "~", ""])
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "1", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=10,
)
objects = st.dictionaries(keys, values, max_size=4)


def shown(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [entry.path for entry in differences(before, after)]


def without_lists(value: Any) -> bool:
    if isinstance(value, list):
        return False
    return all(map(without_lists, value.values())) if isinstance(value, dict) else True


def applied(body: dict[str, Any], changes: tuple[FieldChange, ...]) -> dict[str, Any]:
    result = copy.deepcopy(body)
    for change in changes:
        *way, last = steps(change.pointer)
        target = result
        for step in way:
            target = target[step]
        if change.after is ABSENT:
            del target[last]
        else:
            target[last] = change.after
    return result


@given(objects, objects)
def test_there_are_differences_exactly_where_bodies_are_not_equal(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert (differences(before, after) == ()) == equal(before, after)


@given(objects.filter(without_lists), objects.filter(without_lists))
def test_differences_lead_from_one_body_to_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert equal(applied(before, differences(before, after)), after)


def test_null_is_not_absent() -> None:
    (found,) = differences({"a": None}, {})
    assert found.before is None
    assert found.after is ABSENT


def test_items_with_names_are_told_apart_by_them() -> None:
    before: dict[str, Any] = {"c": [{"name": "a", "x": 1}, {"name": "b", "x": 1}]}
    after: dict[str, Any] = {"c": [{"name": "z"}, {"name": "a", "x": 2}]}
    found = differences(before, after)
    assert [(entry.path, entry.pointer) for entry in found] == [
        ("c[name=z]", "/c/0"),
        ("c[name=a].x", "/c/1/x"),
        ("c[name=b]", "/c/1"),
    ]


def test_another_order_is_one_difference() -> None:
    (found,) = differences({"c": [{"name": "a"}, {"name": "b"}]}, {"c": [{"name": "b"}, {"name": "a"}]})
    assert found.reordered
    assert (found.before, found.after) == (["name=a", "name=b"], ["name=b", "name=a"])


def test_other_lists_are_compared_between_what_both_begin_and_end_with() -> None:
    assert shown({"a": ["x", "y"]}, {"a": ["x", "new", "y"]}) == ["a[1]"]
    assert shown({"a": ["x", "old", "y"]}, {"a": ["x", "y"]}) == ["a[1]"]
    assert shown({"a": [1, 2]}, {"a": [1, 3]}) == ["a[1]"]


def test_keys_that_are_no_words_stand_in_brackets() -> None:
    assert shown({"m": {}}, {"m": {"example.com/x": "1", "a b": "2"}}) == ['m["a b"]', "m[example.com/x]"]


def test_status_belongs_to_controllers() -> None:
    assert differences({"status": {"x": 1}}, {}) == ()
