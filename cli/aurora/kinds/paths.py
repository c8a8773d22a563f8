"""Paths of the table: which fields of an object they lead to.

A path is written with dots. `*` is every item of a list or value of a map, `**` any number of steps, a step such as
`*SecretRef` every key that ends so, whatever the case of its letters, one such as `*name=main` every item whose field
has that value, and a number an item of a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.model.json_value import dig
from aurora.model.tree import keys, mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.model.json_value import JsonValue
    from aurora.model.place import Step

Path = tuple[str, ...]
Steps = tuple["Step", ...]
EACH, DEEP = "*", "**"


def follow(value: JsonValue | None, path: Path, steps: Steps = ()) -> Iterator[tuple[Steps, JsonValue]]:
    """Yield everything that a path leads to inside a value, each with the steps to it; nulls are nothing."""
    for number, name in enumerate(path):
        if name[0] == EACH:
            if name == DEEP and not _may_hold(value, path[number + 1 : number + 2]):
                return
            for place, inner in _children(value, name, steps):
                yield from follow(inner, path[number + 1 :], place)
            return
        step = int(name) if isinstance(value, list) and name.isdigit() else name
        value = value.get(name) if isinstance(value, dict) else dig(value, step)
        if value is None:
            return
        steps = (*steps, step)
    if value is not None:
        yield steps, value


def _may_hold(value: JsonValue | None, following: Path) -> bool:
    """Tell whether some key inside a value is what a path leads to next: most hold none, and looking is cheap."""
    ending = following[0].removeprefix(EACH).lower() if following else ""
    return not ending or any(key.lower().endswith(ending) for key in keys(value))


def _children(value: JsonValue | None, name: str, steps: Steps) -> Iterator[tuple[Steps, JsonValue]]:
    if name == DEEP:
        yield from mappings(value, steps)
    elif isinstance(value, dict):
        ending = name[1:].lower()
        yield from (((*steps, key), inner) for key, inner in value.items() if key.lower().endswith(ending))
    elif isinstance(value, list) and (name == EACH or "=" in name):
        key, _, wanted = name[1:].partition("=")
        yield from (((*steps, at), inner) for at, inner in enumerate(value) if not key or dig(inner, key) == wanted)


def plain(path: Path) -> bool:
    """Tell whether a path leads to one field only."""
    return not any(name[0] == EACH for name in path)
