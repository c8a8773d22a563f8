"""Reads one environment file into a tree: size, encoding, YAML, and values that YAML versions read differently.

Knows neither layers nor specifications.
"""

import errno
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aurora.environment import rules
from aurora.environment.rules import found
from aurora.environment.tree import Node, Steps
from aurora.environment.wording import described, visible
from aurora.errors import StorageError
from aurora.model.finding import Finding
from aurora.model.json_value import JsonValue
from aurora.model.place import Place
from aurora.yamlio import reading, scalars
from aurora.yamlio.reading import Parsed, Position

MAX_BYTES = 1024 * 1024
MAX_VALUES = 20_000
"""Values in one file, counting what aliases repeat; the reference environments have a few hundred."""

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP})


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its path as people write it, its tree where it could be read, and what is wrong with it."""

    path: str
    tree: Node | None
    findings: tuple[Finding, ...]


def obstacle(file: Path, path: str) -> str | None:
    """Say what keeps a file from being read as a layer; None where nothing does.

    Raises:
        StorageError: the disk does not tell.
    """
    try:
        mode = file.stat().st_mode
    except OSError as error:
        if error.errno not in _ABSENT:
            raise StorageError(f"`{path}` cannot be read: {error.strerror}") from error
        return f"`{visible(path)}` does not exist"
    return None if stat.S_ISREG(mode) else f"`{path}` is no regular file"


ENVIRONMENT_HOLDS = "an environment file holds one mapping with `apiVersion`, `kind`, `metadata` and `components`"


def read_document(file: Path, path: str, *, holds: str = ENVIRONMENT_HOLDS) -> Document:
    """Read a regular file of at most `MAX_BYTES`; `holds` is the hint where there is no mapping in it.

    Raises:
        StorageError: it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise StorageError(f"`{path}` cannot be read: {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        message = f"`{path}` is larger than {MAX_BYTES // 1024} KiB"
        return _refused(path, found(rules.SYNTAX, Place(path), message, hint="split it into layers"))
    return parse_document(raw, path, holds=holds)


def parse_document(raw: bytes, path: str, *, holds: str = ENVIRONMENT_HOLDS) -> Document:
    """Read the bytes of an environment file."""
    text = ""
    try:
        text = reading.decode(raw)
        parsed = _parsed(text)
        tree = _Planting(parsed, path).tree()
    except reading.YamlError as error:
        place = Place(path, error.line, error.column)
        message = visible(" ".join(error.message.split()), longest=300)
        return _refused(path, found(rules.SYNTAX, place, message, hint=error.hint or _tab_hint(text, place)))
    findings = (*_ambiguous_values(parsed, path), *_ambiguous_keys(parsed, text, path))
    if not isinstance(tree.content, dict):
        what = "the file is empty" if tree.removed else f"the file holds {described(tree.plain())}, not a mapping"
        return _refused(path, *findings, found(rules.SYNTAX, tree.place, what, hint=holds))
    return Document(path, tree, findings)


def _parsed(text: str) -> Parsed:
    documents = list(reading.split(text))
    if len(documents) > 1:
        message = "a second document begins here, and an environment file holds one"
        raise reading.YamlError(message, documents[1].line, 1, "write another file")
    return reading.parse(text, places=True)


def _refused(path: str, *findings: Finding) -> Document:
    return Document(path, None, findings)


@dataclass(slots=True)
class _Planting:
    """Turns a parsed document into a tree, counting what aliases repeat.

    The reader bounds nesting as written; an alias can stand at the bottom of a deep value and begin another.
    """

    parsed: Parsed
    path: str
    values: int = field(default=0)
    _written: dict[Steps, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._written = {scalar.steps: scalar.written for scalar in self.parsed.plain}

    def tree(self) -> Node:
        top = Place(self.path)
        return self._node(self.parsed.value, (), top, top)

    def _node(self, value: JsonValue, steps: Steps, place: Place, key: Place) -> Node:
        position = self.parsed.positions.get(steps)
        if position is not None:
            place = Place(self.path, position.line, position.column)
            key = Place(self.path, position.key_line, position.key_column)
        self._count(place, steps)
        if isinstance(value, dict):
            return Node({name: self._node(part, (*steps, name), key, key) for name, part in value.items()}, place, key)
        if isinstance(value, list):
            parts = [self._node(part, (*steps, index), place, place) for index, part in enumerate(value)]
            return Node(parts, place, key)
        return Node(value, place, key, written=self._written.get(steps))

    def _count(self, place: Place, steps: Steps) -> None:
        self.values += 1
        if len(steps) > reading.MAX_DEPTH:
            message = f"more than {reading.MAX_DEPTH} levels of nesting, counting what aliases repeat"
            raise reading.YamlError(message, place.line, place.column)
        if self.values > MAX_VALUES:
            message = f"more than {MAX_VALUES} values, counting what aliases repeat"
            raise reading.YamlError(message, place.line, place.column, "split the file into layers")


def _ambiguous_values(parsed: Parsed, path: str) -> Iterator[Finding]:
    for scalar in parsed.plain:
        problem = scalars.ambiguity(scalar.written)
        if problem is not None:
            place = Place(path, scalar.line, scalar.column)
            message = f"`{visible(scalar.written)}` is {problem}"
            hint = f"quote it: `{_quoted(scalar.written)}`{_other_meaning(scalar.written)}"
            yield found(rules.AMBIGUOUS, place, message, steps=scalar.steps, hint=hint)


def _ambiguous_keys(parsed: Parsed, text: str, path: str) -> Iterator[Finding]:
    """Find unquoted keys of two meanings; the reader tells only of values whether they were quoted."""
    lines: list[str] | None = None
    for steps, position in parsed.positions.items():
        problem = scalars.ambiguity(steps[-1]) if steps and isinstance(steps[-1], str) else None
        if problem is None:
            continue
        lines = lines or text.split("\n")
        if not _stands_quoted(lines, position):
            key = str(steps[-1])
            place = Place(path, position.key_line, position.key_column)
            message = f"the key `{visible(key)}` is {problem}"
            yield found(rules.AMBIGUOUS, place, message, steps=steps, hint=f"quote it: `{_quoted(key)}`")


def _stands_quoted(lines: list[str], position: Position) -> bool:
    return _character(lines, position.key_line, position.key_column) in ("'", '"')


def _tab_hint(text: str, place: Place) -> str | None:
    """Say it is the tab: the parser speaks of a character that cannot be seen."""
    tab = _character(text.split("\n"), place.line, place.column) == "\t"
    return "indent with spaces: YAML forbids tabs there" if tab else None


def _character(lines: list[str], line: int, column: int) -> str:
    return lines[line - 1][column - 1 : column] if line <= len(lines) else ""


def _quoted(written: str) -> str:
    return f'"{visible(written)}"'


def _other_meaning(written: str) -> str:
    """Say how to write what was meant where it was no text."""
    value = scalars.resolve(written)
    if isinstance(value, bool):
        return f", or write `{str(value).lower()}` for the boolean"
    if isinstance(value, int | float):
        return f", or write `{value}` for the number"
    return ""
