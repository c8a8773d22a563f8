"""What `docs/effects.md` says: both tables behind a diff, and one row of them for `aurora explain`.

The page is made from the tables alone, so that it cannot say anything else than `aurora diff` does; a test
compares it with what is committed. Must not decide anything.
"""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator

from aurora.changes import consequences
from aurora.changes.consequences import texts
from aurora.changes.consequences.row import Row as ConsequenceRow
from aurora.changes.effects import Row
from aurora.changes.effects import rows as effect_rows
from aurora.model.change import Effect, Impact

MEANINGS = {
    Effect.REFUSED: "the API server, or an admission webhook, rejects the change; the cluster keeps the old object",
    Effect.DELETED: "the object is no longer wanted",
    Effect.RECREATE: "pods or Jobs end before others start: nothing serves in between, and unsaved work is lost",
    Effect.ROLLING_RESTART: "pods are replaced step by step, or beside the old ones",
    Effect.TRAFFIC_SHIFT: "requests go to other pods, in other shares, or find other ways open",
    Effect.SCALE: "pods or nodes are added or taken away, the others go on",
    Effect.RENAMED: "this object goes, and one that plainly is the same comes under another name",
    Effect.CREATED: "the object is new",
    Effect.IN_PLACE: "something acts on the change, or will when it is next asked; nothing restarts for it",
    Effect.METADATA_ONLY: "labels, annotations or the like, which no controller of the kind acts on",
    Effect.UNCHANGED: "both sides are stored alike, or the server ignores what differs",
}
_ABOUT = {
    Impact.DATA_LOSS_RISK: "data may be lost",
    Impact.SECURITY_WEAKENED: "somebody may do, reach or skip more than before",
    Impact.DOWNTIME_RISK: "requests may fail, or work may stop",
    Impact.CAPACITY: "other amounts of pods, CPU, memory, GPUs or storage are asked for",
    Impact.SECURITY_STRENGTHENED: "somebody may do, reach or skip less than before",
}
_INTRODUCTION = """\
`aurora diff` says for every changed object what the cluster does about it (its effect) and what follows from that
(its consequences, some of which have an impact). Both come from the tables on this page, which is written from them;
a test compares it with them, and other tests run the examples of every row. `aurora explain deployment/pod-template`
prints a row with its example.

Two things are not in the tables, because Aurora asks the API server's own code for every object: whether both sides
are stored alike, and whether the server refuses the change. The rows with the effect `refused` add what can be done.
"""
_DECISION = """\
Each changed field falls under the first row of its kind that names it and whose condition holds, then under the rows
of every kind at the end. The most serious effect wins, in the order below; the reason names its fields, and the others
after it. In the column of fields, `*` stands for one step or a part of it and `**` for any number of steps; items of
lists are not counted, and keys with dots stand in brackets. A list with keys whose items only change their order counts
where the table says so.

Sources that begin with `pkg/` or `plugin/` are files of Kubernetes v1.35.4, the version that server validation links.
The others are the documentation or the source of the project that is named. Rows with `seen` were compared with a
control plane that runs, which did what they say ([effects on a cluster](effects-on-a-cluster.md)).
"""
_FOLLOWING = """\
What follows is looked for in the whole environment, before and after. A row may concern the changed object itself or
another one, which is then named.
"""


def text() -> str:
    """Write the page."""
    return "\n".join([*_opening(), *_effects(), *_consequences()]) + "\n"


def ids() -> tuple[str, ...]:
    """Give the id of every row of both tables."""
    return tuple(row.id for table in (effect_rows.every(), consequences.ROWS) for row in table)


def explained(id_: str) -> str | None:
    """Describe one row of either table with its example; give None where there is no such row."""
    for row in effect_rows.every():
        if row.id == id_:
            return _effect_text(row)
    for entry in consequences.ROWS:
        if entry.id == id_:
            return _consequence_text(entry)
    return None


def _opening() -> Iterator[str]:
    counts = Counter(row.effect for row in effect_rows.every())
    yield from ("# What a change does", "", _INTRODUCTION)
    yield from ("## How an effect is decided", "", _DECISION)
    yield from ("| effect | means | rows |", "|---|---|---|")
    yield from (f"| `{effect}` | {MEANINGS[effect]} | {counts[effect]} |" for effect in Effect)


def _effects() -> Iterator[str]:
    yield from ("", "## Effects", "", f"{len(effect_rows.every())} rows.")
    for title, rows in effect_rows.sections().items():
        yield from ("", f"### {title}", "")
        yield from (
            "| row | of | fields | effect | what the cluster does | source | |",
            "|---|---|---|---|---|---|---|",
        )
        yield from map(_effect_line, rows)


def _effect_line(row: Row) -> str:
    fields = ", ".join(f"`{field}`" for field in row.fields)
    if row.ordered and row.fields != ("**",):
        fields += ", order included"
    if row.when is not None:
        fields += f"; when {row.when.words}"
    mark = "seen" if row.id in effect_rows.seen() else ""
    return _line(f"`{row.id}`", kinds(row), fields, f"`{row.effect}`", row.words, row.source, mark)


def kinds(row: Row) -> str:
    """Name the kinds of a row for people, a group only where it is not one of Kubernetes' own."""
    names = dict.fromkeys("every kind" if group == "*" else kind for group, kind in row.kinds)
    return ", ".join(names)


def _consequences() -> Iterator[str]:
    counts = Counter(impact for row in consequences.ROWS for impact in row.impacts)
    yield from ("", "## Consequences", "", f"{len(consequences.ROWS)} rows. {_FOLLOWING}")
    yield from ("| impact | means | rows |", "|---|---|---|")
    yield from (f"| `{impact}` | {_ABOUT[impact]} | {counts[impact]} |" for impact in Impact)
    subjects: dict[str, list[ConsequenceRow]] = {}
    for row in consequences.ROWS:
        subjects.setdefault(row.id.partition("/")[0], []).append(row)
    for subject, rows in subjects.items():
        yield from ("", f"### {subject[:1].upper()}{subject[1:].replace('-', ' ')}", "")
        yield from ("| row | of | what follows | impacts | source |", "|---|---|---|---|---|")
        for row in rows:
            text = texts.every()[row.id]
            impacts = ", ".join(f"`{impact}`" for impact in row.impacts)
            yield _line(f"`{row.id}`", text.subject, text.words, impacts, text.source)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _effect_text(row: Row) -> str:
    blocks = [f"{row.id} ({row.effect})", textwrap.fill(f"{kinds(row)}: {row.words}", 100)]
    if row.fields:
        blocks.append(f"fields: {', '.join(row.fields)}")
    if row.when is not None:
        blocks.append(f"when {row.when.words}")
    return "\n\n".join([*blocks, f"source: {row.source}", *_example(row.before, row.after)])


def _consequence_text(row: ConsequenceRow) -> str:
    impacts = ", ".join(row.impacts) or "no impact"
    text = texts.every()[row.id]
    words = textwrap.fill(f"{text.subject}: {text.words}", 100)
    example = _example(text.example.before, text.example.after)
    return "\n\n".join([f"{row.id} ({impacts})", words, f"source: {text.source}", *example])


def _example(before: str, after: str) -> Iterable[str]:
    for title, example in (("before", before), ("after", after)):
        yield f"{title}:\n{textwrap.indent(example.strip(), '    ')}" if example else f"{title}: no such object"
