"""Rules about CronWorkflows: schedules that the controller can read, and what is better said than left to defaults.

Sources: Argo Workflows 4.1, workflow/validate/validate.go (`CronWorkflow`); robfig/cron 3.0.1, parser.go
(`ParseStandard`); docs, cron workflows.
"""

import re
from collections.abc import Iterator

from aurora.cluster.workflows import CRON, GROUP, Definition, definitions, host
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, items, text
from aurora.model.manifest import Manifest
from aurora.model.rule import ADVICE, OBJECT, REFUSED, InventoryRule, Scope, Violation
from aurora.model.tree import Steps
from aurora_constructs import cron, time_zones
from aurora_constructs.spelling import nearest

_ZONE = re.compile(r"(?:CRON_)?TZ=(\S*)\s+(.*)")
_POLICIES = ("Allow", "Forbid", "Replace")


def wrong_schedule(written: str) -> str | None:
    """Say what is wrong with a schedule of five fields, or with a word that begins with `@`; None where nothing is."""
    zoned = _ZONE.fullmatch(written)
    if zoned:
        return time_zones.wrong(zoned[1]) or wrong_schedule(zoned[2])
    return cron.wrong(written)


def _crons(inventory: Inventory) -> Iterator[Manifest]:
    return inventory.of_kind(CRON, group=GROUP)


def _schedules(manifest: Manifest) -> Iterator[tuple[Steps, JsonValue]]:
    for index, entry in enumerate(items(manifest.get("spec", "schedules"))):
        yield ("spec", "schedules", index), entry
    if manifest.get("spec", "schedule") is not None:
        yield ("spec", "schedule"), manifest.get("spec", "schedule")


def _place(manifest: Manifest) -> Steps:
    return ("spec",) if manifest.get("spec") is not None else ()


def _unreadable(inventory: Inventory) -> Iterator[Violation]:
    for manifest in _crons(inventory):
        listed = [*_schedules(manifest)]
        if not listed:
            yield Violation(
                manifest=manifest,
                steps=_place(manifest),
                message="it has no schedule",
                hint="list at least one in `schedules`",
            )
        for steps, entry in listed:
            wrong = wrong_schedule(text(entry))
            if wrong:
                yield Violation(
                    manifest=manifest,
                    steps=steps,
                    message=f"the controller cannot read this schedule: {wrong}",
                    hint="write minute, hour, day, month and day of the week, such as `0 3 * * 1-5`",
                )
        yield from _settings(manifest)


def _settings(manifest: Manifest) -> Iterator[Violation]:
    zone, policy = text(manifest.get("spec", "timezone")), text(manifest.get("spec", "concurrencyPolicy"))
    wrong = time_zones.wrong(zone) if zone else None
    if wrong:
        hint = "name one of the tz database, such as `Europe/Berlin` or `Etc/UTC`"
        yield Violation(manifest=manifest, steps=("spec", "timezone"), message=wrong, hint=hint)
    if policy and policy not in _POLICIES:
        yield Violation(
            manifest=manifest,
            steps=("spec", "concurrencyPolicy"),
            message=f"`{policy}` is no policy",
            hint=nearest(policy, _POLICIES),
        )
    deadline = manifest.get("spec", "startingDeadlineSeconds")
    if isinstance(deadline, int) and deadline < 0:
        yield Violation(
            manifest=manifest,
            steps=("spec", "startingDeadlineSeconds"),
            message="it must not be negative",
            hint="write how many seconds late a run may still start",
        )


def _without_zone(inventory: Inventory) -> Iterator[Violation]:
    for manifest in _crons(inventory):
        zoned = any("TZ=" in text(entry) for _, entry in _schedules(manifest))
        if not manifest.get("spec", "timezone") and not zoned:
            yield Violation(
                manifest=manifest,
                steps=_place(manifest),
                message="the hours of its schedule are those of whatever zone the controller's container has",
                hint="name a `timezone`, such as `Etc/UTC`",
            )


def _overlapping(inventory: Inventory) -> Iterator[Violation]:
    for manifest in _crons(inventory):
        if manifest.get("spec", "concurrencyPolicy") in (None, "", "Allow"):
            yield Violation(
                manifest=manifest,
                steps=_place(manifest),
                message="a run starts while the one before still runs",
                hint="set `concurrencyPolicy: Forbid`, or `Replace`",
            )


def _without_account(inventory: Inventory) -> Iterator[Violation]:
    for definition in definitions(inventory):
        run = host(inventory, definition)
        if definition.is_template or run is None:
            continue
        if not any(_account(each) for each in (definition, run)) and not _own_accounts(run):
            yield Violation(
                manifest=definition.manifest,
                steps=definition.place,
                message="its pods run as the account `default`, which may not write the results of their steps",
                hint="name a `serviceAccountName` that may create and patch `workflowtaskresults`",
            )


def _account(definition: Definition) -> str:
    name = text(definition.spec.get("serviceAccountName"))
    return "" if name == "default" else name


def _own_accounts(definition: Definition) -> bool:
    return any(template.body.get("serviceAccountName") for template in definition.templates)


RULES = (
    InventoryRule("workflows/schedule", REFUSED, _unreadable, scope=OBJECT),
    InventoryRule("workflows/no-time-zone", ADVICE, _without_zone, severity=Severity.WARNING, scope=OBJECT),
    InventoryRule("workflows/overlap", ADVICE, _overlapping, severity=Severity.WARNING, scope=OBJECT),
    InventoryRule("workflows/default-account", ADVICE, _without_account, own=True, scope=Scope.NAMESPACE),
)
