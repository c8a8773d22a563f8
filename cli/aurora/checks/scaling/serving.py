"""Rules about surviving the loss of a node, and an update.

They are the manifests' half of the statement in `docs/guarantees.md` that no node takes inference down.
"""

from collections.abc import Iterator

from aurora.cluster import resources, workloads
from aurora.cluster.disruption import serving
from aurora.cluster.node_pools import ZONE, known
from aurora.cluster.placement import placement
from aurora.model import counts, selectors
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import ADVICE, InventoryRule, Violation
from aurora_constructs import labels

CANARY = "canary"
HOST = "kubernetes.io/hostname"
USUAL_UNAVAILABLE = "25%"
"""The default of a Deployment's `maxUnavailable` in Kubernetes 1.35."""


def _stable(inventory: Inventory) -> Iterator[PodTemplate]:
    """Yield the serving workloads whose loss users notice: inference, except canaries."""
    for pod in serving(inventory):
        if workloads.component(pod) == labels.INFERENCE and workloads.track(inventory, pod) != CANARY:
            yield pod


def _single(inventory: Inventory) -> Iterator[Violation]:
    for pod in _stable(inventory):
        replicas = workloads.index(inventory).replicas(pod)
        if replicas and replicas.least < 2 and not (replicas.least == 0 and _sleeps(inventory, pod)):
            yield Violation(
                manifest=pod.manifest,
                steps=("spec", "replicas"),
                message=f"{pod.manifest.id} may have {replicas.least} replica: losing its node is an outage",
                hint="keep at least two, in `replicas` or in the autoscaler's minimum",
            )


def _sleeps(inventory: Inventory, pod: PodTemplate) -> bool:
    """Tell whether a workload is scaled to zero on purpose: KEDA wakes it with the first request."""
    return any(scaler.id.kind == "ScaledObject" for scaler in workloads.index(inventory).scalers_of(pod.manifest))


def _not_spread(inventory: Inventory) -> Iterator[Violation]:
    for pod in _stable(inventory):
        if not _spread(pod, HOST):
            yield Violation(
                manifest=pod.manifest,
                steps=pod.at("topologySpreadConstraints"),
                message="nothing spreads the replicas over hosts, so that all may run on one node",
                hint=f"add a topology spread constraint over `{HOST}` that selects these pods",
            )


def _in_one_zone(inventory: Inventory) -> Iterator[Violation]:
    """Where the pools that take a pod have nodes in several zones; where no zones are known, nothing is said."""
    if not known(inventory):
        return
    serving_here = [
        *_stable(inventory),
        *(pod for pod in serving(inventory) if workloads.component(pod) == labels.CONTROL_PLANE),
    ]
    for pod in serving_here:
        replicas = workloads.index(inventory).replicas(pod)
        zones = {zone for pool in placement(inventory).reached(pod) for zone in pool.zones or ()}
        if len(zones) > 1 and replicas and replicas.most > 1 and not _spread(pod, ZONE):
            yield Violation(
                manifest=pod.manifest,
                steps=pod.at("topologySpreadConstraints"),
                message=f"its nodes are in {len(zones)} zones, and nothing spreads the replicas over them",
                hint=f"add a topology spread constraint over `{ZONE}` that selects these pods",
            )


def _spread(pod: PodTemplate, key: str) -> bool:
    wishes = [entry for entry in items(pod.get("topologySpreadConstraints")) if dig(entry, "topologyKey") == key]
    against = pod.get("affinity", "podAntiAffinity")
    terms = [
        *items(dig(against, "requiredDuringSchedulingIgnoredDuringExecution")),
        *(
            dig(entry, "podAffinityTerm")
            for entry in items(dig(against, "preferredDuringSchedulingIgnoredDuringExecution"))
        ),
    ]
    wishes += [term for term in terms if dig(term, "topologyKey") == key]
    return any(selectors.matches(dig(wish, "labelSelector"), pod.labels) for wish in wishes)


def _update(inventory: Inventory) -> Iterator[Violation]:
    for pod in serving(inventory):
        manifest = pod.manifest
        if workloads.component(pod) != labels.INFERENCE or manifest.id.kind != "Deployment" or _scarce(pod):
            continue
        strategy = manifest.get("spec", "strategy")
        kind = text(dig(strategy, "type")) or "RollingUpdate"
        unavailable = dig(strategy, "rollingUpdate", "maxUnavailable")
        if kind != "RollingUpdate":
            message = f"the strategy `{kind}` stops every replica before it starts a new one"
        elif counts.scaled(unavailable, 100, round_up=False) == 0:
            continue
        else:
            shown = f"{USUAL_UNAVAILABLE} (the default)" if unavailable is None else str(unavailable)
            message = f"an update may take down {shown} of the replicas before new ones are ready"
        yield Violation(
            manifest=manifest,
            steps=("spec", "strategy"),
            message=message,
            hint="roll with `maxUnavailable: 0` and a surge",
        )


def _scarce(pod: PodTemplate) -> bool:
    """With GPUs a second copy may have no place to run: there no surge is right (docs/facts/workloads.md)."""
    return any(resources.is_extended(name) for name in resources.of_pod(pod, resources.LIMITS))


def _bare(inventory: Inventory) -> Iterator[Violation]:
    index = workloads.index(inventory)
    for pod in inventory.pods():
        if pod.manifest.id.kind == "Pod" and not _is_owned(pod.manifest) and index.services_of(pod):
            yield Violation(
                manifest=pod.manifest,
                steps=("kind",),
                message="nothing creates this pod anew when its node is lost or it is deleted",
                hint="let a Deployment or StatefulSet own it",
            )


def _is_owned(manifest: Manifest) -> bool:
    """Tell whether a controller made it: what was read from a cluster says so."""
    owners = items(manifest.get("metadata", "ownerReferences"))
    return any(mapping(owner).get("controller") is True for owner in owners)


RULES = (
    InventoryRule("scaling/single-replica", ADVICE, _single, own=True),
    InventoryRule("scaling/not-spread", ADVICE, _not_spread, own=True),
    InventoryRule("scaling/one-zone", ADVICE, _in_one_zone, own=True),
    InventoryRule("scaling/update-takes-replicas", ADVICE, _update, own=True),
    InventoryRule("scaling/bare-pod", ADVICE, _bare),
)
