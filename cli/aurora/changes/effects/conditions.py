"""Conditions that rows of several modules share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.effects.row import When
from aurora.model.change import ABSENT
from aurora.model.json_value import dig

if TYPE_CHECKING:
    from aurora.changes.effects.leaves import Leaf
    from aurora.changes.pairs import Pair
    from aurora.model.json_value import JsonValue


def after_is(words: str, *steps: str, value: JsonValue) -> When:
    """Ask that the later object has a value in one place."""

    def holds(pair: Pair, _leaf: Leaf) -> bool:
        return pair.after is not None and _same(dig(pair.after.body, *steps), value)

    return When(words, holds)


def before_is(words: str, *steps: str, value: JsonValue) -> When:
    """Ask that the earlier object has a value in one place."""

    def holds(pair: Pair, _leaf: Leaf) -> bool:
        return pair.before is not None and _same(dig(pair.before.body, *steps), value)

    return When(words, holds)


def becomes(words: str, *values: JsonValue) -> When:
    """Ask that the changed field has one of the values afterwards."""

    def holds(_pair: Pair, leaf: Leaf) -> bool:
        return leaf.after is not ABSENT and any(_same(leaf.after, value) for value in values)

    return When(words, holds)


def added(words: str) -> When:
    """Ask that the earlier object lacks the field."""
    return When(words, lambda _pair, leaf: leaf.before is ABSENT)


def removed(words: str) -> When:
    """Ask that the later object lacks the field."""
    return When(words, lambda _pair, leaf: leaf.after is ABSENT)


def _same(found: JsonValue | None, value: JsonValue) -> bool:
    """Compare as JSON does: `true` is not 1."""
    return type(found) is type(value) and found == value
