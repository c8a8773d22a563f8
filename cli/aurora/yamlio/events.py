"""Builds plain values from the parser's events, with the place of every part.

One frame per open collection instead of one call, so that no depth of nesting can exhaust a stack; what
aliases expand to is counted. Duplicate keys, custom tags and depth are refused; keys that are no strings and
merge keys as well, unless the text is read as kubectl reads it.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml  # noqa: TID251 - this package is the gate
from yaml.events import (  # noqa: TID251
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from aurora.model.json_value import JsonValue
from aurora.model.place import Step
from aurora.yamlio import scalars

MAX_DEPTH = 100
"""Levels of nesting; the deepest CRD has 24 (docs/facts/custom-resources.md), an API object's limit is far below."""
MAX_NODES = 2_000_000
"""Values in one document, aliases expanded: stops anchor bombs."""
MAX_INTEGER = 2**53
"""Beyond it a JSON reader that uses doubles changes the number."""

Steps = tuple[Step, ...]
_MERGE = str(b"<<", "ascii")
"""The merge key: told by what it is, since a quoted `<<` is an ordinary key."""
_CORE = "tag:yaml.org,2002:"
_TEXTS = ("!", f"{_CORE}str")
_TYPES: dict[str, type | tuple[type, ...]] = {
    f"{_CORE}int": int,
    f"{_CORE}float": (int, float),
    f"{_CORE}bool": bool,
    f"{_CORE}null": type(None),
}
_COLLECTIONS = (f"{_CORE}map", f"{_CORE}seq")


@dataclass(frozen=True, slots=True)
class YamlError(Exception):
    """Why a document cannot be read, and where: line and column count from 1."""

    message: str
    line: int
    column: int
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a value begins and, for a mapping's entry, where its key begins."""

    line: int
    column: int
    key_line: int
    key_column: int


@dataclass(frozen=True, slots=True)
class PlainScalar:
    """An unquoted scalar as written, for readers that refuse what YAML versions read differently."""

    steps: Steps
    written: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class TurnedKey:
    """An unquoted key that is no string: as written, as the API server stores it, and where it stands."""

    written: str
    key: str
    line: int
    column: int
    start: int


@dataclass(slots=True)
class Parsed:
    """A document's value, the position of every part by its steps, and its unquoted scalars.

    `turned` are keys that became strings, `merges` says that the text holds merge keys: as kubectl reads it only.
    """

    value: JsonValue = None
    positions: dict[Steps, Position] = field(default_factory=dict)
    plain: list[PlainScalar] = field(default_factory=list)
    turned: list[TurnedKey] = field(default_factory=list)
    merges: bool = False


@dataclass(slots=True)
class _Frame:
    """An open mapping or sequence."""

    value: Any
    steps: Steps
    key: str | None = None
    key_mark: Any = None
    is_mapping: bool = False
    nodes: int = 1
    height: int = 1
    anchor: str | None = None
    merged: set[str] = field(default_factory=set)


