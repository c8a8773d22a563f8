"""The laws of merging, for trees of any shape."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from aurora.environment.tree import Node, merge, plant, vain_removals
from aurora.model.json_value import JsonValue
from aurora.model.place import Place
from environment.toys import stacked

KEYS = st.sampled_from(["a", "b", "c"])
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["x", "y", ""])
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
LAYERS: st.SearchStrategy[JsonValue] = st.dictionaries(KEYS, VALUES, max_size=3)


def layer(value: JsonValue, name: str) -> Node:
    return plant(value, Place(name))


def every(node: Node) -> Iterator[Node]:
    yield node
    for _, child in node.entries():
        yield from every(child)


def without_nulls(value: JsonValue) -> JsonValue:
    return layer(value, "x").plain()


@given(LAYERS)
def test_nothing_above_or_below_changes_nothing(value: JsonValue) -> None:
    tree = layer(value, "x")
    assert merge(layer({}, "below"), tree).plain() == tree.plain()
    assert merge(tree, layer({}, "above")).plain() == tree.plain()


@given(LAYERS, LAYERS, LAYERS)
def test_layers_may_be_merged_in_any_grouping(first: JsonValue, second: JsonValue, third: JsonValue) -> None:
    one, two, three = layer(first, "1"), layer(second, "2"), layer(third, "3")
    assert merge(merge(one, two), three) == merge(one, merge(two, three))


@given(LAYERS, LAYERS)
def test_what_the_upper_layer_says_holds(lower: JsonValue, upper: JsonValue) -> None:
    merged, above = merge(layer(lower, "lower"), layer(upper, "upper")), layer(upper, "upper")
    for steps, node in leaves(above, ()):
        assert merged.find(steps) is not None
        assert merged.nearest(steps).plain() == node.plain()
        assert merged.nearest(steps).place == Place("upper")


def leaves(node: Node, steps: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Yield what replaces: scalars and lists; a mapping may gain entries from below."""
    if not isinstance(node.content, dict):
        yield steps, node
    for step, child in node.entries():
        if isinstance(step, str):
            yield from leaves(child, (*steps, step))


@given(LAYERS, LAYERS)
def test_every_value_comes_from_one_of_the_layers(lower: JsonValue, upper: JsonValue) -> None:
    merged = merge(layer(lower, "lower"), layer(upper, "upper"))
    assert {node.place.path for node in every(merged)} <= {"lower", "upper"}


@given(LAYERS, LAYERS)
def test_what_was_overridden_is_what_stood_below(lower: JsonValue, upper: JsonValue) -> None:
    below, merged = layer(lower, "lower"), merge(layer(lower, "lower"), layer(upper, "upper"))

    def compare(old: Node, new: Node) -> None:
        if new.place.path == "upper" and not (isinstance(old.content, dict) and isinstance(new.content, dict)):
            assert list(new.overridden()) == [old]
        elif isinstance(old.content, dict) and isinstance(new.content, dict):
            for key, child in old.content.items():
                compare(child, new.content[key])
        else:
            assert new == old

    compare(below, merged)


@given(LAYERS)
def test_a_layer_over_itself_changes_nothing_but_places(value: JsonValue) -> None:
    sound = without_nulls(value)
    assert merge(layer(sound, "1"), layer(sound, "2")).plain() == sound


@given(LAYERS, LAYERS)
def test_a_null_leaves_no_entry(lower: JsonValue, upper: JsonValue) -> None:
    merged = merge(layer(lower, "lower"), layer(upper, "upper")).plain()

    def no_null_entries(value: JsonValue) -> bool:
        if isinstance(value, dict):
            return all(entry is not None and no_null_entries(entry) for entry in value.values())
        return all(no_null_entries(entry) for entry in value) if isinstance(value, list) else True

    assert no_null_entries(merged)


def test_mappings_merge_deeply_and_the_rest_replaces() -> None:
    merged = stacked(
        {"a": {"b": {"c": 1, "d": 2}}, "list": [1, 2], "scalar": 1, "form": {"x": 1}},
        {"a": {"b": {"c": 3, "e": 4}}, "list": [9], "scalar": 2, "form": "text"},
    )
    assert merged.plain() == {"a": {"b": {"c": 3, "d": 2, "e": 4}}, "list": [9], "scalar": 2, "form": "text"}


def test_null_removes_and_a_higher_layer_may_say_it_again() -> None:
    merged = stacked({"a": {"x": 1, "y": 2}}, {"a": None}, {"a": {"z": 3}})
    assert merged.plain() == {"a": {"z": 3}}
    entry = merged.find(("a",))
    assert entry is not None
    assert [older.plain() for older in entry.overridden()] == [None, {"x": 1, "y": 2}]
    assert list(vain_removals(merged)) == []


def test_a_null_over_nothing_is_found_even_where_a_higher_layer_covers_it() -> None:
    merged = stacked({"a": {"x": None}, "b": None}, {"a": {"x": 1}, "b": {"c": None}}, {"b": 3})
    assert [steps for steps, _ in vain_removals(merged)] == [("a", "x"), ("b", "c"), ("b",)]


def test_removing_what_is_removed_already_removes_nothing() -> None:
    merged = stacked({"a": 1}, {"a": None}, {"a": None})
    assert [(steps, node.place.path) for steps, node in vain_removals(merged)] == [(("a",), "2")]


def test_a_null_in_a_list_removes_nothing() -> None:
    merged = stacked({"a": [1, None, {"b": None}]}, {"a": [None]})
    assert [steps for steps, _ in vain_removals(merged)] == [("a", 0), ("a", 1), ("a", 2, "b")]
