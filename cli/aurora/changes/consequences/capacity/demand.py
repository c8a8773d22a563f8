"""What changed objects ask for, before and after: pods, CPU, memory, GPUs and storage.

Source: the arithmetic of `loads`. Differences add up to the difference of both sides' totals, except for what
an autoscaler's new minimum does to an unchanged workload: that stands with the autoscaler.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from aurora.changes.consequences.examples import CLAIM, DEPLOYMENT, edit
from aurora.changes.consequences.row import Row
from aurora.changes.consequences.totals import Sizes
from aurora.changes.consequences.view import View
from aurora.cluster import resources, workloads
from aurora.model import quantity
from aurora.model.change import Impact
from aurora.model.examples import altered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.changes.consequences.row import Found
    from aurora.changes.pairs import Pair
    from aurora.model.diff import Totals

_DEVICE = altered(DEPLOYMENT, "limits: {memory: 1Gi}", "limits: {memory: 1Gi, nvidia.com/gpu: 1}")
_HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: model, namespace: ml}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: model}, minReplicas: 2, maxReplicas: 4}
"""
_AGENT = """\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: ml}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: r.example.com/agent:1, resources: {requests: {cpu: 100m}}}]}
"""
_NONE = Fraction(0)
_CAPACITY = (Impact.CAPACITY,)

DEMAND = Row(
    id="capacity/demand",
    subject="workloads",
    words="the object's pods ask for another amount of CPU or memory, or there are more or fewer of them",
    source="Kubernetes 1.35, the scheduler's `PodRequests`; the CRDs of workload controllers for their numbers of pods",
    impacts=_CAPACITY,
    example=edit(DEPLOYMENT, "replicas: 2", "replicas: 3"),
    counter=edit(DEPLOYMENT, "cpu: 500m", 'cpu: "0.5"'),
)
GPUS = Row(
    id="capacity/gpus",
    subject="workloads",
    words="the object's pods ask for another number of GPUs or slices of GPUs",
    source="Kubernetes 1.35, extended resources `<vendor>/gpu`; NVIDIA's device plugin for slices (`nvidia.com/mig-*`)",
    impacts=_CAPACITY,
    example=edit(_DEVICE, "nvidia.com/gpu: 1", "nvidia.com/gpu: 2"),
    counter=edit(DEPLOYMENT, "cpu: 500m", "cpu: 600m"),
)
STORAGE = Row(
    id="capacity/storage",
    subject="PersistentVolumeClaim, StatefulSet",
    words="claims ask for another amount of storage",
    source="Kubernetes 1.35, `resources.requests.storage` of claims, and claim templates for each pod",
    impacts=_CAPACITY,
    example=edit(CLAIM, "storage: 10Gi", "storage: 20Gi"),
    counter=edit(CLAIM, "storage: 10Gi", "storage: 10240Mi"),
)
PER_NODE = Row(
    id="capacity/per-node",
    subject="DaemonSet",
    words="the pod on every node asks for another amount; how many nodes there are is in no manifest",
    source="Kubernetes 1.35, DaemonSet controller: one pod for each matching node",
    impacts=_CAPACITY,
    example=edit(_AGENT, "cpu: 100m", "cpu: 200m"),
    counter=edit(_AGENT, "agent:1", "agent:2"),
)
RANGE = Row(
    id="capacity/autoscaler-range",
    subject="HorizontalPodAutoscaler, ScaledObject",
    words="an autoscaler keeps its target within another range of replicas",
    source="Kubernetes 1.35, `minReplicas` and `maxReplicas`; KEDA 2.20, `minReplicaCount` and `maxReplicaCount`",
    impacts=_CAPACITY,
    example=edit(_HPA, "maxReplicas: 4", "maxReplicas: 8", DEPLOYMENT),
    counter=edit(_HPA, "minReplicas: 2, ", "minReplicas: 2, metrics: [], "),
)
ROWS = (DEMAND, GPUS, STORAGE, PER_NODE, RANGE)

_SCALERS = (("autoscaling", "HorizontalPodAutoscaler"), ("keda.sh", "ScaledObject"))


def find(view: View) -> Iterator[Found]:
    """Yield what every changed object asks for."""
    before = Sizes(view.before)
    after = Sizes(view.after, before)
    for pair in view.pairs:
        old, new = before.of(pair.before), after.of(pair.after)
        if old != new:
            yield from _moved(pair, old, new)
    yield from _on_every_node(view)
    for group, kind in _SCALERS:
        for pair in view.of(group, kind):
            yield from _range(view, pair)


def _moved(pair: Pair, old: Totals, new: Totals) -> Iterator[Found]:
    parts = [
        f"pods {old.pods} → {new.pods}" if old.pods != new.pods else "",
        _amounts("CPU", old.cpu, new.cpu),
        _amounts("memory", old.memory, new.memory),
    ]
    if any(parts):
        yield DEMAND.found(pair, f"asks for {', '.join(part for part in parts if part)}")
    if old.gpus != new.gpus:
        yield GPUS.found(pair, f"asks for {_amounts('GPUs', old.gpus, new.gpus)}")
    if old.storage != new.storage:
        yield STORAGE.found(pair, f"asks for {_amounts('storage', old.storage, new.storage)}")


def _amounts(name: str, old: Fraction, new: Fraction) -> str:
    """Write two amounts; only bytes have binary suffixes: 1024 cores are not `1Ki`."""
    counts = name in ("CPU", "GPUs")
    before, after = (
        str(amount) if counts and amount.denominator == 1 else quantity.render(amount) for amount in (old, new)
    )
    return f"{name} {before} → {after}" if old != new else ""


def _on_every_node(view: View) -> Iterator[Found]:
    for pair, before, after in view.workloads():
        if (pair.resource.group, pair.resource.kind) != ("apps", "DaemonSet"):
            continue
        old, new = (resources.of_pod(pod, resources.REQUESTS) if pod else {} for pod in (before, after))
        parts = [
            f"{name} {quantity.render(old.get(name, _NONE))} → {quantity.render(new.get(name, _NONE))}"
            for name in sorted(old.keys() | new.keys())
            if old.get(name, _NONE) != new.get(name, _NONE)
        ]
        if parts:
            yield PER_NODE.found(pair, f"asks on every node for {', '.join(parts)}")


def _range(view: View, pair: Pair) -> Iterator[Found]:
    old, new = (workloads.scaler_bounds(side) if side else None for side in (pair.before, pair.after))
    if old == new:
        return
    _, kind, name = workloads.target_of(pair.subject)
    shown = [f"{bounds.least} to {bounds.most} replicas" if bounds else "not scaled" for bounds in (old, new)]
    yield RANGE.found(pair, f"the range of {kind} `{name}`: {shown[0]} → {shown[1]}", steps=("spec",))
