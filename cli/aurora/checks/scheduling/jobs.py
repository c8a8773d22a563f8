"""Rules about Jobs on nodes that may go while they run.

Source: karpenter.sh 1.14, disruption; kubernetes.io, Pod failure policy, DisruptionTarget.
"""

from __future__ import annotations

from collections.abc import Iterator

from aurora.checks.scheduling.node_pools import KEPT, kept
from aurora.checks.scheduling.reach import judged
from aurora.cluster.node_pools import NodePool, known
from aurora.cluster.placement import placement
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import ADVICE, InventoryRule, Violation
from aurora_constructs.pools import SPOT

ON_DEMAND = "on-demand"
_SPECS = {"Job": ("spec",), "CronJob": ("spec", "jobTemplate", "spec")}


def _jobs(inventory: Inventory) -> Iterator[tuple[PodTemplate, tuple[NodePool, ...]]]:
    """Yield the pods of Jobs with the pools that they reach, where all pools are known."""
    for pod in judged(inventory) if known(inventory) else ():
        if pod.manifest.id.group == "batch" and pod.manifest.id.kind in _SPECS:
            reached = placement(inventory).reached(pod)
            if reached:
                yield pod, reached


def _lost_runs(inventory: Inventory) -> Iterator[Violation]:
    for pod, reached in _jobs(inventory):
        steps = _SPECS[pod.manifest.id.kind]
        if any(pool.capacities != frozenset({SPOT}) for pool in reached):
            continue
        rules = items(pod.manifest.get(*steps, "podFailurePolicy", "rules"))
        conditions = [
            each for rule in rules if dig(rule, "action") == "Ignore" for each in items(dig(rule, "onPodConditions"))
        ]
        if not any(dig(each, "type") == "DisruptionTarget" for each in conditions):
            yield Violation(
                manifest=pod.manifest,
                steps=steps,
                message=f"runs on spot nodes only (`{reached[0].name}`), and every node that is taken back counts as a "
                "failure of the Job",
                hint="add a rule to `podFailurePolicy` that ignores pods with the condition `DisruptionTarget`",
            )


def _moved_runs(inventory: Inventory) -> Iterator[Violation]:
    for pod, reached in _jobs(inventory):
        moving = [pool for pool in reached if _consolidates(pool)]
        if (
            len(moving) == len(reached)
            and all(pool.capacities == frozenset({ON_DEMAND}) for pool in reached)
            and not kept(pod)
        ):
            yield Violation(
                manifest=pod.manifest,
                steps=pod.metadata_at(),
                message=f"Karpenter may end the run to save a node of `{moving[0].name}`, and it begins again",
                hint=f'annotate the pod with `{KEPT}: "true"`',
            )


def _consolidates(pool: NodePool) -> bool:
    spec = pool.manifest.get("spec", "disruption") if pool.manifest else None
    if pool.manifest is None or dig(spec, "consolidateAfter") == "Never":
        return False
    return dig(spec, "consolidationPolicy") != "WhenEmpty"


RULES = (
    InventoryRule("scheduling/lost-runs", ADVICE, _lost_runs, severity=Severity.WARNING),
    InventoryRule("scheduling/moved-runs", ADVICE, _moved_runs, severity=Severity.WARNING),
)
