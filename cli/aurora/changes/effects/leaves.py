"""Changed fields down to their last step, and the patterns that rows name fields with.

A diff may give a whole branch as one change (`metadata.annotations` that one side lacks). Rows speak of single
fields, so branches are taken apart here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from aurora.model.change import ABSENT, Absent, FieldChange
from aurora.model.json_value import JsonValue

_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
# Occurs in no key of a manifest that the server takes, so that keys with dots and slashes stay whole.
_BREAK = "\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One changed field: its steps without the indexes of lists, its path for people, and both values."""

    steps: tuple[str, ...]
    path: str
    before: JsonValue | Absent
    after: JsonValue | Absent
    reordered: bool = False

    def matches(self, pattern: str) -> bool:
        """Tell whether a row's pattern names this field."""
        return _compiled(pattern).fullmatch("".join(_BREAK + step for step in self.steps)) is not None


def leaves(change: FieldChange) -> Iterator[Leaf]:
    """Yield the fields that differ below a change; the change itself where it is one field."""
    steps = tuple(
        step.replace("~1", "/").replace("~0", "~") for step in change.pointer.split("/")[1:] if not step.isdigit()
    )
    whole = Leaf(steps=steps, path=change.path, before=change.before, after=change.after, reordered=change.reordered)
    found = [] if change.reordered else list(_below(whole))
    # A masked Secret may look alike on both sides.
    yield from found or [whole]


def _below(leaf: Leaf) -> Iterator[Leaf]:
    before, after = leaf.before, leaf.after
    if (isinstance(before, dict) and before) or (isinstance(after, dict) and after):
        for key in sorted({*_keys(before), *_keys(after)}):
            suffix = f".{key}" if _PLAIN.fullmatch(key) else f"[{key}]"
            yield from _child(leaf, (key,), suffix, (_get(before, key), _get(after, key)))
    elif (isinstance(before, list) and before) or (isinstance(after, list) and after):
        for index in range(max(_length(before), _length(after))):
            yield from _child(leaf, (), f"[{index}]", (_item(before, index), _item(after, index)))
    else:
        yield leaf


def _child(
    leaf: Leaf, steps: tuple[str, ...], suffix: str, values: tuple[JsonValue | Absent, JsonValue | Absent]
) -> Iterator[Leaf]:
    before, after = values
    if before is ABSENT or after is ABSENT or before != after or type(before) is not type(after):
        yield from _below(Leaf(steps=(*leaf.steps, *steps), path=leaf.path + suffix, before=before, after=after))


def _keys(value: JsonValue | Absent) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _get(value: JsonValue | Absent, key: str) -> JsonValue | Absent:
    return value.get(key, ABSENT) if isinstance(value, dict) else ABSENT


def _length(value: JsonValue | Absent) -> int:
    return len(value) if isinstance(value, list) else 0


def _item(value: JsonValue | Absent, index: int) -> JsonValue | Absent:
    return value[index] if isinstance(value, list) and index < len(value) else ABSENT


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = []
    for match in _STEP.finditer(pattern):
        step = match[1] if match[1] is not None else match[2]
        if step == "**":
            parts.append(f"(?:{_BREAK}[^{_BREAK}]*)*")
        else:
            parts.append(_BREAK + f"[^{_BREAK}]*".join(re.escape(piece) for piece in step.split("*")))
    return re.compile("".join(parts), re.DOTALL)
