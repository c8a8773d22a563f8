"""The page of a diff: what every row, filter and figure of `diff.html.j2` says, and the data that its scripts read.

Rows are folds in order of risk. Every change has one anchor on the page. Writes no files.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

from aurora.model.change import Change, Consequence, Effect, FieldChange, Impact
from aurora.model.diff import Diff, Fold, Totals
from aurora.model.finding import folded
from aurora.reporters import diff_words
from aurora.reporters.html import page
from aurora.reporters.html.texts import Texts
from aurora.reporters.text import where

TONES: dict[Effect, str] = {
    **dict.fromkeys((Effect.REFUSED, Effect.DELETED, Effect.RECREATE), "grave"),
    Effect.ROLLING_RESTART: "warn",
    **dict.fromkeys((Effect.TRAFFIC_SHIFT, Effect.SCALE), "shift"),
    Effect.RENAMED: "calm",
    Effect.CREATED: "good",
    Effect.IN_PLACE: "calm",
    **dict.fromkeys((Effect.METADATA_ONLY, Effect.UNCHANGED), "quiet"),
}
IMPACT_TONES: dict[Impact, str] = {
    Impact.DATA_LOSS_RISK: "grave",
    Impact.DOWNTIME_RISK: "warn",
    Impact.SECURITY_WEAKENED: "grave",
    Impact.CAPACITY: "calm",
    Impact.SECURITY_STRENGTHENED: "good",
}
NOWHERE = "(no environment)"
NO_IMPACT = "none"
SCRIPTS = ("lines.js", "texts.js", "filters.js", "diff.js")
ROOM = 4_800_000
"""Bytes of a page without its styles and scripts: 1,000 changes stay under five million."""
LEAST_ROOM = 500_000
"""Bytes for texts of a page whose rows alone take more than that: tens of thousands of changes."""
MANY = 200
FIELDS, FEW_FIELDS = 100, 8
_ENTRY = 600
_VALUE = 400
_GLANCE = 60
_Said = TypeVar("_Said", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fold as the page shows it; `said` are words with the number of objects that they hold for."""

    number: int
    anchor: str
    fold: Fold
    members: tuple[tuple[str, Change], ...]
    impacts: tuple[Impact, ...]
    glance: str
    reasons: tuple[tuple[tuple[str, str], int], ...]
    consequences: tuple[tuple[Consequence, int], ...]
    origins: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter and how many changes have it."""

    value: str
    label: str
    count: int
    tone: str = ""


def write(diff: Diff) -> str:
    """Write a diff as one HTML page that loads nothing."""
    rows = list(_rows(diff))
    values = {
        "diff": diff,
        "rows": rows,
        "headline": diff_words.headline(diff),
        "findings_title": diff_words.findings_title(diff),
        "proof": diff_words.proof(diff, where="below"),
        "folded": len(diff.changes) - len(rows),
        "bar": list(_bar(diff)),
        "effects": _effects(diff),
        "impacts": _impacts(diff),
        "facets": _facets(diff),
        "movements": _movements(diff),
        "pool_moves": [
            f"{entry.environment or 'all'}, {diff_words.pool_move(move)}"
            for entry in diff.movements
            for move in entry.pools
        ],
        "edits": [(number, edit, diff_words.touched(edit)) for number, edit in enumerate(diff.edits)],
        "effect_tones": TONES,
        "impact_tones": IMPACT_TONES,
        "words": {"effects": diff_words.EFFECTS, "impacts": diff_words.IMPACTS},
        "sides": _sides,
        "most_fields": FIELDS if len(rows) <= MANY else FEW_FIELDS,
        "counted": diff_words.counted,
        "entries": folded(diff.findings),
        "where": where,
    }
    main = page.fragment("diff_main.html.j2", values)
    texts = Texts(max(ROOM - len(main.encode()) - len(diff.changes) * _ENTRY, LEAST_ROOM))
    data = _data(diff, rows, texts)
    rendered = {**values, "main": main, "left_out": texts.left_out}
    return page.render("diff.html.j2", rendered, styles=("diff.css",), scripts=SCRIPTS, data=data)


def _rows(diff: Diff) -> Iterator[Row]:
    taken: Counter[str] = Counter()
    for number, fold in enumerate(diff_words.ranked(diff)):
        members = tuple((_anchor(change, taken), change) for change in fold.changes)
        impacts = {impact for change in fold.changes for impact in change.impacts}
        yield Row(
            number=number,
            anchor=members[0][0] if len(members) == 1 else f"same-{number + 1}",
            fold=fold,
            members=members,
            impacts=tuple(impact for impact in Impact if impact in impacts),
            glance=_glance(fold.example),
            reasons=_tally((change.rule, change.reason) for change in fold.changes),
            consequences=_consequences(fold),
            origins=_tally(str(change.origin) for change in fold.changes if change.origin),
        )


def _anchor(change: Change, taken: Counter[str]) -> str:
    """Give the id of a change on the page, made from its name, so that links to it outlive a run."""
    resource = change.resource
    parts = (change.environment or "-", resource.kind, resource.namespace or "-", resource.name)
    found = "/".join(quote(part, safe="", errors="replace") for part in parts)
    taken[found] += 1
    return found if taken[found] == 1 else f"{found}~{taken[found]}"


def _glance(change: Change) -> str:
    first = diff_words.telling(change)
    if first is None:
        return ""
    more = f"  (+{len(change.fields) - 1:,} more)" if len(change.fields) > 1 else ""
    path = diff_words.shortened(first.path or first.pointer, 2 * _GLANCE)
    return f"{path}: {diff_words.transition(first, _GLANCE)}{more}"


def _tally(said: Iterable[_Said]) -> tuple[tuple[_Said, int], ...]:
    return tuple(Counter(said).items())


def _consequences(fold: Fold) -> tuple[tuple[Consequence, int], ...]:
    """Give what follows, gravest first, each once with the number of objects that it follows from."""
    order = list(Impact)
    found = Counter(entry for change in fold.changes for entry in dict.fromkeys(change.consequences))
    gravity = {entry: min((order.index(impact) for impact in entry.impacts), default=len(order)) for entry in found}
    return tuple(sorted(found.items(), key=lambda item: gravity[item[0]]))


def _sides(field: FieldChange) -> tuple[str, str]:
    return diff_words.sides(field, _VALUE)


def _effects(diff: Diff) -> list[Choice]:
    counts = diff.effects()
    return [
        Choice(str(effect), diff_words.EFFECTS[effect], counts[effect], TONES[effect])
        for effect in Effect
        if counts[effect]
    ]


def _impacts(diff: Diff) -> list[Choice]:
    counts = diff.impacts()
    return [
        Choice(str(impact), diff_words.IMPACTS[impact], counts[impact], IMPACT_TONES[impact])
        for impact in Impact
        if counts[impact]
    ]


def _bar(diff: Diff) -> Iterator[tuple[str, str, str]]:
    """Yield the pieces of the bar that shows how the effects share the changes: tone, start and width of 1,000."""
    start = 0.0
    for choice in _effects(diff):
        width = 1000 * choice.count / len(diff.changes)
        yield choice.tone, f"{start:.2f}", f"{width:.2f}"
        start += width


def _facets(diff: Diff) -> list[tuple[str, list[Choice]]]:
    without = sum(not change.impacts for change in diff.changes)
    impacts = _impacts(diff) + ([Choice(NO_IMPACT, "", without)] if without else [])
    environments = Counter(change.environment or NOWHERE for change in diff.changes)
    kinds = Counter(change.resource.kind for change in diff.changes)
    return [
        ("effect", _effects(diff)),
        ("impact", impacts),
        ("environment", [Choice(name, "", count) for name, count in sorted(environments.items())]),
        ("kind", [Choice(name, "", count) for name, count in sorted(kinds.items(), key=lambda it: (-it[1], it[0]))]),
    ]


def _movements(diff: Diff) -> list[tuple[str, list[diff_words.Amount]]]:
    rows = [
        (entry.environment or "all", list(diff_words.amounts(entry.before, entry.after))) for entry in diff.movements
    ]
    if len(rows) > 1:
        before = sum((entry.before for entry in diff.movements), Totals())
        after = sum((entry.after for entry in diff.movements), Totals())
        rows.append(("all", list(diff_words.amounts(before, after))))
    return rows


def _data(diff: Diff, rows: list[Row], texts: Texts) -> dict[str, object]:
    causes: dict[tuple[str | None, tuple[str, str, str, str]], list[int]] = {}
    for number, edit in enumerate(diff.edits):
        for environment, resource in edit.resources:
            causes.setdefault((environment, resource.identity), []).append(number)
    changes = [
        {
            "anchor": anchor,
            "row": row.number,
            "effect": change.effect,
            "impact": [*change.impacts] or [NO_IMPACT],
            "environment": change.environment or NOWHERE,
            "kind": change.resource.kind,
            "name": str(change.resource),
            "component": change.component or "",
            "cause": causes.get((change.environment, change.resource.identity), []),
            "files": [
                change.before.source.path if change.before else "",
                change.after.source.path if change.after else "",
            ],
            "before": texts.add(change.before),
            "after": texts.add(change.after),
        }
        for row in rows
        for anchor, change in row.members
    ]
    return {"lines": texts.lines, "changes": changes}
