"""PodDisruptionBudgets and the pods that they protect, and the budgets that let nothing be evicted.

Source: Kubernetes 1.35, disruption controller (`getExpectedPodCount` rounds percentages up; a budget whose
expected count is 0 allows no eviction). Says what is so; whether it is an error is not decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.cluster import workloads
from aurora.model import counts
from aurora.model.rule import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.model.inventory import Inventory
    from aurora.model.manifest import Manifest
    from aurora.model.pod_template import PodTemplate

SERVING_KINDS = frozenset({"Deployment", "StatefulSet"})


def budgets(inventory: Inventory) -> Iterator[tuple[Manifest, list[PodTemplate]]]:
    """Yield every PodDisruptionBudget with the pods that it selects."""
    index = workloads.index(inventory)
    for budget in inventory.of_kind("PodDisruptionBudget", group="policy"):
        yield budget, index.selected(workloads.namespace_of(budget), budget.get("spec", "selector"))


def blocking(inventory: Inventory) -> Iterator[Violation]:
    """Find budgets that let no pod be evicted."""
    index = workloads.index(inventory)
    for budget, pods in budgets(inventory):
        replicas = index.replicas(pods[0]) if len(pods) == 1 else None
        least = replicas.least if replicas else None
        needed, allowed = budget.get("spec", "minAvailable"), budget.get("spec", "maxUnavailable")
        if needed is None and allowed is None:
            yield _blocked(
                budget, "selector", "neither `minAvailable` nor `maxUnavailable` is set: nothing may be evicted"
            )
        elif allowed is not None and not counts.scaled(allowed, least or 1, round_up=True):
            yield _blocked(budget, "maxUnavailable", f"`maxUnavailable` {allowed} lets no pod be evicted, ever")
        elif needed is not None and least is not None:
            kept = counts.scaled(needed, least, round_up=True)
            if kept is None or (least > 0 and kept >= least):
                yield _blocked(
                    budget, "minAvailable", f"`minAvailable` {needed} of {least} replicas lets no pod be evicted"
                )


def _blocked(budget: Manifest, key: str, message: str) -> Violation:
    return Violation(
        manifest=budget,
        steps=("spec", key),
        message=message,
        hint="leave at least one replica to evict, or set `maxUnavailable: 1`",
    )


def serving(inventory: Inventory) -> Iterator[PodTemplate]:
    """Yield the Deployments and StatefulSets that a Service sends requests to."""
    index = workloads.index(inventory)
    return (pod for pod in inventory.pods() if pod.manifest.id.kind in SERVING_KINDS and index.services_of(pod))
