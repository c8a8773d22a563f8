"""What lies beside manifests and is none: overlays, charts, values, workflows, dashboards. The table says what is what.

A source is named and counted, and never judged: only what is made of it can be.
"""

from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path, PurePath

from aurora import tables
from aurora.model.finding import Finding, Severity
from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.place import Place
from aurora.model.rule import Basis, Rule
from aurora.tables import Entry

SOURCE = Rule("input/source", Basis.BROKEN, severity=Severity.WARNING)
NOT_ONLY_MANIFESTS = Rule("input/not-only-manifests", Basis.REFUSED)
RULES = (SOURCE, NOT_ONLY_MANIFESTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One kind of source: how it is recognised, what it is, and the command that makes manifests of it."""

    files: tuple[str, ...]
    group: str
    keys: frozenset[str]
    names: str
    what: str
    build: str
    wrong: bool

    def matches(self, body: JsonObject, path: PurePath) -> bool:
        """Tell whether a document is one."""
        if self.group or self.keys:
            return self.group == _group(body) if self.group else "kind" not in body and self.keys <= body.keys()
        return not body.keys() & {"apiVersion", "kind", "metadata"} and fnmatch(path.name, self.names)

    def found(self, place: Place, count: int = 1) -> Finding:
        """Say what it is, of how many files, and how to judge what is made of it."""
        path = PurePath(place.path)
        files = f" of {count} files" if count > 1 else ""
        message = f"this is {self.what}{files}, and no manifest: it is not judged"
        build = self.build.format(path=path, folder=path.parent)
        hint = f"build it first: `{build}`" if build.endswith("-") else f"check it by `{build}`" if build else None
        return Finding.of(NOT_ONLY_MANIFESTS if self.wrong else SOURCE, message, place, hint=hint)


def of_folder(names: Collection[str]) -> Row | None:
    """Give what a folder is by the names of its files; None for a folder of manifests."""
    return next((row for row in _table()[0] if not set(row.files).isdisjoint(names)), None)


def of_document(body: JsonValue, path: str, *, incomplete: bool) -> Row | None:
    """Give what a document is; None for a manifest. Only what is no complete object is told by its keys."""
    if not isinstance(body, dict):
        return None
    rows = [row for row in _table()[1] if incomplete or row.group]
    return next((row for row in rows if row.matches(body, PurePath(path))), None)


def _group(body: JsonObject) -> str:
    return str(body.get("apiVersion", "")).partition("/")[0]


@cache
def _table() -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    with tables.opened(Path(__file__).with_suffix(".yaml")) as table:
        table.only("folders", "documents")
        folders, documents = (tuple(_row(entry) for entry in table.entries(key)) for key in ("folders", "documents"))
    return folders, documents


def _row(entry: Entry) -> Row:
    entry.only("files", "group", "keys", "names", "what", "build", "wrong")
    return Row(
        files=entry.texts("files"),
        group=entry.text("group", ""),
        keys=frozenset(entry.texts("keys")),
        names=entry.text("names", ""),
        what=entry.text("what"),
        build=entry.text("build", ""),
        wrong=entry.flag("wrong"),
    )
