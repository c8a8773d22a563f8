"""The rule about fields that Argo Workflows 4 no longer has.

Source: Argo Workflows docs, upgrading to 4.0 and deprecations: removed are `schedule` of CronWorkflows, `mutex` and
`semaphore` beside their lists, and `podPriority`; the lists work since 3.6. The API server drops the fields, or refuses
them: a CronWorkflow without schedule never runs, and what had one mutex has none.
"""

from collections.abc import Iterator

from aurora.cluster.applications import deployments
from aurora.cluster.custom_kinds import CRD_GROUP
from aurora.cluster.workflows import CRON, GROUP, Definition, definitions
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping
from aurora.model.rule import BROKEN, InventoryRule, Violation
from aurora.model.tree import Steps

CHART = "argo-workflows"
_FOURTH, _FIRST_CHART_OF_FOURTH = 4, 1
_INSTEAD = {
    "schedule": "`schedules`, a list",
    "mutex": "`mutexes`, a list",
    "semaphore": "`semaphores`, a list",
    "podPriority": "`podPriorityClassName`",
}


def _removed(inventory: Inventory) -> Iterator[Violation]:
    major = inventory.once(major_version)
    if major is not None and major < _FOURTH:
        return
    for definition in definitions(inventory):
        for steps in _places(definition):
            hint = f"write {_INSTEAD[str(steps[-1])]}: versions since 3.6 take both"
            yield Violation(
                manifest=definition.manifest,
                steps=steps,
                message=f"Argo Workflows has no `{steps[-1]}` since 4.0",
                hint=hint,
                unsure=major is None,
            )


def _places(definition: Definition) -> Iterator[Steps]:
    if definition.manifest.id.kind == CRON and definition.manifest.get("spec", "schedule") is not None:
        yield "spec", "schedule"
    if definition.spec.get("podPriority") is not None:
        yield *definition.steps, "podPriority"
    holders = [(definition.steps, definition.spec)]
    holders += [(template.steps, template.body) for template in definition.every_template]
    for steps, holder in holders:
        for field in ("mutex", "semaphore"):
            if dig(holder, "synchronization", field) is not None:
                yield *steps, "synchronization", field


def major_version(inventory: Inventory) -> int | None:
    """Tell which major version runs: by the definition of CronWorkflows, or by the chart; None where neither is there.

    Charts below 1.0 install versions below 4 (argo-helm: chart 0.47.5 is 3.7.11, chart 1.0.0 is 4.0.2).
    """
    for manifest in inventory.of_kind("CustomResourceDefinition", group=CRD_GROUP):
        if (manifest.get("spec", "group"), manifest.get("spec", "names", "kind")) == (GROUP, CRON):
            for version in items(manifest.get("spec", "versions")):
                fields = mapping(dig(version, "schema", "openAPIV3Schema", "properties", "spec", "properties"))
                if fields:
                    return _FOURTH - 1 if "schedule" in fields else _FOURTH
    for application in deployments(inventory).applications:
        for source in application.sources:
            number = source.revision.removeprefix("v").partition(".")[0]
            if source.chart == CHART and number.isdecimal():
                return _FOURTH if int(number) >= _FIRST_CHART_OF_FOURTH else _FOURTH - 1
    return None


RULES = (InventoryRule("workflows/removed-field", BROKEN, _removed),)
