"""Reads the tables that ship with Aurora: YAML beside the code that uses it.

Strict: unknown keys, missing keys and values of another type are collected, each with its place, and end in one
error. Knows the meaning of no table: who reads one says what its keys are.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import aurora_constructs
from aurora.errors import StorageError, TableError
from aurora.model.examples import altered, stream
from aurora.model.place import Place
from aurora.yamlio import reading
from aurora_constructs.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from aurora.model.json_value import JsonObject, JsonValue
    from aurora.model.place import Step
    from aurora.yamlio.reading import Position

_Option = TypeVar("_Option")
_TYPES = {str: "text", bool: "true or false", int: "a whole number", list: "a list", dict: "a mapping"}


@dataclass(slots=True)
class _Problems:
    """What is wrong with one table, and where its parts stand."""

    path: str
    text: str
    positions: dict[tuple[Step, ...], Position] = field(default_factory=dict)
    found: list[tuple[Place, str]] = field(default_factory=list)

    def place(self, steps: tuple[Step, ...]) -> Place:
        # Places double the time of reading, and a table that is right needs none.
        self.positions = self.positions or reading.parse(self.text, places=True).positions
        while steps and steps not in self.positions:
            steps = steps[:-1]
        position = self.positions.get(steps)
        return Place(self.path, position.key_line, position.key_column) if position else Place(self.path)


@dataclass(frozen=True, slots=True)
class Entry:
    """A mapping of a table. Its values are checked when they are asked for; what is wrong is noted, not raised."""

    values: JsonObject
    steps: tuple[Step, ...]
    _problems: _Problems

    @property
    def place(self) -> Place:
        """Where the entry stands."""
        return self._problems.place(self.steps)

    def refuse(self, message: str, *steps: Step) -> None:
        """Note what is wrong with the entry, or with a part of it."""
        self._problems.found.append((self._problems.place((*self.steps, *steps)), message))

    def only(self, *keys: str) -> None:
        """Refuse every key but these."""
        for key in self.values:
            if key not in keys:
                self.refuse(f"unknown key `{key}`{nearest(key, keys)}", key)

    def text(self, key: str, otherwise: str | None = None) -> str:
        """Give a text; the key may be missing where there is something to give otherwise."""
        value = self._typed(key, str, required=otherwise is None)
        return (otherwise or "") if value is None else str(value)

    def flag(self, key: str) -> bool:
        """Give a truth value; a missing key is false."""
        return self._typed(key, bool, required=False) is True

    def number(self, key: str) -> int | None:
        """Give a whole number; None where the key is missing."""
        value = self._typed(key, int, required=False)
        return None if value is None else int(value)

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Give a list of texts."""
        found: list[str] = []
        for index, value in enumerate(self._typed(key, list, required=required) or ()):
            if isinstance(value, str):
                found.append(value)
            else:
                self.refuse(f"an item of `{key}` is no text: quote it", key, index)
        return tuple(found)

    def pair(self, key: str) -> tuple[str, str] | None:
        """Give two texts; None where the key is missing."""
        found = self.texts(key)
        if key in self.values and len(found) != 2:
            self.refuse(f"`{key}` needs two texts", key)
        return (found[0], found[1]) if len(found) == 2 else None

    def entry(self, key: str) -> Entry | None:
        """Give a mapping; None where the key is missing."""
        value = self._typed(key, dict, required=False)
        return None if value is None else Entry(value, (*self.steps, key), self._problems)

    def entries(self, key: str, *, required: bool = False) -> tuple[Entry, ...]:
        """Give a list of mappings."""
        found: list[Entry] = []
        for index, value in enumerate(self._typed(key, list, required=required) or ()):
            if isinstance(value, dict):
                found.append(Entry(value, (*self.steps, key, index), self._problems))
            else:
                self.refuse(f"an item of `{key}` is no mapping", key, index)
        return tuple(found)

    def choice(self, key: str, options: Mapping[str, _Option]) -> _Option | None:
        """Give what a text stands for; None where it stands for nothing, which is refused."""
        name = self.text(key)
        if name not in options and isinstance(self.values.get(key), str):
            self.refuse(f"`{key}` is `{name}`, which is unknown{nearest(name, options)}", key)
        return options.get(name)

    def value(self, key: str) -> JsonValue:
        """Give whatever stands there."""
        return self.values.get(key)

    def altered(self, example: str, old: str, new: str, *steps: Step) -> str:
        """Replace the one occurrence of a part; refuse a part that does not occur exactly once."""
        try:
            return altered(example, old, new)
        except ValueError as error:
            self.refuse(str(error), *steps)
            return example

    def _typed(self, key: str, kind: type, *, required: bool) -> Any:
        value = self.values.get(key)
        if key not in self.values:
            if required:
                self.refuse(f"`{key}` is missing")
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.refuse(f"`{key}` is not {_TYPES[kind]}", key)
            return None
        return value


