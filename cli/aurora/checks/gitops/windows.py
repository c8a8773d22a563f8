"""A rule about the sync windows of projects: Argo CD can read them all.

Source: Argo CD 3.5, pkg/apis/application/v1alpha1/types.go (`SyncWindow.Validate`, `SyncWindows.active`) and
controller/sync.go (`syncWindowPreventsSync`: a window with an error prevents every sync that it is asked about).
"""

from collections.abc import Iterator

from aurora.cluster.applications import GROUP
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping, text
from aurora.model.rule import BROKEN, OBJECT, InventoryRule, Violation
from aurora_constructs import cron, time_zones
from aurora_constructs.durations import duration
from aurora_constructs.spelling import nearest

_KINDS = ("allow", "deny")


def _unreadable(inventory: Inventory) -> Iterator[Violation]:
    for manifest in inventory.of_kind("AppProject", group=GROUP):
        for index, window in enumerate(items(manifest.get("spec", "syncWindows"))):
            steps = ("spec", "syncWindows", index)
            for key, message, hint in _wrong(*(text(dig(window, key)) for key in ("kind", "schedule", "duration"))):
                at = (*steps, key) if key in mapping(window) else steps
                yield Violation(manifest=manifest, steps=at, message=message, hint=hint)
            zone = text(dig(window, "timeZone"))
            if zone and (problem := time_zones.wrong(zone)):
                message, hint = f"{problem}: Argo CD takes UTC instead", "name one of the tz database"
                yield Violation(manifest=manifest, steps=(*steps, "timeZone"), message=message, hint=hint)
            if not any(items(dig(window, key)) for key in ("applications", "clusters", "namespaces")):
                hint = "list `applications`, `namespaces` or `clusters`; `*` means all"
                yield Violation(manifest=manifest, steps=steps, message="it is about no Application", hint=hint)


def _wrong(kind: str, schedule: str, lasts: str) -> Iterator[tuple[str, str, str]]:
    if kind not in _KINDS:
        yield "kind", f"`{kind}` is no kind of window: it neither allows nor denies", nearest(kind, _KINDS)
    # Its parser has no words such as `@daily`.
    problem = "it has no fields" if schedule.startswith("@") else cron.wrong(schedule)
    if problem:
        hint = "write minute, hour, day, month and day of the week, such as `0 22 * * 1-5`"
        yield "schedule", f"Argo CD cannot read this schedule: {problem}", hint
    if duration(lasts) is None:
        yield (
            "duration",
            f"Argo CD cannot read `{lasts}` as a duration",
            "write hours, minutes or seconds, such as `8h`",
        )


RULES = (InventoryRule("gitops/sync-window", BROKEN, _unreadable, scope=OBJECT),)
