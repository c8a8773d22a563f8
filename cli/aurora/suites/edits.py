"""Changes to parts of an object, made on a copy."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.place import Step

Steps = tuple[Step, ...]


class _Absent:
    """Stands for the absence of a part."""


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Edit:
    """A part of an object, and what it becomes; an index past a list's end appends to it."""

    steps: Steps
    value: JsonValue | _Absent


@dataclass(frozen=True, slots=True)
class Break:
    """One way in which one object is broken: its edits, the first of which says where."""

    edits: tuple[Edit, ...]

    @property
    def steps(self) -> Steps:
        """Where the object is broken."""
        return self.edits[0].steps


def edited(body: JsonObject, edits: Sequence[Edit]) -> JsonObject:
    """Give a changed copy of an object.

    Raises:
        TypeError: the steps lead through something that has no parts.
    """
    copy = deepcopy(body)
    for edit in edits:
        _apply(copy, edit)
    return copy


def _apply(body: JsonObject, edit: Edit) -> None:
    *way, last = edit.steps
    parent: JsonValue = body
    for step, following in zip(way, edit.steps[1:], strict=True):
        parent = _enter(parent, step, following)
    if isinstance(parent, dict) and isinstance(last, str):
        if isinstance(edit.value, _Absent):
            parent.pop(last, None)
        else:
            parent[last] = deepcopy(edit.value)
    elif isinstance(parent, list) and isinstance(last, int):
        _set_item(parent, last, edit.value)
    else:
        raise TypeError(f"`{last}` is no part of a {type(parent).__name__}")


def _enter(parent: JsonValue, step: Step, following: Step) -> JsonValue:
    """Go one step down; what is missing is made."""
    empty: JsonValue = [] if isinstance(following, int) else {}
    if isinstance(parent, dict) and isinstance(step, str):
        if parent.get(step) is None:
            parent[step] = empty
        return parent[step]
    if isinstance(parent, list) and isinstance(step, int) and step < len(parent):
        return parent[step]
    raise TypeError(f"`{step}` is no part of a {type(parent).__name__}")


def _set_item(parent: list[JsonValue], index: int, value: JsonValue | _Absent) -> None:
    if isinstance(value, _Absent):
        del parent[index : index + 1]
    elif index < len(parent):
        parent[index] = deepcopy(value)
    else:
        parent.append(deepcopy(value))
