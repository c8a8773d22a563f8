"""Reads the rows of effects: `kinds/<group>/effects*.yaml`, where `core` is the group without a name.

A group is read when it is first asked for. Rows of kinds of several groups, and of every kind, stand in `any`.
Each row is judged as it is read; must not know how a change is matched with it.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from aurora import tables
from aurora.changes.effects import conditions
from aurora.changes.effects.row import BUILTIN, CUSTOM, EVERY, GroupKind, Row
from aurora.kinds import table
from aurora.model.change import Effect
from aurora.tables import Entry

SEEN = table.FOLDER / "seen.yaml"
_ANY = "any"
_EFFECTS = {str(effect): effect for effect in Effect}
_STAND_INS = {kinds[1]: kinds for kinds in (EVERY, BUILTIN, CUSTOM)}
_KEYS = ("id", "fields", "when", "ordered", "by_webhook", "effect", "words", "source", "example", "given", "swap")


@cache
def of_kind(kind: GroupKind) -> tuple[Row, ...]:
    """Give the rows that are asked about a kind, in order: its own, then those of every kind.

    Raises:
        TableError: the rows of its group, or those of every kind, are broken.
    """
    kind = (table.home(*kind), kind[1])
    last = BUILTIN if table.is_builtin_group(kind[0]) else CUSTOM
    shared = group(_ANY)
    own = (*shared, *group(kind[0] or table.CORE))
    asked = ((kind, own), (EVERY, shared), (last, shared))
    return tuple(row for wanted, rows in asked for row in rows if wanted in row.kinds and row.fields)


@cache
def named(id_: str) -> Row:
    """Give a row of every kind by its id."""
    return next(row for row in group(_ANY) if row.id == id_)


@cache
def every() -> tuple[Row, ...]:
    """Give every row of every group, in the order of the sections that people read.

    Raises:
        TableError: a group's rows are broken, two rows have one id, or a row is in no section.
    """
    return tuple(row for rows in sections().values() for row in rows)


@cache
def sections() -> dict[str, tuple[Row, ...]]:
    """Give every row by the subject that people look for.

    Raises:
        TableError: as for `every`.
    """
    return read_sections(table.FOLDER)


@cache
def seen() -> frozenset[str]:
    """Give the ids of the rows that did on a control plane what they say (`rehearsal/cluster_effects.py`).

    Raises:
        TableError: a row is not there.
    """
    with tables.opened(SEEN) as top:
        top.only("rows")
        found, known = top.texts("rows"), {row.id for row in every()}
        for index, id_ in enumerate(found):
            if id_ not in known:
                top.refuse(f"there is no row `{id_}`", "rows", index)
    return frozenset(found)


@cache
def group(name: str) -> tuple[Row, ...]:
    """Give the rows of one group's folder; none where it has no rows.

    Raises:
        TableError: they are broken.
    """
    return read_group(table.FOLDER, name)


def read_group(folder: Path, name: str, ids: set[str] | None = None) -> tuple[Row, ...]:
    """Read the rows of one group's folder; `ids` are taken already, and those of the rows are added.

    Raises:
        TableError: they are broken; the message names every place.
    """
    found: list[Row] = []
    taken: set[str] = set() if ids is None else ids
    for path in sorted((folder / name).glob("effects*.yaml")):
        with tables.opened(path) as top:
            top.only("subjects")
            for subject in top.entries("subjects", required=True):
                found += _subject(subject, tuple(_kinds(subject, name, folder)), taken)
    return tuple(found)


def read_sections(folder: Path) -> dict[str, tuple[Row, ...]]:
    """Read the rows of every folder, by the sections of `sections.yaml`.

    Raises:
        TableError: rows are broken, two have one id, or one is in no section or in two.
    """
    subjects: dict[str, list[Row]] = {}
    ids: set[str] = set()
    for path in sorted(path for path in folder.iterdir() if path.is_dir()):
        for row in read_group(folder, path.name, ids):
            subjects.setdefault(row.id.partition("/")[0], []).append(row)
    found: dict[str, tuple[Row, ...]] = {}
    with tables.opened(folder / "sections.yaml") as top:
        top.only("sections")
        for section in top.entries("sections", required=True):
            section.only("title", "subjects")
            found[section.text("title")] = tuple(_taken(section, subjects))
        for subject in subjects:
            top.refuse(f"the rows of `{subject}` are in no section", "sections")
    return found


def _taken(section: Entry, subjects: dict[str, list[Row]]) -> Iterator[Row]:
    for index, subject in enumerate(section.texts("subjects", required=True)):
        if subject not in subjects:
            section.refuse(f"no row is about `{subject}`, or another section has it", "subjects", index)
        yield from subjects.pop(subject, ())


def _subject(subject: Entry, kinds: tuple[GroupKind, ...], ids: set[str]) -> Iterator[Row]:
    """Read the rows of kinds that share an object for examples."""
    subject.only("kinds", "example", "rows")
    for entry in subject.entries("rows", required=True):
        entry.only(*_KEYS)
        if not entry.texts("fields", required=EVERY not in kinds) and EVERY not in kinds:
            continue
        row = _row(entry, kinds, entry.text("example", subject.text("example")))
        if row.id in ids:
            entry.refuse(f"a second row has the id `{row.id}`", "id")
        ids.add(row.id)
        yield row


def _kinds(subject: Entry, group: str, folder: Path) -> Iterator[GroupKind]:
    """Read kinds: their names in the folder of their group, `<group>/<kind>` or a word for many in that of none."""
    for index, written in enumerate(subject.texts("kinds", required=True)):
        if group == _ANY and written in _STAND_INS:
            yield _STAND_INS[written]
            continue
        of, slash, kind = written.rpartition("/")
        if bool(slash) == (group != _ANY):
            where = f"the rows of other groups stand in `{_ANY}`" if slash else "its group is missing"
            subject.refuse(f"`{written}` is no kind of this group: {where}", "kinds", index)
            continue
        of = of if slash else group
        of = "" if of == table.CORE else of
        known = table.group(of, folder).kinds
        if kind not in known:
            subject.refuse(f"the table of kinds has no `{written}`{tables.nearest(kind, known)}", "kinds", index)
        yield of, kind


def _row(entry: Entry, kinds: tuple[GroupKind, ...], example: str) -> Row:
    effect = entry.choice("effect", _EFFECTS) or Effect.IN_PLACE
    when = entry.entry("when")
    before = _replaced(entry, "given", example)
    after = _replaced(entry, "swap", before)
    return Row(
        id=entry.text("id"),
        kinds=kinds,
        fields=entry.texts("fields"),
        effect=effect,
        words=entry.text("words"),
        source=entry.text("source"),
        before="" if effect is Effect.CREATED else before,
        after="" if effect is Effect.DELETED else after,
        when=conditions.read(when) if when else None,
        ordered=entry.flag("ordered"),
        by_webhook=entry.flag("by_webhook"),
    )


def _replaced(entry: Entry, key: str, example: str) -> str:
    """Replace one part of an object by another, and the next one by the next."""
    parts = entry.texts(key)
    if len(parts) % 2:
        entry.refuse(f"`{key}` needs texts in twos: what is replaced, and by what", key)
        return example
    for old, new in zip(parts[::2], parts[1::2], strict=True):
        example = entry.altered(example, old, new, key)
    return example
