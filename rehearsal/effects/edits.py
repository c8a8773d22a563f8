"""Edits of an object: each of its fields with another value, and without it. Must not know what a field means."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import cast

from aurora.model.json_value import JsonObject, JsonValue

Steps = tuple[str | int, ...]

_KEPT = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"), ("status",))
"""Without these, or with others, it is another object, or none that a manifest says anything about."""


def edits(body: JsonObject) -> Iterator[tuple[str, str, JsonObject]]:
    """Give every edit of one field: its path without the indexes of lists, how it is edited, and the object."""
    for steps, value in _fields((), body):
        if any(steps[: len(kept)] == kept for kept in _KEPT):
            continue
        path = ".".join("*" if isinstance(step, int) else f"[{step}]" if "." in step else step for step in steps)
        for other in _others(value):
            yield path, "altered", _with(body, steps, other)
        yield path, "removed", _without(body, steps)


def _fields(steps: Steps, value: JsonValue) -> Iterator[tuple[Steps, JsonValue]]:
    """Walk to the values at the ends, through the first item of each list."""
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from _fields((*steps, key), each)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from _fields((*steps, 0), value[0])
    else:
        yield steps, value


def _others(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
    elif isinstance(value, str):
        yield _other(value)
    elif isinstance(value, list) and value:
        yield value[1:]


def _other(value: str) -> str:
    """Give a similar text: the first digit is another one, or the last letter is there twice."""
    digit = next((number for number, letter in enumerate(value) if letter in "12345678"), None)
    if digit is None:
        return value + value[-1:]
    return f"{value[:digit]}{int(value[digit]) + 1}{value[digit + 1 :]}"


def _holder(body: JsonObject, steps: Steps) -> JsonValue:
    found: JsonValue = body
    for step in steps[:-1]:
        found = cast("JsonObject", found)[cast("str", step)]
    return found


def _with(body: JsonObject, steps: Steps, value: JsonValue) -> JsonObject:
    edited = deepcopy(body)
    cast("JsonObject", _holder(edited, steps))[cast("str", steps[-1])] = value
    return edited


def _without(body: JsonObject, steps: Steps) -> JsonObject:
    edited = deepcopy(body)
    del cast("JsonObject", _holder(edited, steps))[cast("str", steps[-1])]
    return edited
