"""Rules about PodDisruptionBudgets: which pods they protect, and that they let a node be drained at all.

Source: Kubernetes 1.35, disruption controller (`getExpectedPodCount` rounds percentages up; a budget whose
expected count is 0 allows no eviction) and the eviction API (a pod with two budgets cannot be evicted).
That a budget selects some pod is judged with the other references.
"""

from collections import defaultdict
from collections.abc import Iterator

from aurora.cluster import disruption, workloads
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.rule import ADVICE, BROKEN, OBJECT, REFUSED, InventoryRule, Violation


def _several(inventory: Inventory) -> Iterator[Violation]:
    for budget, pods in disruption.budgets(inventory):
        names = sorted({str(pod.manifest.id) for pod in pods})
        if len(names) > 1:
            yield Violation(
                manifest=budget,
                steps=("spec", "selector"),
                message=f"the budget counts the pods of {len(names)} workloads together: {', '.join(names)}",
                hint="select one workload, by its name and track labels",
            )


def _twice(inventory: Inventory) -> Iterator[Violation]:
    protecting: dict[tuple[str, str, str, str], list[Manifest]] = defaultdict(list)
    for budget, pods in disruption.budgets(inventory):
        for pod in pods:
            protecting[pod.manifest.id.identity].append(budget)
    for (_, kind, _, name), found in protecting.items():
        for budget in found[1:]:
            yield Violation(
                manifest=budget,
                steps=("spec", "selector"),
                message=f"{found[0].id} selects the pods of {kind} `{name}` already",
                hint="keep one budget for each workload",
            )


def _missing(inventory: Inventory) -> Iterator[Violation]:
    protected = {pod.manifest.id.identity for _, pods in disruption.budgets(inventory) for pod in pods}
    for pod in disruption.serving(inventory):
        replicas = workloads.index(inventory).replicas(pod)
        if replicas and replicas.least > 1 and pod.manifest.id.identity not in protected:
            yield Violation(
                manifest=pod.manifest,
                steps=("spec",),
                message=f"no PodDisruptionBudget protects the {replicas.least} replicas of {pod.manifest.id}",
                hint="add one with `maxUnavailable: 1`",
            )


def _unhealthy(inventory: Inventory) -> Iterator[Violation]:
    for budget in inventory.of_kind("PodDisruptionBudget", group="policy"):
        if budget.get("spec", "unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield Violation(
                manifest=budget,
                steps=("spec", "unhealthyPodEvictionPolicy"),
                message="pods that are not Ready may not be evicted either",
                hint="set `unhealthyPodEvictionPolicy: AlwaysAllow`",
            )


RULES = (
    InventoryRule("scaling/budget-of-several", ADVICE, _several),
    InventoryRule("scaling/two-budgets", REFUSED, _twice),
    InventoryRule("scaling/budget-blocks-drains", BROKEN, disruption.blocking),
    InventoryRule("scaling/budget-without-count", BROKEN, disruption.unscaled),
    InventoryRule("scaling/no-budget", ADVICE, _missing, softens=True),
    InventoryRule("scaling/unhealthy-pods-block-drains", ADVICE, _unhealthy, severity=Severity.WARNING, scope=OBJECT),
)
