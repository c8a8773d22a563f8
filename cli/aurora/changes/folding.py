"""Puts changes into the order of their risk, and identical edits together."""

import json
from collections.abc import Iterable, Sequence

from aurora.model.change import ABSENT, Absent, Change, Effect, Impact
from aurora.model.diff import Fold
from aurora.model.json_value import JsonValue

_EFFECTS = {effect: rank for rank, effect in enumerate(Effect)}
_RISKS: tuple[Impact | Effect, ...] = (
    Impact.DATA_LOSS_RISK,
    Impact.DOWNTIME_RISK,
    Effect.REFUSED,
    Impact.SECURITY_WEAKENED,
)
"""What can hurt those who use the platform, the worst first; a change that is refused hurts whoever waits for it."""


def ordered(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Sort changes by what can hurt users first: grave impacts and refusals, then by effect."""
    return tuple(sorted(changes, key=_risk))


def _risk(change: Change) -> tuple[object, ...]:
    said = {change.effect, *change.impacts}
    resource = change.resource
    return (
        next((rank for rank, risk in enumerate(_RISKS) if risk in said), len(_RISKS)),
        _EFFECTS[change.effect],
        change.environment or "",
        change.component or "",
        (resource.api_version, resource.kind, resource.namespace or "", resource.name),
    )


def folded(changes: Sequence[Change]) -> tuple[Fold, ...]:
    """Put changes with one effect, one rule and the same changed fields together, in the order of the first of each."""
    folds: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        folds.setdefault(_edit(change), []).append(change)
    return tuple(Fold(changes=tuple(found)) for found in folds.values())


def _edit(change: Change) -> tuple[object, ...]:
    """Give what makes changes identical; where no field says what changed, objects of one kind are."""
    kind = (change.resource.group, change.resource.kind) if not change.fields else ()
    fields = tuple((entry.path, _text(entry.before), _text(entry.after)) for entry in change.fields)
    return (change.effect, change.rule, change.impacts, kind, fields)


def _text(value: JsonValue | Absent) -> str:
    return "absent" if value is ABSENT else json.dumps(value, sort_keys=True)
