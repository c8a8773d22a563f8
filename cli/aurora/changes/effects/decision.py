"""Which effect a change has: every changed field is looked up in the table, and the most serious effect wins."""

import re
from dataclasses import dataclass

from aurora.changes.effects import generic, rows
from aurora.changes.effects.leaves import Leaf, leaves
from aurora.changes.effects.row import Row
from aurora.changes.pairs import Pair
from aurora.model.change import Effect

_GRAVITY = {effect: rank for rank, effect in enumerate(Effect)}
_SHOWN = 3
_VALUE = re.compile(r"(Invalid value: )[\[{].{80,}[\]}](: )")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the cluster does about one object's change, the row that says so, and its words for this object."""

    effect: Effect
    rule: str
    reason: str


def decide(pair: Pair) -> Verdict:
    """Decide what the cluster does about the change of one object."""
    if pair.refusals:
        return _refused(pair)
    row = _whole(pair)
    if row is not None and row.effect is Effect.RENAMED:
        return Verdict(effect=row.effect, rule=row.id, reason=f"{_names(pair)}: {row.words}")
    if row is not None:
        return Verdict(effect=row.effect, rule=row.id, reason=row.words)
    anew = generic.anew(pair)
    if anew is not None:
        reason = f"{_named([change.path for change in pair.fields])}: {anew.words}"
        return Verdict(effect=anew.effect, rule=anew.id, reason=reason)
    return _changed(pair)


def _whole(pair: Pair) -> Row | None:
    """Give the row of an object that comes, goes, is renamed or stays; None where its fields decide."""
    if pair.before is None:
        return rows.named("object/created")
    if pair.after is None:
        return generic.deleted(pair.before, pair.stays)
    if pair.renamed:
        return rows.named("object/renamed")
    return rows.named("object/unchanged") if pair.same or not pair.fields else None


def _names(pair: Pair) -> str:
    return " becomes ".join(f"`{side.id}`" for side in (pair.before, pair.after) if side is not None)


def _refused(pair: Pair) -> Verdict:
    """Keep the server's words; a row that expects the refusal adds what else could be done."""
    words = "; ".join(dict.fromkeys(map(_short, pair.refusals)))
    expected = _expecting(pair)
    anew = generic.anew(pair) if expected is not None else None
    if anew is not None:
        reason = f"{anew.words} (an update would be refused: {words})"
        return Verdict(effect=anew.effect, rule=anew.id, reason=reason)
    row = expected or rows.named("object/refused")
    reason = words if pair.before is None else f"{words} ({row.words})"
    return Verdict(effect=row.effect, rule=row.id, reason=reason)


def _expecting(pair: Pair) -> Row | None:
    """Give the first row that says of a changed field that changing it is refused, whatever others say of it."""
    refusing = [row for row in rows.of_kind((pair.resource.group, pair.resource.kind)) if row.effect is Effect.REFUSED]
    for change in pair.fields:
        for leaf in leaves(change):
            for row in refusing:
                if any(leaf.matches(pattern) for pattern in row.fields) and (
                    not row.when or row.when.holds(pair, leaf)
                ):
                    return row
    return None


def _short(refusal: str) -> str:
    """Leave out the values that the server repeats, and its own diff: the change shows both."""
    first, *more = refusal.strip().splitlines() or [""]
    return _VALUE.sub(r"\1…\2", first) + (" …" if more else "")


def _changed(pair: Pair) -> Verdict:
    hits = _hits(pair)
    order = rows.of_kind((pair.resource.group, pair.resource.kind))
    row = min(hits, key=lambda hit: (_GRAVITY[hit.effect], order.index(hit)))
    reason = f"{_named(hits[row])}: {row.words}"
    others: dict[Effect, list[str]] = {}
    for hit, paths in hits.items():
        if hit.effect not in (row.effect, Effect.UNCHANGED, Effect.METADATA_ONLY):
            others.setdefault(hit.effect, []).extend(paths)
    for effect in sorted(others, key=_GRAVITY.__getitem__):
        reason += f"; also {effect}: {_named(others[effect])}"
    return Verdict(effect=row.effect, rule=row.id, reason=reason)


def _named(paths: list[str]) -> str:
    """Name fields, the first few of many."""
    shown = ", ".join(f"`{path}`" for path in paths[:_SHOWN])
    return shown if len(paths) <= _SHOWN else f"{shown} and {len(paths) - _SHOWN} more"


def _hits(pair: Pair) -> dict[Row, list[str]]:
    """Give the rows that the changed fields fall under, each with the paths of its fields."""
    asked = rows.of_kind((pair.resource.group, pair.resource.kind))
    if pair.unstored is None and not pair.refusals:
        # The server takes the change: what it refuses in other cases, it does not refuse here.
        asked = tuple(row for row in asked if row.effect is not Effect.REFUSED or row.by_webhook)
    found: dict[Row, list[str]] = {}
    for change in pair.fields:
        for leaf in leaves(change):
            paths = found.setdefault(_first(asked, pair, leaf), [])
            if leaf.path not in paths:
                paths.append(leaf.path)
    return found


def _first(asked: tuple[Row, ...], pair: Pair, leaf: Leaf) -> Row:
    for row in asked:
        if leaf.reordered and not row.ordered:
            continue
        if any(leaf.matches(pattern) for pattern in row.fields) and (row.when is None or row.when.holds(pair, leaf)):
            return row
    raise AssertionError(f"no row knows `{leaf.path}`: the last row of every kind knows every field")
