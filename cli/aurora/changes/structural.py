"""Names the differences of two bodies as they are written, for objects that have no stored form.

Knows no schema: items of lists are told apart by a `name` that every item has, or by their position.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from aurora.model.change import ABSENT, Absent, FieldChange
from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.place import Step, pointer

_SIMPLE = re.compile(r"[A-Za-z0-9_-]+")
_BRACKETED = re.compile(r"[A-Za-z0-9_./:@-]+")


def differences(before: JsonObject, after: JsonObject) -> tuple[FieldChange, ...]:
    """List the fields in which two bodies differ, status left out: it belongs to controllers."""
    old = {key: value for key, value in before.items() if key != "status"}
    new = {key: value for key, value in after.items() if key != "status"}
    return tuple(_fields(_Spot((), (), ""), old, new))


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a comparison stands: an item of a list may have another index on each side."""

    before: tuple[Step, ...]
    after: tuple[Step, ...]
    path: str

    def field(self, name: str) -> _Spot:
        if _SIMPLE.fullmatch(name):
            step = f".{name}" if self.path else name
        else:
            step = f"[{name if _BRACKETED.fullmatch(name) else json.dumps(name)}]"
        return _Spot((*self.before, name), (*self.after, name), self.path + step)

    def item(self, old: int, new: int, label: str) -> _Spot:
        return _Spot((*self.before, old), (*self.after, new), f"{self.path}[{label}]")

    def change(self, before: JsonValue | Absent, after: JsonValue | Absent, *, reordered: bool = False) -> FieldChange:
        steps = self.before if after is ABSENT else self.after
        return FieldChange(pointer=pointer(steps), path=self.path, before=before, after=after, reordered=reordered)


def equal(one: JsonValue, other: JsonValue) -> bool:
    """Compare values as JSON does: `true` is not 1."""
    return one == other and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _fields(at: _Spot, before: JsonObject, after: JsonObject) -> Iterator[FieldChange]:
    for key in sorted(before.keys() | after.keys()):
        if key not in after:
            yield at.field(key).change(before[key], ABSENT)
        elif key not in before:
            yield at.field(key).change(ABSENT, after[key])
        else:
            yield from _value(at.field(key), before[key], after[key])


def _value(at: _Spot, before: JsonValue, after: JsonValue) -> Iterator[FieldChange]:
    if equal(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _fields(at, before, after)
    elif isinstance(before, list) and isinstance(after, list):
        old, new = _names(before), _names(after)
        if old and new and old.keys() & new.keys():
            yield from _named(at, old, new)
        else:
            yield from _positions(at, before, after)
    else:
        yield at.change(before, after)


def _names(entries: list[JsonValue]) -> dict[str, tuple[int, JsonValue]]:
    """Index items by their names; give nothing where one has none or two have the same."""
    found: dict[str, tuple[int, JsonValue]] = {
        name: (number, entry)
        for number, entry in enumerate(entries)
        if isinstance(entry, dict) and isinstance(name := entry.get("name"), str)
    }
    return found if len(found) == len(entries) else {}


def _named(
    at: _Spot, before: dict[str, tuple[int, JsonValue]], after: dict[str, tuple[int, JsonValue]]
) -> Iterator[FieldChange]:
    for name, (number, value) in after.items():
        label = f"name={name if _BRACKETED.fullmatch(name) else json.dumps(name)}"
        if name in before:
            was, old = before[name]
            yield from _value(at.item(was, number, label), old, value)
        else:
            yield at.item(number, number, label).change(ABSENT, value)
    for name, (number, value) in before.items():
        if name not in after:
            yield at.item(number, number, f"name={name}").change(value, ABSENT)
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield at.change([f"name={name}" for name in before], [f"name={name}" for name in after], reordered=True)


def _positions(at: _Spot, before: list[JsonValue], after: list[JsonValue]) -> Iterator[FieldChange]:
    """Compare what lies between the items that both lists begin and end with."""
    shorter = min(len(before), len(after))
    head = next((number for number in range(shorter) if not equal(before[number], after[number])), shorter)
    rest = shorter - head
    tail = next((number for number in range(rest) if not equal(before[-1 - number], after[-1 - number])), rest)
    for number in range(head, max(len(before), len(after)) - tail):
        here = at.item(number, number, str(number))
        if number >= len(after) - tail:
            yield here.change(before[number], ABSENT)
        elif number >= len(before) - tail:
            yield here.change(ABSENT, after[number])
        else:
            yield from _value(here, before[number], after[number])
