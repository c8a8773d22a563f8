"""Rules about schedules and backups that Velero refuses, or that are gone before anybody needs them.

Sources: Velero 1.18, pkg/controller/schedule_controller.go (`parseCronSchedule`), backup_controller.go
(`prepareBackupRequest`, `validateAndGetSnapshotLocations`), pkg/util/collections/includes_excludes.go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from aurora.checks.workflows.schedules import wrong_schedule
from aurora.cluster import backups
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import BROKEN, OBJECT, REFUSED, InventoryRule, Violation
from aurora_constructs.durations import duration
from aurora_constructs.recovery import words

_OLD = ("includedResources", "excludedResources", "includeClusterResources")
_NEW = (
    "includedClusterScopedResources",
    "excludedClusterScopedResources",
    "includedNamespaceScopedResources",
    "excludedNamespaceScopedResources",
)
_EVERY = "*"

Wish = tuple[Manifest, tuple[Step, ...], JsonObject]


def _wishes(inventory: Inventory) -> Iterator[Wish]:
    """Yield what backups are told: by schedules, and by backups that somebody wrote."""
    for schedule in backups.schedules(inventory):
        yield schedule.manifest, ("spec", "template"), schedule.template
    for manifest in inventory.of_kind("Backup", group=backups.GROUP):
        yield manifest, ("spec",), mapping(manifest.get("spec"))


def _unreadable(inventory: Inventory) -> Iterator[Violation]:
    for schedule in backups.schedules(inventory):
        written = text(schedule.manifest.get("spec", "schedule"))
        wrong = wrong_schedule(written) if written else "it is missing"
        if wrong:
            yield Violation(
                manifest=schedule.manifest,
                steps=("spec", "schedule") if written else (),
                message=f"Velero cannot read this schedule: {wrong}",
                hint="write minute, hour, day, month and day of the week, such as `0 3 * * 1-5`",
            )


def _too_short(inventory: Inventory) -> Iterator[Violation]:
    gaps = {id(schedule.manifest): schedule.gap for schedule in backups.schedules(inventory)}
    for manifest, steps, wish in _wishes(inventory):
        if wish.get("ttl") is None:
            continue
        written = text(wish.get("ttl"))
        kept, gap = duration(written), gaps.get(id(manifest))
        if kept is None:
            message = f"`{written}` is no time: Velero then reads none of its objects of this kind"
        elif kept.total_seconds() < 0:
            message = f"a backup that is kept for `{written}` is deleted as soon as it is made"
        elif gap and 0 < kept.total_seconds() < gap.total_seconds():
            message = f"a backup is kept for {words(kept)}, and the next one may come {words(gap)} later: none is left"
        else:
            continue
        yield Violation(
            manifest=manifest, steps=(*steps, "ttl"), message=message, hint="write hours, such as `720h0m0s`"
        )


def _contradicting(inventory: Inventory) -> Iterator[Violation]:
    for manifest, steps, wish in _wishes(inventory):
        for field, message in _contradictions(wish):
            hint = "state one of both, and lists that have no entry in common"
            yield Violation(manifest=manifest, steps=(*steps, field), message=message, hint=hint)


def _contradictions(wish: JsonObject) -> Iterator[tuple[str, str]]:
    new = [name for name in _NEW if items(wish.get(name))]
    old = [name for name in _OLD if wish.get(name) not in (None, [])]
    if new and old:
        yield new[0], f"`{new[0]}` and `{old[0]}` are filters of two kinds, which Velero does not take together"
    if wish.get("labelSelector") is not None and wish.get("orLabelSelectors") is not None:
        yield "orLabelSelectors", "`labelSelector` and `orLabelSelectors` are not taken together"
    for what in ("Resources", "Namespaces"):
        included, excluded = (
            [text(each) for each in items(wish.get(f"{how}{what}"))] for how in ("included", "excluded")
        )
        if len(included) > 1 and _EVERY in included:
            yield f"included{what}", "`*` stands alone, or not at all"
        if _EVERY in excluded:
            yield f"excluded{what}", "`*` leaves nothing to back up"
        for each in sorted(set(included) & set(excluded)):
            yield f"excluded{what}", f"`{each}` is included too"


def _nowhere(inventory: Inventory) -> Iterator[Violation]:
    """A location that is named and missing is found as a reference."""
    locations: dict[str, dict[str, Manifest]] = defaultdict(dict)
    for location in inventory.of_kind("BackupStorageLocation", group=backups.GROUP):
        locations[location.id.namespace or ""][location.id.name] = location
    for manifest, steps, wish in _wishes(inventory):
        known = locations[manifest.id.namespace or ""]
        name = text(wish.get("storageLocation"))
        if not name and not any(each.get("spec", "default") is True for each in known.values()):
            yield Violation(
                manifest=manifest,
                steps=steps,
                message="it names no storage location, and none is the default",
                hint="name a BackupStorageLocation in `storageLocation`",
            )
        elif name in known and known[name].get("spec", "accessMode") == "ReadOnly":
            yield Violation(
                manifest=manifest,
                steps=(*steps, "storageLocation"),
                message=f"the location `{name}` is read-only: no backup is made there",
                hint="name a location with `accessMode: ReadWrite`",
            )


def _ambiguous(inventory: Inventory) -> Iterator[Violation]:
    """Velero takes one location of snapshots for each provider, and asks for a choice where there are several."""
    known: dict[str, dict[str, str]] = defaultdict(dict)
    for location in inventory.of_kind("VolumeSnapshotLocation", group=backups.GROUP):
        known[location.id.namespace or ""][location.id.name] = text(location.get("spec", "provider"))
    for manifest, steps, wish in _wishes(inventory):
        here = known[manifest.id.namespace or ""]
        named = [text(each) for each in items(wish.get("volumeSnapshotLocations"))]
        for provider in sorted(set(here.values())):
            every = sorted(name for name, its in here.items() if its == provider)
            chosen = sorted({name for name in named if here.get(name) == provider})
            if len(chosen) == 1 or (not chosen and len(every) == 1):
                continue
            which = chosen or every
            shown = ", ".join(f"`{name}`" for name in which)
            yield Violation(
                manifest=manifest,
                steps=(*steps, "volumeSnapshotLocations") if chosen else steps,
                message=f"of the snapshot locations of `{provider}`, {shown}, one backup takes one",
                hint="name one of them in `volumeSnapshotLocations`",
                # Flags of the server may name a default, which no manifest shows.
                unsure=not chosen,
            )


def _unknown_namespaces(inventory: Inventory) -> Iterator[Violation]:
    known = set(inventory.namespaces()) | {each.name for each in inventory.externals if each.kind == "Namespace"}
    for manifest, steps, wish in _wishes(inventory):
        for index, entry in enumerate(items(wish.get("includedNamespaces"))):
            name = text(entry)
            if name and not set(name) & set("*?[{") and name not in known:
                yield Violation(
                    manifest=manifest,
                    steps=(*steps, "includedNamespaces", index),
                    message=f"there is no namespace `{name}`: nothing of it is backed up",
                    hint="name a namespace that exists, or declare it under `externals`",
                )


RULES = (
    InventoryRule("recovery/schedule", REFUSED, _unreadable, scope=OBJECT),
    InventoryRule("recovery/kept-too-short", BROKEN, _too_short, scope=OBJECT),
    InventoryRule("recovery/filters", REFUSED, _contradicting, scope=OBJECT),
    InventoryRule("recovery/no-location", REFUSED, _nowhere, softens=True),
    InventoryRule("recovery/snapshot-location", REFUSED, _ambiguous),
    InventoryRule("recovery/unknown-namespace", BROKEN, _unknown_namespaces, softens=True),
)
