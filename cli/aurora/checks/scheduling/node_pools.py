"""Rules about Karpenter's NodePools and EC2NodeClasses alone.

Source: karpenter.sh 1.14: NodePools, NodeClasses, disruption.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from aurora.cluster.node_pools import CAPACITY, GROUP, NodePool, Values, karpenter_pools
from aurora.cluster.placement import placement
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import ADVICE, BROKEN, OBJECT, InventoryRule, Violation
from aurora.model.tree import Steps
from aurora_constructs.pools import DO_NOT_DISRUPT, KARPENTER_POOL, SPOT

SPOT_TYPES = 15
"""Instance types that a replacement of a spot node by a cheaper one must be able to choose from."""
_REPLACES = ("valuesObject", "settings", "featureGates", "spotToSpotConsolidation")


def kept(pod: PodTemplate) -> bool:
    """Tell whether a pod forbids Karpenter to end its node of its own accord."""
    return dig(pod.body, "metadata", "annotations", DO_NOT_DISRUPT) == "true"


def _overlapping(inventory: Inventory) -> Iterator[Violation]:
    for first, second in itertools.combinations(karpenter_pools(inventory), 2):
        here, there = first.manifest, second.manifest
        if here is None or there is None or _weight(here) != _weight(there) or not (first.whole and second.whole):
            continue
        common = {node.machine.name for node in first.nodes} & {node.machine.name for node in second.nodes}
        if common and set(first.kept_off) == set(second.kept_off) and _alike(first, second):
            types = "1 instance type" if len(common) == 1 else f"{len(common)} instance types"
            yield Violation(
                manifest=there,
                steps=("spec",),
                message=f"overlaps with `{first.name}`: the same taints, {types} in common, and no weight decides",
                hint="give one of them a `weight`, or taints or requirements that tell them apart",
            )


def _weight(manifest: Manifest) -> object:
    return manifest.get("spec", "weight") or 0


def _alike(first: NodePool, second: NodePool) -> bool:
    """Tell whether no label tells the nodes of two pools apart."""

    def meet(one: Values, other: Values) -> bool:
        return one is None or other is None or bool(one & other)

    keys = (first.labels.keys() | second.labels.keys()) - {KARPENTER_POOL}
    return all(
        key in first.labels and key in second.labels and meet(first.labels[key], second.labels[key]) for key in keys
    )


def _no_limits(inventory: Inventory) -> Iterator[Violation]:
    for manifest in inventory.of_kind("NodePool", group=GROUP):
        if not mapping(manifest.get("spec", "limits")) and manifest.get("spec", "replicas") is None:
            yield Violation(
                manifest=manifest,
                steps=("spec",),
                message="no limit: whatever pods ask for is bought",
                hint="state `limits` for CPU and memory, and for GPUs where the pool has some",
            )


def _moving_image(inventory: Inventory) -> Iterator[Violation]:
    for manifest in inventory.of_kind("EC2NodeClass"):
        for index, term in enumerate(items(manifest.get("spec", "amiSelectorTerms"))):
            alias = text(dig(term, "alias"))
            if alias.endswith("@latest") and not alias.startswith("windows"):
                yield Violation(
                    manifest=manifest,
                    steps=("spec", "amiSelectorTerms", index, "alias"),
                    message=f"`{alias}`: every release of the image replaces all nodes, on its own day",
                    hint="name a release, such as `al2023@v20261106`",
                )


def _held_forever(inventory: Inventory) -> Iterator[Violation]:
    holders = [pod for pod in inventory.pods() if kept(pod)]
    for pool in karpenter_pools(inventory) if holders else ():
        manifest = pool.manifest
        spec = mapping(manifest.get("spec", "template", "spec")) if manifest else {}
        if manifest is None or spec.get("terminationGracePeriod") or spec.get("expireAfter") == "Never":
            continue
        here = [pod for pod in holders if pool.name in {each.name for each in placement(inventory).reached(pod)}]
        if here:
            yield Violation(
                manifest=manifest,
                steps=("spec", "template", "spec"),
                message=f"{here[0].manifest.id} forbids disruption and reaches the pool, which has no "
                "`terminationGracePeriod`: its expired nodes wait without end",
                hint="state `terminationGracePeriod`, the longest that a pod may hold up a node",
            )


def _few_types(inventory: Inventory) -> Iterator[Violation]:
    if not any(dig(helm, *_REPLACES) is True for *_, helm in _releases(inventory)):
        return
    for pool in karpenter_pools(inventory):
        if pool.manifest and pool.whole and _has_spot(pool) and len(pool.nodes) < SPOT_TYPES:
            yield Violation(
                manifest=pool.manifest,
                steps=("spec", "template", "spec", "requirements"),
                message=f"{len(pool.nodes)} instance types: Karpenter replaces a spot node by a cheaper one only if at "
                f"least {SPOT_TYPES} cheaper types are possible",
                hint="allow more families or sizes, or switch the feature off",
            )


def _unheard(inventory: Inventory) -> Iterator[Violation]:
    spot = [pool.name for pool in karpenter_pools(inventory) if _has_spot(pool)]
    for application, steps, helm in _releases(inventory) if spot else ():
        elsewhere = any(helm.get(key) for key in ("parameters", "valueFiles", "values"))
        if not elsewhere and not dig(helm, "valuesObject", "settings", "interruptionQueue"):
            yield Violation(
                manifest=application,
                steps=steps,
                message=f"pool `{spot[0]}` has spot machines, and Karpenter does not hear when AWS takes one back: no "
                "`settings.interruptionQueue`",
                hint="name the queue that the events of EC2 are sent to",
            )


def _has_spot(pool: NodePool) -> bool:
    return SPOT in (pool.labels.get(CAPACITY) or ())


def _releases(inventory: Inventory) -> Iterator[tuple[Manifest, Steps, JsonObject]]:
    """Yield each source of an Application that is Karpenter's chart, and what is said of its values."""
    for manifest in inventory.of_kind("Application", group="argoproj.io"):
        sources: list[tuple[Steps, JsonValue]] = [(("spec", "source"), manifest.get("spec", "source"))]
        sources += [(("spec", "sources", at), each) for at, each in enumerate(items(manifest.get("spec", "sources")))]
        for steps, source in sources:
            if dig(source, "chart") == "karpenter":
                yield manifest, steps, mapping(dig(source, "helm"))


RULES = (
    InventoryRule("scheduling/overlapping-pools", ADVICE, _overlapping),
    InventoryRule("scheduling/no-limits", ADVICE, _no_limits, severity=Severity.WARNING, scope=OBJECT),
    InventoryRule("scheduling/moving-image", ADVICE, _moving_image, severity=Severity.WARNING, scope=OBJECT),
    InventoryRule("scheduling/held-forever", BROKEN, _held_forever),
    InventoryRule("scheduling/few-spot-types", BROKEN, _few_types, severity=Severity.WARNING),
    InventoryRule("scheduling/unheard-interruptions", ADVICE, _unheard),
)
