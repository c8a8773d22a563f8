"""Compares the merged values of one environment before and after, each with the place where it is written."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from aurora.changes.structural import equal
from aurora.environment.tree import Node, Steps
from aurora.environment.wording import path_text, visible
from aurora.model.change import ABSENT, Absent
from aurora.model.json_value import JsonValue
from aurora.model.place import Place

_LONGEST = 80
_SHORTEST_WORD = 3
"""Characters of a value that is looked for in objects; shorter ones occur everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueEdit:
    """One value that changed: its steps, the words for it, where it is written now, and texts to look for."""

    steps: Steps
    what: str
    place: Place
    words: tuple[str, ...]
    before: JsonValue | Absent
    after: JsonValue | Absent


def differences(before: Node, after: Node) -> Iterator[ValueEdit]:
    """Yield the values that differ, the highest one where a whole mapping came or went."""
    yield from _below(before, after, (), after)


def _below(before: Node, after: Node, steps: Steps, top: Node) -> Iterator[ValueEdit]:
    if equal(before.plain(), after.plain()):
        return
    if not (isinstance(before.content, dict) and isinstance(after.content, dict)):
        yield _edit(steps, before, after, after.at)
        return
    was, now = dict(before.entries()), dict(after.entries())
    for key in [*now, *(key for key in was if key not in now)]:
        below = (*steps, key)
        if key not in now:
            yield _edit(below, was[key], None, top.nearest(below).at)
        elif key not in was:
            yield _edit(below, None, now[key], now[key].at)
        else:
            yield from _below(was[key], now[key], below, top)


def _edit(steps: Steps, old: Node | None, new: Node | None, place: Place) -> ValueEdit:
    return ValueEdit(
        steps=steps,
        what=f"{path_text(steps)}: {_shown(old)} → {_shown(new)}",
        place=place,
        words=tuple(word for node in (old, new) if node is not None for word in _words(node.plain())),
        before=ABSENT if old is None else old.plain(),
        after=ABSENT if new is None else new.plain(),
    )


def _words(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        for entry in value.values():
            yield from _words(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _words(entry)
    elif isinstance(value, str) and len(value) >= _SHORTEST_WORD:
        yield value


def _shown(node: Node | None) -> str:
    if node is None:
        return "(absent)"
    value = node.plain()
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return visible(text, longest=_LONGEST)
