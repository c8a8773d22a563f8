"""Rules about pods and pools together: who reaches what, and whether it is enough.

Source: Kubernetes 1.35, the scheduler's filters; Karpenter 1.14, NodePools; see `aurora.cluster.placement`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from aurora.cluster import claims, queued_runs, quotas
from aurora.cluster.node_pools import ZONE, NodePool, known
from aurora.cluster.placement import Verdict, placement, prefers, shown, written
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import ADVICE, BROKEN, InventoryRule, Violation

CRITICAL = "CriticalAddonsOnly"
"""The taint of pools for the cluster's own pods, which no manifest describes."""
_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class OfPool:
    """A breach by a pool, which a NodePool describes or a fact."""

    pool: NodePool
    steps: tuple[Step, ...]
    message: str
    hint: str


def judged(inventory: Inventory) -> Iterator[PodTemplate]:
    """Yield the pods that the scheduler places: not those that name their node or a scheduler of their own."""
    for pod in inventory.pods():
        if not pod.get("nodeName") and pod.get("schedulerName") in (None, "default-scheduler"):
            yield pod


def _unreachable(inventory: Inventory) -> Iterator[Violation]:
    if not known(inventory):
        return
    for pod in judged(inventory):
        verdicts = placement(inventory).verdicts(pod)
        if any(verdict.reached for verdict in verdicts) or _needs_no_node(pod, verdicts):
            continue
        reasons = [f"`{verdict.pool.name}`: {verdict.reason}" for verdict in verdicts]
        left = f"; and {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
        yield Violation(
            manifest=pod.manifest,
            steps=pod.at("nodeSelector") if pod.get("nodeSelector") else pod.at(),
            message=f"no node pool takes the pod, it waits forever ({'; '.join(reasons[:_SHOWN])}{left})",
            hint="select and tolerate a pool that has room for it, or add such a pool",
        )


def _needs_no_node(pod: PodTemplate, verdicts: Sequence[Verdict]) -> bool:
    """Tell whether there is no pod at all: a DaemonSet makes none for nodes that it does not select or tolerate."""
    return pod.manifest.id.kind == "DaemonSet" and not any(verdict.too_small for verdict in verdicts)


def _no_tenant(inventory: Inventory) -> Iterator[OfPool]:
    if not known(inventory):
        return
    found = placement(inventory)
    tenants: set[str] = set()
    for pod in judged(inventory):
        reached = found.reached(pod) if pod.manifest.id.kind != "DaemonSet" else ()
        if all(pool.kept_off for pool in reached):
            tenants.update(pool.name for pool in reached)
        tenants.update(pool.name for pool in reached if pool.kept_off and prefers(pod, pool))
    for pool in found.pools:
        taints = [taint for taint in pool.kept_off if taint.key != CRITICAL]
        if taints and pool.name not in tenants:
            yield OfPool(
                pool=pool,
                steps=("spec", "template", "spec", "taints"),
                message=f"no workload tolerates `{written(taints[-1])}` and selects or prefers the pool: "
                "nothing runs there",
                hint="remove the pool, or give a workload its name",
            )


def _beyond(inventory: Inventory) -> Iterator[OfPool]:
    """Find pools that are too small for all pods that can run nowhere else, with those of an update.

    Runs that wait in queues are bounded by their quotas: `scheduling/quota-beyond-pool` judges those.
    """
    if not known(inventory):
        return
    found = placement(inventory)
    waiting = queued_runs.waiting(inventory)
    alone: dict[str, list[tuple[PodTemplate, int]]] = {}
    for pod in judged(inventory):
        count, reached = quotas.most_pods(inventory, pod), found.reached(pod)
        apart = pod.manifest.id.kind == "DaemonSet" or pod.manifest.id.identity in waiting
        if count and len(reached) == 1 and not apart:
            alone.setdefault(reached[0].name, []).append((pod, count))
    for pool in found.pools:
        for name, capacity in found.capacity(pool).items():
            shares = [(pod, count, found.asks(pod).get(name, Fraction(0))) for pod, count in alone.get(pool.name, ())]
            total = sum((count * each for _, count, each in shares), Fraction(0))
            if total > capacity:
                largest = sorted(shares, key=lambda share: share[1] * share[2], reverse=True)[:3]
                listed = ", ".join(f"{pod.manifest.id} {count} x {shown(name, each)}" for pod, count, each in largest)
                yield OfPool(
                    pool=pool,
                    steps=("spec", "limits"),
                    message=f"at their largest, pods that only this pool takes request {shown(name, total)}, "
                    f"it has {shown(name, capacity)} ({listed})",
                    hint="raise the pool's limits or its largest number of nodes, or lower replicas and their maxima",
                )


