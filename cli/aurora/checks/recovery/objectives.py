"""Rules about what is promised: a recovery point that backups can keep, and a restore that somebody tries.

The annotations are Aurora's own: see `aurora_constructs.recovery`.
"""

from __future__ import annotations

from collections.abc import Iterator

from aurora.cluster import backups
from aurora.model.inventory import Inventory
from aurora.model.rule import ADVICE, BROKEN, InventoryRule, Violation
from aurora_constructs import recovery
from aurora_constructs.spelling import nearest


def _unreadable(inventory: Inventory) -> Iterator[Violation]:
    for objective in backups.objectives(inventory):
        for name, written in ((recovery.RPO, objective.rpo), (recovery.RTO, objective.rto)):
            key = inventory.names.key(name)
            if recovery.length(written) is None:
                yield Violation(
                    manifest=objective.manifest,
                    steps=("metadata", "annotations", *([key] if written else [])),
                    message=f"`{key}: {written}` is no time" if written else f"`{key}` is missing",
                    hint="write minutes, hours or days, such as `30m`, `6h` or `35d`, for both",
                )


def _uncovered(inventory: Inventory) -> Iterator[Violation]:
    schedules = backups.schedules(inventory)
    for objective in backups.objectives(inventory):
        reasons = [backups.uncovered(inventory, objective, schedule) for schedule in schedules]
        if all(reasons) and objective.rpo:
            why = "; ".join(reason for reason in reasons if reason) or "there is no Schedule of Velero"
            yield Violation(
                manifest=objective.manifest,
                steps=("metadata", "annotations", inventory.names.key(recovery.RPO)),
                message=f"at most {objective.rpo} may be lost, but no schedule backs it up: {why}",
                hint="add it to a schedule, or promise nothing",
            )


def _too_rare(inventory: Inventory) -> Iterator[Violation]:
    schedules = backups.schedules(inventory)
    for objective in backups.objectives(inventory):
        wanted = recovery.length(objective.rpo)
        covering = [each for each in schedules if backups.uncovered(inventory, objective, each) is None]
        gaps = sorted((gap, each.name) for each in covering if (gap := each.gap))
        if wanted and gaps and gaps[0][0] > wanted:
            gap, name = gaps[0]
            yield Violation(
                manifest=objective.manifest,
                steps=("metadata", "annotations", inventory.names.key(recovery.RPO)),
                message=f"at most {objective.rpo} may be lost, but between two backups of `{name}` "
                f"are up to {recovery.words(gap)}",
                hint="make backups more often, or promise less",
            )


def _untried(inventory: Inventory) -> Iterator[Violation]:
    """One tried schedule in a namespace of Velero is enough: they share its plugin, location and rights."""
    key = inventory.names.key(recovery.CHECKS)
    tried = {
        (manifest.id.namespace, manifest.annotations[key])
        for manifest in inventory.of_kind("CronJob", group="batch")
        if key in manifest.annotations and manifest.get("spec", "suspend") is not True
    }
    by_namespace: dict[str | None, list[backups.Schedule]] = {}
    for schedule in backups.schedules(inventory):
        by_namespace.setdefault(schedule.manifest.id.namespace, []).append(schedule)
    for namespace, schedules in by_namespace.items():
        if not any((namespace, schedule.name) in tried for schedule in schedules):
            yield Violation(
                manifest=schedules[0].manifest,
                message="no run on a schedule tries to restore these backups: whether they can be restored is unknown",
                hint=f"add `check` to the Backups component: a CronJob whose annotation `{key}` names a schedule",
            )


def _tries_nothing(inventory: Inventory) -> Iterator[Violation]:
    key = inventory.names.key(recovery.CHECKS)
    known = {(each.manifest.id.namespace, each.name) for each in backups.schedules(inventory)}
    for manifest in inventory.of_kind("CronJob", group="batch"):
        name = manifest.annotations.get(key)
        if name is not None and (manifest.id.namespace, name) not in known:
            names = [each for namespace, each in known if namespace == manifest.id.namespace]
            yield Violation(
                manifest=manifest,
                steps=("metadata", "annotations", key),
                message=f"it tries to restore backups of `{name}`, which is no Schedule of its namespace",
                hint=nearest(name, names) if names else "add the schedule",
            )


RULES = (
    InventoryRule("recovery/objective", BROKEN, _unreadable),
    InventoryRule("recovery/not-backed-up", BROKEN, _uncovered, softens=True),
    InventoryRule("recovery/backed-up-too-rarely", BROKEN, _too_rare),
    InventoryRule("recovery/never-tried", ADVICE, _untried, softens=True, own=True),
    InventoryRule("recovery/tries-nothing", BROKEN, _tries_nothing, softens=True),
)