def examples(table: Entry, shared: Mapping[str, str] | None = None) -> dict[str, str]:
    """Read the named objects under `examples`, which may be made of those before them and of shared ones."""
    named = table.entry("examples")
    known = dict(shared or {})
    for name in named.values if named else ():
        known[name] = example(named, name, known) if named else ""
    return known


def example(entry: Entry, key: str, known: Mapping[str, str], *, beside: tuple[str, ...] = ()) -> str:
    """Read a stream of objects; nothing where the key is missing.

    It is the name of a known one, the text of one, a list of such parts, or `of` such a part with a `swap` of two
    texts, or with several `swaps`. `beside` are keys of the entry that may be named as well.
    """
    return _Example(entry, key, known, tuple(name for name in beside if name != key)).part(entry.value(key))


@dataclass(frozen=True, slots=True)
class _Example:
    """One example, and what it is made of."""

    entry: Entry
    key: str
    known: Mapping[str, str]
    beside: tuple[str, ...]

    def part(self, value: JsonValue) -> str:
        if isinstance(value, list):
            return stream(*map(self.part, value))
        if isinstance(value, dict):
            return self._swapped(value)
        if value is None or (isinstance(value, str) and "\n" in value):
            return value or ""
        return self._named(str(value))

    def _named(self, name: str) -> str:
        if name in self.beside and name in self.entry.values:
            return example(self.entry, name, self.known)
        if name not in self.known:
            self.entry.refuse(f"there is no example `{name}`{nearest(name, self.known)}", self.key)
        return self.known.get(name, "")

    def _swapped(self, value: JsonObject) -> str:
        if value.keys() not in ({"of", "swap"}, {"of", "swaps"}):
            self.entry.refuse("an example of another one needs `of`, and `swap` or `swaps`", self.key)
            return ""
        found = self.part(value["of"])
        swaps = [value["swap"]] if "swap" in value else value["swaps"]
        for swap in swaps if isinstance(swaps, list) else [None]:
            match swap:
                case [str(old), str(new)]:
                    found = self.entry.altered(found, old, new, self.key)
                case _:
                    self.entry.refuse("a swap is a list of two texts", self.key)
        return found


def nearest(name: str, known: Collection[str]) -> str:
    """Name what is spelled nearest, as the end of a sentence; nothing where nothing is near."""
    near = closest(name, known)
    return f" (nearest: `{near}`)" if near else ""


@contextmanager
def opened(path: Path) -> Iterator[Entry]:
    """Give the mapping that a table is, and raise what its reader refused once it is read.

    Raises:
        StorageError: the file cannot be read.
        TableError: it is no mapping in YAML, or its reader refused a part of it; the message names every place.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise StorageError(f"`{path}` cannot be read: {error.strerror}") from error
    try:
        text = reading.decode(raw)
        top = reading.parse(text).value
    except reading.YamlError as error:
        raise TableError(((Place(str(path), error.line, error.column), error.message),)) from error
    problems = _Problems(str(path), text)
    if not isinstance(top, dict):
        raise TableError(((Place(str(path)), "the table is no mapping"),))
    yield Entry(top, (), problems)
    if problems.found:
        raise TableError(tuple(problems.found))


@cache
def of_component(name: str) -> JsonObject:
    """Give the table `FOLDER/NAME` of a built-in component, for constructs, which read no file.

    Raises:
        StorageError: the file cannot be read.
        TableError: it is no mapping in YAML.
    """
    with opened(Path(aurora_constructs.__file__).parent / "components" / f"{name}.yaml") as table:
        return table.values
