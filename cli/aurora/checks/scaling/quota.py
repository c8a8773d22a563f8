"""Rules about ResourceQuotas: what all pods of a namespace may ask for together.

Source: Kubernetes 1.35, the quota evaluator of pods (`validationSet`), and what `aurora.cluster.quotas` names.
"""

from collections import defaultdict
from collections.abc import Iterator

from aurora.cluster import claim_quotas, quotas, resources, workloads
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import mapping, text
from aurora.model.manifest import Manifest
from aurora.model.rule import ADVICE, OBJECT, REFUSED, InventoryRule, Violation

_MANDATORY = {
    "cpu": (resources.REQUESTS, "cpu"),
    "memory": (resources.REQUESTS, "memory"),
    "requests.cpu": (resources.REQUESTS, "cpu"),
    "requests.memory": (resources.REQUESTS, "memory"),
    "limits.cpu": (resources.LIMITS, "cpu"),
    "limits.memory": (resources.LIMITS, "memory"),
}
"""Items of a quota that oblige every container to state the resource."""


def _unbounded(inventory: Inventory) -> Iterator[Violation]:
    limited = {workloads.namespace_of(quota) for quota in inventory.of_kind("ResourceQuota", group="")}
    for pod in inventory.pods():
        if pod.namespace in limited and quotas.most_pods(inventory, pod) is None:
            yield Violation(
                manifest=pod.manifest,
                steps=("kind",),
                message=f"the number of pods of {pod.manifest.id} is in no manifest: the quota's sum leaves it out",
                hint="keep room for it in the quota; for a CronJob set `concurrencyPolicy: Forbid`",
            )


def _unstated(inventory: Inventory) -> Iterator[Violation]:
    defaults = resources.container_defaults(inventory)
    wanted = _mandatory(inventory)
    for pod in inventory.whole_pods():
        # A pod that states resources as a whole is free of the duty (Kubernetes 1.34 and later).
        if mapping(pod.get("resources")):
            continue
        for container in pod.containers:
            asked = resources.of_container(container, defaults.get(pod.namespace))
            for (part, resource), quota in wanted[pod.namespace].items():
                if resource not in asked.part(part):
                    yield Violation(
                        manifest=pod.manifest,
                        steps=(*container.steps, "resources", part),
                        message=f"{quota.id} makes {part} for `{resource}` mandatory, `{container.name}` states none",
                        hint="state it, or give the namespace a LimitRange with defaults",
                    )


def _mandatory(inventory: Inventory) -> dict[str, dict[tuple[str, str], Manifest]]:
    """Give by namespace what quotas oblige containers to state, with the quota that does."""
    found: dict[str, dict[tuple[str, str], Manifest]] = defaultdict(dict)
    for quota in inventory.of_kind("ResourceQuota", group=""):
        for name in mapping(quota.get("spec", "hard")):
            if name in _MANDATORY:
                found[workloads.namespace_of(quota)].setdefault(_MANDATORY[name], quota)
    return found


def _not_prefixed(inventory: Inventory) -> Iterator[Violation]:
    for quota in inventory.of_kind("ResourceQuota", group=""):
        for name in mapping(quota.get("spec", "hard")):
            bare = text(name).removeprefix("limits.")
            if (
                resources.is_extended(bare)
                and not bare.startswith(("requests.", "count/"))
                and quotas.STORAGE not in bare
            ):
                yield Violation(
                    manifest=quota,
                    steps=("spec", "hard", name),
                    message=f"`{name}` bounds nothing: of a device only the `requests.` form is allowed",
                    hint=f"write `requests.{bare}`",
                )


RULES = (
    InventoryRule("scaling/quota-exceeded", REFUSED, quotas.exceeded),
    InventoryRule("scaling/claims-exceed-quota", REFUSED, claim_quotas.exceeded),
    InventoryRule("scaling/quota-unbounded", ADVICE, _unbounded, severity=Severity.NOTE),
    InventoryRule("scaling/quota-unstated", REFUSED, _unstated),
    InventoryRule("scaling/quota-of-devices", REFUSED, _not_prefixed, scope=OBJECT),
)
