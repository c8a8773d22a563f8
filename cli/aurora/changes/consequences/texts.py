"""What people read about consequences: words, source and examples, in YAML beside the module that finds them.

`examples.yaml` holds the objects that every file may name. Read by `aurora explain`, the page and tests; never on the
way of a diff.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aurora import tables
from aurora.tables import Entry

FOLDER = Path(__file__).parent
SHARED = "examples.yaml"


@dataclass(frozen=True, slots=True)
class Example:
    """Two YAML streams: everything of an environment before and after a change."""

    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The texts of one row.

    `subject` names the kinds that change, `words` say what follows, `source` where that is known from.
    `example` is a change from which it follows; `counter` looks alike, and it does not follow.
    """

    subject: str
    words: str
    source: str
    example: Example
    counter: Example


@cache
def every() -> Mapping[str, Text]:
    """Give the texts of every row by its id.

    Raises:
        TableError: a file is broken.
    """
    return read(FOLDER)


@cache
def shared() -> Mapping[str, str]:
    """Give the objects that every file may name.

    Raises:
        TableError: their file is broken.
    """
    with tables.opened(FOLDER / SHARED) as top:
        return tables.examples(top)


def read(folder: Path) -> dict[str, Text]:
    """Read every file of texts below a folder.

    Raises:
        TableError: one is broken, or two rows have one id.
    """
    found: dict[str, Text] = {}
    for path in sorted(path for path in folder.rglob("*.yaml") if path.name != SHARED):
        with tables.opened(path) as top:
            top.only("examples", "rows")
            known = tables.examples(top, shared())
            for entry in top.entries("rows", required=True):
                id_ = entry.text("id")
                if id_ in found:
                    entry.refuse(f"a second row has the id `{id_}`", "id")
                found[id_] = _text(entry, known)
    return found


def _text(entry: Entry, known: Mapping[str, str]) -> Text:
    entry.only("id", "subject", "words", "source", "example", "counter")
    return Text(
        subject=entry.text("subject"),
        words=entry.text("words"),
        source=entry.text("source"),
        example=_example(entry, "example", known),
        counter=_example(entry, "counter", known),
    )


def _example(entry: Entry, key: str, known: Mapping[str, str]) -> Example:
    sides = entry.entry(key)
    if sides is None:
        if key not in entry.values:
            entry.refuse(f"`{key}` is missing")
        return Example("", "")
    sides.only("before", "after")
    before, after = (tables.example(sides, side, known, beside=("before", "after")) for side in ("before", "after"))
    return Example(before, after)
