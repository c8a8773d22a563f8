"""Rules about runs on nodes that may go while they run, and about memory that they share.

Source: karpenter.sh 1.14, disruption; kubernetes.io, Pod failure policy, DisruptionTarget; JobSet 0.12, failure policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from aurora.checks.scheduling.node_pools import kept
from aurora.checks.scheduling.reach import judged
from aurora.cluster import resources
from aurora.cluster.node_pools import NodePool, known
from aurora.cluster.placement import MEMORY, placement, shown
from aurora.cluster.queued_runs import RUNS
from aurora.model import quantity
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.pod_template import Container, PodTemplate
from aurora.model.rule import ADVICE, OBJECT, InventoryRule, Violation
from aurora_constructs.pools import DO_NOT_DISRUPT, SPOT

ON_DEMAND = "on-demand"
LOST = "DisruptionTarget"
"""The condition of a pod that was drained, evicted or lost with its node."""
_JOBS = frozenset(
    {("batch", "Job"), ("batch", "CronJob"), ("jobset.x-k8s.io", "JobSet"), ("trainer.kubeflow.org", "TrainingRuntime")}
)
"""Kinds whose pods are those of Jobs, by themselves or in a set."""
_RUNS = RUNS | _JOBS


def _reaching(
    inventory: Inventory, kinds: frozenset[tuple[str, str]]
) -> Iterator[tuple[PodTemplate, tuple[NodePool, ...]]]:
    """Yield the pods of some kinds with the pools that they reach, where all pools are known."""
    for pod in judged(inventory) if known(inventory) else ():
        if (pod.manifest.id.group, pod.manifest.id.kind) in kinds:
            reached = placement(inventory).reached(pod)
            if reached:
                yield pod, reached


def _lost_runs(inventory: Inventory) -> Iterator[Violation]:
    for pod, reached in _reaching(inventory, _JOBS):
        if any(pool.capacities != frozenset({SPOT}) for pool in reached) or _outlives(pod):
            continue
        whole = "the run" if pod.manifest.id.group != "batch" else "the Job"
        yield Violation(
            manifest=pod.manifest,
            steps=pod.steps[:-1],
            message=f"runs on spot nodes only (`{reached[0].name}`), and every node that is taken back counts as a "
            f"failure of {whole}",
            hint=f"add a rule to `podFailurePolicy` that ignores pods with the condition `{LOST}`",
        )


def _outlives(pod: PodTemplate) -> bool:
    """Tell whether a lost node is no failure of a Job, or starts the set of Jobs again without counting."""
    manifest, steps = pod.manifest, pod.steps[:-1]
    actions = {
        text(dig(rule, "action"))
        for rule in items(manifest.get(*steps, "podFailurePolicy", "rules"))
        if any(dig(each, "type") == LOST for each in items(dig(rule, "onPodConditions")))
    }
    if "Ignore" in actions:
        return True
    whole = ("spec", "template", "spec") if manifest.id.kind == "TrainingRuntime" else ("spec",)
    again = [dig(rule, "action") for rule in items(manifest.get(*whole, "failurePolicy", "rules"))]
    return "FailJob" in actions and "RestartJobSetAndIgnoreMaxRestarts" in again


def _moved_runs(inventory: Inventory) -> Iterator[Violation]:
    for pod, reached in _reaching(inventory, _RUNS):
        moving = [pool for pool in reached if _consolidates(pool)]
        if (
            len(moving) == len(reached)
            and all(pool.capacities == frozenset({ON_DEMAND}) for pool in reached)
            and not (kept(pod) or pod.partial)
        ):
            yield Violation(
                manifest=pod.manifest,
                steps=pod.metadata_at(),
                message=f"Karpenter may end the run to save a node of `{moving[0].name}`, and it begins again",
                hint=f'annotate the pod with `{DO_NOT_DISRUPT}: "true"`',
            )


def _consolidates(pool: NodePool) -> bool:
    spec = pool.manifest.get("spec", "disruption") if pool.manifest else None
    if pool.manifest is None or dig(spec, "consolidateAfter") == "Never":
        return False
    return dig(spec, "consolidationPolicy") != "WhenEmpty"


def _shared_memory(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.pods():
        for steps, volume in pod.volumes:
            size = quantity.read(dig(volume, "emptyDir", "sizeLimit"))
            if size is None or dig(volume, "emptyDir", "medium") != "Memory":
                continue
            limits = [_memory_limit(each) for each in pod.containers if _mounts(each, text(volume.get("name")))]
            room = sum((limit for limit in limits if limit is not None), Fraction(0))
            if limits and None not in limits and size >= room:
                yield Violation(
                    manifest=pod.manifest,
                    steps=(*steps, "emptyDir", "sizeLimit"),
                    message=f"the volume may hold {shown(MEMORY, size)}, and the containers that mount it "
                    f"{shown(MEMORY, room)} with everything in it: they are ended before it is full",
                    hint="make the volume smaller, or raise the memory limit",
                )


def _mounts(container: Container, name: str) -> bool:
    return any(dig(each, "name") == name for each in items(container.body.get("volumeMounts")))


def _memory_limit(container: Container) -> Fraction | None:
    return resources.of_container(container).limits.get(MEMORY)


RULES = (
    InventoryRule("scheduling/shared-memory", ADVICE, _shared_memory, scope=OBJECT),
    InventoryRule("scheduling/lost-runs", ADVICE, _lost_runs, severity=Severity.WARNING),
    InventoryRule("scheduling/moved-runs", ADVICE, _moved_runs, severity=Severity.WARNING),
)