OF_POOLS: Mapping[str, tuple[Severity, Callable[[Inventory], Iterator[OfPool]]]] = {
    # A note: charts that are not rendered may bring the tenant, and a pool without nodes costs nothing.
    "scheduling/no-tenant": (Severity.NOTE, _no_tenant),
    "scheduling/pool-too-small": (Severity.WARNING, _beyond),
}
"""Rules about pools: their breaches have an object only where a NodePool describes the pool."""


def _of_objects(find: Callable[[Inventory], Iterator[OfPool]]) -> Callable[[Inventory], Iterator[Violation]]:
    def found(inventory: Inventory) -> Iterator[Violation]:
        for each in find(inventory) if any(pool.manifest for pool in placement(inventory).pools) else ():
            if each.pool.manifest is not None:
                steps = each.steps if each.pool.manifest.get(*each.steps) is not None else ("spec",)
                yield Violation(manifest=each.pool.manifest, steps=steps, message=each.message, hint=each.hint)

    return found


def _zone_apart(inventory: Inventory) -> Iterator[Violation]:
    if not known(inventory):
        return
    volumes = {volume.id.name: volume for volume in inventory.of_kind("PersistentVolume", group="")}
    classes = {entry.id.name: entry for entry in inventory.of_kind("StorageClass", group="storage.k8s.io")}
    objects = claims.claim_objects(inventory)
    for consumer in claims.consumers(inventory):
        claim = objects.get((consumer.pod.namespace, consumer.claim))
        if claim is None:
            continue
        zones = _zones_of(volumes.get(text(claim.spec.get("volumeName"))), classes.get(claim.class_name))
        reached = placement(inventory).reached(consumer.pod)
        pools = [pool for pool in reached if pool.zones is None or pool.zones & zones]
        if zones and reached and not pools:
            yield Violation(
                manifest=consumer.pod.manifest,
                steps=consumer.steps,
                message=f"the volume of `{consumer.claim}` is in {_listed(zones)}, the nodes of "
                f"`{reached[0].name}` are in {_listed(reached[0].zones or frozenset())}",
                hint="let the pool have nodes in the zone of the volume",
            )


def _zones_of(volume: Manifest | None, storage: Manifest | None) -> frozenset[str]:
    """Give the zones that a volume is pinned to, or that its class allows; empty for any."""
    terms = items(volume.get("spec", "nodeAffinity", "required", "nodeSelectorTerms")) if volume else []
    entries = [entry for term in terms for entry in items(dig(term, "matchExpressions"))]
    if storage is not None and not entries:
        allowed = items(storage.get("allowedTopologies"))
        entries = [entry for term in allowed for entry in items(dig(term, "matchLabelExpressions"))]
    pinned = [entry for entry in entries if text(dig(entry, "key")).endswith("/zone") or dig(entry, "key") == ZONE]
    return frozenset(text(value) for entry in pinned for value in items(dig(entry, "values")))


def _listed(zones: frozenset[str]) -> str:
    return ", ".join(f"`{zone}`" for zone in sorted(zones))


RULES = (
    InventoryRule("scheduling/unreachable", BROKEN, _unreachable),
    *(InventoryRule(name, ADVICE, _of_objects(find), severity=how) for name, (how, find) in OF_POOLS.items()),
    InventoryRule("scheduling/zone-apart", BROKEN, _zone_apart),
)
