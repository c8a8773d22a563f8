"""The words of a diff, the same in every format: effects, impacts, values, totals, and how folds are named.

Knows no format: what it gives is plain text that each reporter escapes in its own way.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from aurora.model import quantity
from aurora.model.change import Absent, Change, Effect, FieldChange, Impact
from aurora.model.diff import Diff, Edit, Fold, PoolMovement, Totals
from aurora.model.json_value import JsonValue

EFFECTS: dict[Effect, str] = {
    Effect.REFUSED: "the API server refuses it",
    Effect.DELETED: "no longer wanted; deleted where Argo CD prunes",
    Effect.RECREATE: "deleted, then created again",
    Effect.ROLLING_RESTART: "pods are replaced one after another",
    Effect.TRAFFIC_SHIFT: "requests are routed differently",
    Effect.SCALE: "more or fewer pods",
    Effect.RENAMED: "created under a new name, deleted under the old one",
    Effect.CREATED: "new in the cluster",
    Effect.IN_PLACE: "changed where it is, nothing restarts",
    Effect.METADATA_ONLY: "only labels and annotations change",
    Effect.UNCHANGED: "written differently, stored alike",
}
IMPACTS: dict[Impact, str] = {
    Impact.DATA_LOSS_RISK: "data may be lost",
    Impact.DOWNTIME_RISK: "service may be interrupted",
    Impact.SECURITY_WEAKENED: "security becomes weaker",
    Impact.CAPACITY: "the capacity asked for changes",
    Impact.SECURITY_STRENGTHENED: "security becomes stronger",
}
ABSENT = "(absent)"
_MINUS = "\N{MINUS SIGN}"
# Texts that JSON or a reader could take for a number, a truth value or nothing, and those with blanks at an end.
_QUOTED = re.compile(
    r"|true|false|null|yes|no|on|off|~|[-+]?[\d.,_]+(?:e[-+]?\d+)?|\s.*|.*\s|[\"'\[{].*|\(absent\)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """One total of an environment before and after, in words."""

    what: str
    before: str
    after: str
    delta: str


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Write a count with its noun."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def value(found: JsonValue | Absent) -> str:
    """Write a field's value on one line; a text that could be taken for something else stands in quotes."""
    if isinstance(found, Absent):
        return ABSENT
    if isinstance(found, str):
        return json.dumps(found, ensure_ascii=False) if _QUOTED.fullmatch(found) else found
    return json.dumps(found, ensure_ascii=False, sort_keys=True)


