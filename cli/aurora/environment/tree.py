"""The tree of one environment: every value with the place where it was written and what it replaced.

Knows neither files nor specifications.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from aurora.model.json_value import JsonValue
from aurora.model.place import Place, Step

Scalar = str | int | float | bool | None
Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One value: `place` is where it begins, `key` where the key that names it begins.

    A null is no value: it removes what lower layers say, and stays in the tree as the trace of that.
    `written` is an unquoted scalar as it stands in the file.
    `overrode` is the value that this one took the place of, which may have overridden another.
    """

    content: Scalar | dict[str, Node] | list[Node]
    place: Place
    key: Place
    overrode: Node | None = None
    written: str | None = None

    @property
    def removed(self) -> bool:
        """Whether this is a null."""
        return self.content is None

    @property
    def removes_nothing(self) -> bool:
        """Whether this is a null with nothing to remove below it."""
        return self.removed and (self.overrode is None or self.overrode.removed)

    @property
    def at(self) -> Place:
        """Where people look for the value: a scalar itself, the key of a mapping or a list."""
        return self.key if isinstance(self.content, dict | list) else self.place

    def child(self, step: Step) -> Node | None:
        """Give an entry by its key or index; nulls are found too."""
        if isinstance(self.content, dict) and isinstance(step, str):
            return self.content.get(step)
        if isinstance(self.content, list) and isinstance(step, int) and 0 <= step < len(self.content):
            return self.content[step]
        return None

    def find(self, steps: Steps) -> Node | None:
        """Follow steps to a value that is not removed."""
        node: Node | None = self
        for step in steps:
            node = node.child(step) if node else None
        return None if node is None or node.removed else node

    def nearest(self, steps: Steps) -> Node:
        """Follow steps as far as there are values."""
        node = self
        for step in steps:
            child = node.child(step)
            if child is None or child.removed:
                return node
            node = child
        return node

    def entries(self) -> Iterator[tuple[Step, Node]]:
        """Yield the entries of a mapping or list that are not removed."""
        content = self.content
        pairs: Iterator[tuple[Step, Node]] = iter(())
        if isinstance(content, dict):
            pairs = iter(content.items())
        elif isinstance(content, list):
            pairs = iter(enumerate(content))
        return ((step, node) for step, node in pairs if not node.removed)

    def overridden(self) -> Iterator[Node]:
        """Yield what stood here in lower layers, the most recent first."""
        node = self.overrode
        while node is not None:
            yield node
            node = node.overrode

    def plain(self) -> JsonValue:
        """Give the value without places; removed entries are gone."""
        content = self.content
        if isinstance(content, dict):
            return {key: node.plain() for key, node in content.items() if not node.removed}
        if isinstance(content, list):
            return [node.plain() for node in content]
        return content


def plant(value: JsonValue, place: Place) -> Node:
    """Make a tree of a value that was written nowhere, such as a default: every part is at one place."""
    if isinstance(value, dict):
        return Node({key: plant(entry, place) for key, entry in value.items()}, place, place)
    if isinstance(value, list):
        return Node([plant(entry, place) for entry in value], place, place)
    return Node(value, place, place)


def merge(lower: Node, upper: Node) -> Node:
    """Lay one tree over another: mappings merge, everything else replaces.

    Associative: a mapping that replaced something in its own layers replaces here too, so layers can be
    merged in any grouping.
    """
    if upper.overrode is not None:
        return replace(upper, overrode=merge(lower, upper.overrode))
    if not (isinstance(lower.content, dict) and isinstance(upper.content, dict)):
        return replace(upper, overrode=lower)
    content = dict(lower.content)
    for key, node in upper.content.items():
        content[key] = merge(content[key], node) if key in content else node
    return Node(content, upper.place, upper.key, lower.overrode)


def vain_removals(node: Node, steps: Steps = ()) -> Iterator[tuple[Steps, Node]]:
    """Yield every null that removes nothing, also those that a higher layer covered."""
    if node.removes_nothing:
        yield steps, node
    if isinstance(node.content, dict):
        for key, child in node.content.items():
            yield from vain_removals(child, (*steps, key))
    elif isinstance(node.content, list):
        for index, child in enumerate(node.content):
            yield from vain_removals(child, (*steps, index))
    if node.overrode is not None:
        yield from vain_removals(node.overrode, steps)
