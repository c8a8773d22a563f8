"""Specifications as shapes: which part of a type describes which part of a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Optional

import pytest
from pydantic import Field

from aurora.environment.shape import fields, shape_of, walk
from aurora.environment.tree import plant
from aurora.model.json_value import JsonValue
from aurora.model.place import Place
from aurora_constructs.spec import ComponentReference, Spec

MARK = ComponentReference(("Store",))


class Inner(Spec):
    """An inner model."""

    first_name: str = "x"
    """A name."""
    other: Annotated[str, MARK] | None = None


class Left(Spec):
    side: Literal["left"]
    only_left: int = 1


class Right(Spec):
    side: Literal["right"]
    only_right: Inner = Inner(first_name="y", other=None)


class Outer(Spec):
    inner: Inner
    pair: tuple[int, Inner]
    many: tuple[Inner, ...] = ()
    named: dict[Annotated[str, MARK], Inner] = {}
    side: Annotated[Left | Right, Field(discriminator="side")] | None = None
    free: dict[str, Any] = {}
    marked: Annotated[list[str], MARK] = []
    optional: Optional[Annotated[str, MARK]] = None  # noqa: UP045 - both forms
    abstract: Mapping[str, Sequence[Inner]] = {}
    made: list[int] = Field(default_factory=lambda: [1])
    derived: int = Field(default_factory=len)


def visited(value: JsonValue, *, defaults: bool = False) -> dict[str, str]:
    """Walk a value: path -> the model it is unknown to, the model whose default it is, or the type."""
    found: dict[str, str] = {}
    for visit in walk(shape_of(Outer), plant(value, Place("x")), (), defaults=defaults):
        path = ".".join(map(str, visit.steps))
        if visit.shape is None:
            found[path] = f"unknown to {visit.parent.annotation.__name__}"
        elif visit.default_of is not None:
            found[path] = f"default of {visit.default_of.__name__}: {visit.node.plain()!r}"
        else:
            found[path] = "known"
    return found


@pytest.mark.parametrize(
    ("value", "unknown"),
    [
        ({"inner": {"firstName": "a"}}, {}),
        ({"inner": {"first_name": "a"}}, {"inner.first_name": "unknown to Inner"}),
        ({"pair": [1, {"x": 1}]}, {"pair.1.x": "unknown to Inner"}),
        ({"many": [{}, {"x": 1}]}, {"many.1.x": "unknown to Inner"}),
        ({"named": {"a": {"x": 1}}}, {"named.a.x": "unknown to Inner"}),
        ({"side": {"side": "left", "onlyRight": {}}}, {"side.onlyRight": "unknown to Left"}),
        ({"side": {"onlyRight": {"x": 1}}}, {"side.onlyRight.x": "unknown to Inner"}),
        ({"abstract": {"a": [{"x": 1}]}}, {"abstract.a.0.x": "unknown to Inner"}),
        ({"abstract": {"a": [{"x": 1}]}}, {"abstract.a.0.x": "unknown to Inner"}),
        ({"free": {"x": {"y": [{"z": 1}]}}}, {}),
        ({"inner": [1], "many": {"a": 1}, "named": 3, "pair": [1, {}, {"x": 1}]}, {}),
        ({"nothing": {"x": {"y": 1}}}, {"nothing": "unknown to Outer"}),
    ],
)
def test_a_walk_knows_which_keys_a_model_has(value: JsonValue, unknown: dict[str, str]) -> None:
    assert {path: what for path, what in visited(value).items() if what != "known"} == unknown


def test_a_walk_fills_in_what_was_left_out() -> None:
    found = visited({"inner": {"firstName": "a"}, "side": {"side": "right"}}, defaults=True)
    defaults = {path: what for path, what in found.items() if what != "known"}
    assert defaults == {
        "inner.other": "default of Inner: None",
        "many": "default of Outer: []",
        "named": "default of Outer: {}",
        "side.onlyRight": "default of Right: {'firstName': 'y'}",
        "side.onlyRight.firstName": "default of Right: 'y'",
        "free": "default of Outer: {}",
        "marked": "default of Outer: []",
        "optional": "default of Outer: None",
        "abstract": "default of Outer: {}",
        "made": "default of Outer: [1]",
        "made.0": "default of Outer: 1",
    }


def test_marks_are_found_beside_the_type_in_it_and_around_it() -> None:
    shapes = fields(Outer)
    item = shapes["marked"].child(0)
    keys = shapes["named"].keys
    assert item is not None
    assert keys is not None
    assert [MARK in shape.marks for shape in (shapes["optional"], item, keys, fields(Inner)["other"])] == [True] * 4
    assert MARK not in shapes["free"].marks


def test_a_field_has_its_description() -> None:
    assert fields(Inner)["firstName"].description == "A name."