def shortened(text: str, limit: int) -> str:
    """Give the text, or its beginning and how much of it is missing."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]} … (+{len(text) - limit:,} characters)"


def transition(field: FieldChange, limit: int) -> str:
    """Write what happens to a field, without its path."""
    return "same items in another order" if field.reordered else " → ".join(sides(field, limit))


def sides(field: FieldChange, limit: int) -> tuple[str, str]:
    """Write a field's values before and after; of long ones the part where they begin to differ."""
    before, after = value(field.before), value(field.after)
    if len(before) <= limit and len(after) <= limit:
        return before, after
    shorter = min(len(before), len(after))
    equal = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    skipped = max(equal - limit // 4, 0)
    return _part(before, skipped, limit), _part(after, skipped, limit)


def _part(text: str, start: int, limit: int) -> str:
    left = len(text) - limit
    if left <= 0:
        return text
    part = text[start : start + limit]
    missing = len(text) - len(part)
    return f"{'… ' if start else ''}{part}{' …' if start + limit < len(text) else ''} (+{missing:,} characters)"


def telling(change: Change) -> FieldChange | None:
    """Give the field that says most of a change: the first that its reason names, or the first of all."""
    named = (entry for entry in change.fields if entry.path and entry.path in change.reason)
    return next(named, next(iter(change.fields), None))


def amounts(before: Totals, after: Totals) -> Iterator[Amount]:
    """Yield the totals of an environment in the order in which people ask for them."""
    yield _amount("pods", Fraction(before.pods), Fraction(after.pods), _number)
    yield _amount("CPU cores", before.cpu, after.cpu, _number)
    yield _amount("memory", before.memory, after.memory, _bytes)
    yield _amount("GPUs", before.gpus, after.gpus, _number)
    yield _amount("storage", before.storage, after.storage, _bytes)


def pool_move(move: PoolMovement) -> str:
    """Write what changes in a node pool: as written, and at most where that is something else."""
    written = _bytes if move.item == "memory" else _number
    where = f"pool {move.pool}" if move.pool else "several pools"
    parts = [f"{written(move.before)} → {written(move.after)}"] if move.before != move.after else []
    if (move.most_before, move.most_after) != (move.before, move.after) and move.most_before != move.most_after:
        parts.append(f"at most {written(move.most_before)} → {written(move.most_after)}")
    return f"{where}: {move.item} {', '.join(parts)}"


def _amount(what: str, before: Fraction, after: Fraction, written: Callable[[Fraction], str]) -> Amount:
    delta = after - before
    sign = "+" if delta > 0 else _MINUS
    return Amount(what, written(before), written(after), f"{sign}{written(abs(delta))}" if delta else "")


def _bytes(amount: Fraction) -> str:
    return quantity.render(amount) if amount.denominator == 1 else _number(amount)


def _number(amount: Fraction) -> str:
    """Write what is counted: 1024 pods are not `1Ki`, and thousandths are a decimal fraction, as of cores."""
    if amount.denominator == 1:
        return str(amount.numerator)
    if (amount * 1000).denominator != 1:
        return quantity.render(amount)
    whole, thousandths = divmod(int(amount * 1000), 1000)
    return f"{whole}.{thousandths:03}".rstrip("0")


def proof(diff: Diff, *, where: str) -> str:
    """Say how many objects were compared, and where each of them went: `above` or `below`."""
    changes = counted(len(diff.changes), "change")
    return (
        f"{counted(diff.objects_before, 'object')} before, {diff.objects_after:,} after: "
        f"{diff.identical:,} identical byte for byte, {changes}{f' shown or counted {where}' if diff.changes else ''}"
    )


def findings_title(diff: Diff) -> str:
    """Say what the findings are about."""
    unread, illegal = len(diff.unread), len(diff.findings) - len(diff.unread)
    parts = [f"Incomplete: {counted(unread, 'finding')} about what could not be read or judged"] if unread else []
    if illegal:
        parts.append(f"{counted(illegal, 'illegal step')} of versions on trial")
    return "; ".join(parts)


def headline(diff: Diff) -> str:
    """Say in one sentence what the diff comes to."""
    if not diff.objects_before and not diff.objects_after:
        return "No object was found on either side: this diff says nothing"
    if not diff.changes:
        return "No change was found in what could be read" if diff.unread else "Nothing changes"
    environments = {change.environment for change in diff.changes if change.environment}
    where = f" in {counted(len(environments), 'environment')}" if environments else ""
    verb = "differs" if len(diff.changes) == 1 else "differ"
    return f"{counted(len(diff.changes), 'object')} {verb}{where}"


def same_change(fold: Fold) -> str:
    """Say how many objects a fold stands for; where no field shows an edit, they only fare alike."""
    where = f" of {counted(len(fold.environments), 'environment')}" if fold.environments else ""
    what = "same change in" if fold.example.fields else "the same happens to"
    return f"{what} {counted(len(fold.changes), 'object')}{where}"


def touched(edit: Edit) -> str:
    """Say how many objects an edit changes, and in how many environments."""
    environments = {environment for environment, _ in edit.resources if environment}
    where = f" in {counted(len(environments), 'environment')}" if environments else ""
    return f"{counted(len(edit.resources), 'object')}{where}"


def ranked(diff: Diff) -> list[Fold]:
    """Give the folds in the order of risk: where the first of their changes stands in the diff."""
    position = {id(change): index for index, change in enumerate(diff.changes)}
    last = len(diff.changes)
    return sorted(diff.folds, key=lambda fold: min(position.get(id(change), last) for change in fold.changes))