class Walk:
    """Builds the value from events; one frame per open collection instead of one call."""

    def __init__(self, *, places: bool, as_kubectl: bool = False) -> None:
        self.parsed = Parsed()
        self._as_kubectl = as_kubectl
        self.documents = 0
        self.line = 1
        self._places = places
        self._frames: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int, int]] = {}
        self._nodes = 0

    def take(self, event: Any) -> None:
        """Handle one event of the parser."""
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(self, event)

    def scalar(self, event: Any) -> None:
        """Take a scalar as the next key or value."""
        frame = self._frames[-1] if self._frames else None
        if frame is not None and frame.is_mapping and frame.key is None:
            self._key(frame, event)
            return
        value = self._resolve(event)
        steps = self._mark(event)
        if event.implicit[0] and not event.style and self._places:
            mark = event.start_mark
            self.parsed.plain.append(PlainScalar(steps, event.value, mark.line + 1, mark.column + 1))
        self._add(value, nodes=1, height=0, event=event)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1, 0)

    def _resolve(self, event: Any) -> JsonValue:
        if event.style and event.tag in (None, "!"):
            return str(event.value)
        if event.tag in _TEXTS:
            return str(event.value)
        wanted = _TYPES.get(event.tag) if self._as_kubectl else None
        if event.tag is not None and wanted is None:
            raise self._error(event, f"the tag `{event.tag}` is not allowed", "write the value without a tag")
        try:
            value = scalars.resolve(event.value)
        except ValueError as error:
            raise self._error(event, str(error), "quote it if it is text") from error
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            raise self._error(
                event, f"`{event.value}` is beyond 2^53, where JSON readers change numbers", "quote it if it is text"
            )
        if wanted is not None and not isinstance(value, wanted):
            raise self._error(event, f"`{event.value}` is no value of the tag `{event.tag}`", "remove the tag")
        return value

    def _key(self, frame: _Frame, event: Any) -> None:
        key = self._resolve(event)
        merge = key == "<<" and not event.style
        if merge and not self._as_kubectl:
            raise self._error(event, "merge keys (`<<`) are not allowed", "write the entries out")
        if not isinstance(key, str):
            key = self._turned(event)
        if key in frame.value and not merge:
            if key not in frame.merged:
                raise self._error(event, f"the key `{key}` stands twice in one mapping", "remove one of the two")
            frame.merged.discard(key)
        frame.key = _MERGE if merge else key
        frame.key_mark = event.start_mark

    def _turned(self, event: Any) -> str:
        """Make a string of a key as the API server does, and note it."""
        key = scalars.as_key(event.value) if self._as_kubectl and event.tag is None else None
        if key is None:
            raise self._error(event, f"the key `{event.value}` is not a string", "quote it")
        mark = event.start_mark
        self.parsed.turned.append(TurnedKey(event.value, key, mark.line + 1, mark.column + 1, mark.index))
        return key

    def _merge(self, frame: _Frame, value: Any, event: Any) -> None:
        """Take over the entries of mappings, as `merge` of go-yaml v2 does: the first of a list counts most."""
        self.parsed.merges = True
        for mapping in reversed(value) if isinstance(value, list) else [value]:
            if not isinstance(mapping, dict):
                raise self._error(event, "a merge key (`<<`) needs a mapping or a list of mappings")
            frame.merged |= mapping.keys() - frame.value.keys()
            frame.value.update(mapping)

    def open_mapping(self, event: Any) -> None:
        """Begin a mapping."""
        self._open(event, {}, is_mapping=True)

    def open_sequence(self, event: Any) -> None:
        """Begin a sequence."""
        self._open(event, [], is_mapping=False)

    def _open(self, event: Any, value: Any, *, is_mapping: bool) -> None:
        parent = self._frames[-1] if self._frames else None
        if parent is not None and parent.is_mapping and parent.key is None:
            raise self._error(event, "a mapping's key must be a string")
        if event.tag is not None and not event.implicit and not (self._as_kubectl and event.tag in _COLLECTIONS):
            raise self._error(event, f"the tag `{event.tag}` is not allowed", "write the value without a tag")
        if len(self._frames) >= MAX_DEPTH:
            raise self._error(event, f"more than {MAX_DEPTH} levels of nesting")
        self._frames.append(_Frame(value, self._mark(event), is_mapping=is_mapping, anchor=event.anchor))

    def close(self, event: Any) -> None:
        """End the innermost collection and add it to the one around it."""
        frame = self._frames.pop()
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.value, frame.nodes, frame.height)
        self._add(frame.value, nodes=frame.nodes, height=frame.height, event=event)

    def alias(self, event: Any) -> None:
        """Take the value of an anchor once more."""
        frame = self._frames[-1] if self._frames else None
        if event.anchor not in self._anchors:
            raise self._error(event, f"the alias `*{event.anchor}` has no anchor before it")
        if frame is not None and frame.is_mapping and frame.key is None:
            raise self._error(event, "a mapping's key must be a string, not an alias")
        value, nodes, height = self._anchors[event.anchor]
        if len(self._frames) + height > MAX_DEPTH:
            raise self._error(event, f"more than {MAX_DEPTH} levels of nesting, counting what aliases repeat")
        self._mark(event)
        self._add(value, nodes=nodes, height=height, event=event)

    def document(self, event: Any) -> None:
        """Count the documents: a second one is refused by the caller."""
        self.documents += 1
        self.line = event.start_mark.line + 1

    def _add(self, value: Any, *, nodes: int, height: int, event: Any) -> None:
        self._nodes += 1
        if nodes > MAX_NODES or self._nodes > MAX_NODES:
            raise self._error(event, f"more than {MAX_NODES} values, counting what aliases repeat")
        if not self._frames:
            if self.documents <= 1:
                self.parsed.value = value
            return
        frame = self._frames[-1]
        frame.nodes += nodes
        frame.height = max(frame.height, height + 1)
        if frame.is_mapping:
            if frame.key is _MERGE:
                self._merge(frame, value, event)
            else:
                frame.value[frame.key] = value
            frame.key = None
        else:
            frame.value.append(value)

    def _mark(self, event: Any) -> Steps:
        """Note where the value that begins here stands, and return its steps."""
        frame = self._frames[-1] if self._frames else None
        if not self._places:
            return ()
        steps: Steps = ()
        key = mark = event.start_mark
        if frame is not None:
            steps = (*frame.steps, frame.key if frame.is_mapping else len(frame.value))  # type: ignore[arg-type]
            key = frame.key_mark if frame.is_mapping else mark
        self.parsed.positions[steps] = Position(mark.line + 1, mark.column + 1, key.line + 1, key.column + 1)
        return steps

    def _error(self, event: Any, message: str, hint: str | None = None) -> YamlError:
        return YamlError(message, event.start_mark.line + 1, event.start_mark.column + 1, hint)


_HANDLERS = {
    ScalarEvent: Walk.scalar,
    MappingStartEvent: Walk.open_mapping,
    SequenceStartEvent: Walk.open_sequence,
    MappingEndEvent: Walk.close,
    SequenceEndEvent: Walk.close,
    AliasEvent: Walk.alias,
    yaml.DocumentStartEvent: Walk.document,
}
