"""The ways of breaking a real object, read from `operators.yaml`; each names the policies that must refuse it.

An operator says which parts of an object it changes and into what. Must not judge, and must not know what an
environment binds.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aurora import tables
from aurora.model.json_value import JsonValue, items, mapping
from aurora.model.manifest import Manifest
from aurora.suites.edits import ABSENT, Break, Edit, Steps
from aurora.suites.parts import PARTS, WORDS, Part, Parts, objects_of
from aurora.tables import Entry

_FILE = Path(__file__).with_name("operators.yaml")
_CHANGES = ("drop", "set", "add", "without")
_WORD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Operator:
    """One way of breaking objects: `breaks` yields each place where it can be done, one at a time."""

    name: str
    summary: str
    killers: tuple[str, ...]
    breaks: Callable[[Manifest], Iterator[Break]]


@dataclass(frozen=True, slots=True)
class _Change:
    """One edit as the table says it: what is done at which path of a part, or of what is beside it."""

    how: str
    path: Steps
    value: JsonValue
    beside: str

    def edits(self, part: Part, manifest: Manifest) -> Iterator[Edit]:
        """Yield the edit of a part; none where it lacks a word that the new text names."""
        for place in part.beside.get(self.beside, ()) if self.beside else (part,):
            steps = place.at(*self.path)
            match self.how:
                case "drop":
                    yield Edit(steps, ABSENT)
                case "add":
                    yield Edit((*steps, len(items(manifest.get(*steps)))), self.value)
                case "without":
                    fields = mapping(self.value).items()
                    kept = [entry for entry in items(manifest.get(*steps)) if not fields <= mapping(entry).items()]
                    yield Edit(steps, kept)
                case _ if not isinstance(self.value, str):
                    yield Edit(steps, self.value)
                case _ if all(part.words[name] for name in _WORD.findall(self.value)):
                    yield Edit(steps, _WORD.sub(lambda match: part.words[match[1]], self.value))


@dataclass(frozen=True, slots=True)
class _Breaking:
    """Breaks every part of an object in each of some ways; what changes nothing is no break."""

    parts: Parts
    ways: tuple[tuple[_Change, ...], ...]

    def __call__(self, manifest: Manifest) -> Iterator[Break]:
        for part in self.parts(manifest):
            for way in self.ways:
                edits = tuple(edit for change in way for edit in change.edits(part, manifest))
                if any(_changes(edit, manifest) for edit in edits):
                    yield Break(edits)


def _changes(edit: Edit, manifest: Manifest) -> bool:
    there = manifest.get(*edit.steps)
    return there not in (None, {}, [], "") if edit.value is ABSENT else there != edit.value


def read(file: Path) -> tuple[Operator, ...]:
    """Read operators.

    Raises:
        TableError: the file is not what it should be; the message names every place.
    """
    with tables.opened(file) as table:
        return tuple(_operator(name, entry) for name in table.values if (entry := table.entry(name)))


def _operator(name: str, entry: Entry) -> Operator:
    entry.only("makes", "refused-by", "of", "edits", "or")
    of = entry.text("of")
    ways = (entry.entries("edits", required=True), entry.entries("or"))
    changes = tuple(tuple(_change(each, WORDS.get(of, ())) for each in way) for way in ways if way)
    breaks = _Breaking(PARTS.get(of) or objects_of(of), changes)
    return Operator(name, entry.text("makes"), entry.texts("refused-by", required=True), breaks)


def _change(entry: Entry, words: tuple[str, ...]) -> _Change:
    entry.only(*_CHANGES, "to", "fields", "beside")
    how = [name for name in _CHANGES if name in entry.values]
    if len(how) != 1:
        entry.refuse(f"an edit is one of {', '.join(f'`{name}`' for name in _CHANGES)}")
        return _Change("drop", (), None, "")
    value = entry.value("fields" if how[0] == "without" else "to")
    for name in _WORD.findall(value) if isinstance(value, str) else ():
        if name not in words:
            entry.refuse(f"there is no `{{{name}}}` here{tables.nearest(name, words)}", "to")
    return _Change(how[0], entry.texts(how[0]), value, entry.text("beside", ""))


OPERATORS = read(_FILE)
