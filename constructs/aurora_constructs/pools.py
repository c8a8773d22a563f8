"""Node pools as components see them, whoever makes their nodes. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from aurora_constructs.allocatable import Room
from aurora_constructs.machines import Gpu, Machine
from aurora_constructs.spec import Spec

KARPENTER_POOL = "karpenter.sh/nodepool"
DO_NOT_DISRUPT = "karpenter.sh/do-not-disrupt"
"""The annotation of a pod that Karpenter does not end to save its node."""
SAFE_TO_EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict"
"""The annotation of a pod that, with `"false"`, the cluster autoscaler does not end to save its node."""
SPOT = "spot"

Capacity = Literal["on-demand", "spot"]
"""What the provider sells: a machine that stays, or a cheaper one that it may take back after a short notice."""

LabelKey = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$", max_length=317
    ),
]
"""The key of a label or of a taint."""


class Taint(Spec):
    """A mark of nodes that keeps away all pods that do not tolerate it."""

    key: LabelKey
    """Its key."""
    value: Annotated[
        str, StringConstraints(pattern=r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$", max_length=63)
    ] = ""
    """Its value, always a text: quote `"true"`."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] = "NoSchedule"
    """What it does to pods that do not tolerate it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One condition on the labels of a node, as a NodePool and a pod's node affinity write it."""

    key: str
    operator: Literal["In", "Gt"]
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A node pool as components see it.

    `labels` are those of all its nodes from their first second, `machines` what a node may be. `maximum` counts nodes
    and is None where only `limits`, quantities by resource, hold the pool back. `node_selector` leads to its nodes and
    `requirements` narrow it to some of them.
    """

    name: str
    labels: Mapping[str, str]
    node_selector: Mapping[str, str]
    machines: tuple[Machine, ...]
    taints: tuple[Taint, ...] = ()
    capacities: tuple[Capacity, ...] = ("on-demand",)
    zones: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int | None = None
    limits: Mapping[str, str] = field(default_factory=dict)
    requirements: tuple[Requirement, ...] = ()
    rooms: tuple[Room, ...] = ()
    """What a node of each of its machines has for pods."""

    @property
    def tolerations(self) -> list[dict[str, str]]:
        """What a pod tolerates to run in the pool: its very taints, as the fields of a toleration."""
        return [_toleration(taint) for taint in self.taints if taint.effect != "PreferNoSchedule"]

    @property
    def placement(self) -> dict[str, Any]:
        """The fields of a pod's `spec` that bring it into the pool, for kinds that cdk8s has no class for."""
        found: dict[str, Any] = {"nodeSelector": dict(self.node_selector)}
        if self.tolerations:
            found["tolerations"] = self.tolerations
        if self.requirements:
            terms = [
                {"key": each.key, "operator": each.operator, "values": list(each.values)} for each in self.requirements
            ]
            required = {"nodeSelectorTerms": [{"matchExpressions": terms}]}
            found["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
        return found

    @property
    def gpus(self) -> tuple[Gpu, ...]:
        """The kinds of GPU that its machines have, those with least memory first."""
        found = {machine.gpu for machine in self.machines if machine.gpu}
        return tuple(sorted(found, key=lambda gpu: (gpu.memory_mib, gpu.product)))

    @property
    def spot(self) -> bool:
        """Whether the provider may take nodes of it back."""
        return SPOT in self.capacities

    def with_gpus(self, count: int, memory_gib: float = 0, *, product: str | None = None) -> Pool:
        """Narrow the pool to machines with so many GPUs, of at least so much memory each, and of one kind if named.

        Raises:
            ValueError: it has no such machine; the message names the largest.
        """
        room = memory_gib * 1024
        fit = {
            machine: space
            for machine, space in zip(self.machines, self.rooms, strict=True)
            if machine.gpu
            and machine.gpus >= count
            and machine.gpu.memory_mib >= room
            and product in (None, machine.gpu.product)
        }
        if not fit:
            raise ValueError(self._without(count, memory_gib, product))
        apart = tuple(self._apart(tuple(fit), room, product))
        return replace(self, machines=tuple(fit), rooms=tuple(fit.values()), requirements=(*self.requirements, *apart))

    def _without(self, count: int, memory_gib: float, product: str | None) -> str:
        size = f" of {memory_gib:g} GiB" if memory_gib else ""
        wanted = f"{count} GPU{'s' if count > 1 else ''}{size}{f' `{product}`' if product else ''}"
        if not self.gpus:
            return f"needs {wanted}: pool `{self.name}` has no GPUs"
        if product and product not in {gpu.product for gpu in self.gpus}:
            kinds = ", ".join(f"`{gpu.product}`" for gpu in self.gpus)
            return f"needs {wanted}: the GPUs of pool `{self.name}` are {kinds}"
        largest = max(self.machines, key=lambda each: (each.gpu.memory_mib if each.gpu else 0, each.gpus))
        has = f"{largest.gpus} of {largest.gpu.memory_gib:.4g} GiB" if largest.gpu else "none"
        return f"needs {wanted}: the largest machine of pool `{self.name}`, `{largest.name}`, has {has}"

    def _apart(self, fit: tuple[Machine, ...], room: float, product: str | None) -> Iterator[Requirement]:
        """Tell apart the GPUs that fit: where all do, the scheduler's count of GPUs does it alone."""
        if KARPENTER_POOL not in self.labels:
            return
        names = tuple(sorted({machine.gpu.short for machine in fit if machine.gpu}))
        if product and len(self.gpus) > 1:
            yield Requirement(key="karpenter.k8s.aws/instance-gpu-name", operator="In", values=names)
        elif any(gpu.memory_mib < room for gpu in self.gpus):
            least = str(ceil(room) - 1)
            yield Requirement(key="karpenter.k8s.aws/instance-gpu-memory", operator="Gt", values=(least,))


def _toleration(taint: Taint) -> dict[str, str]:
    if not taint.value:
        return {"key": taint.key, "operator": "Exists", "effect": taint.effect}
    return {"key": taint.key, "operator": "Equal", "value": taint.value, "effect": taint.effect}


def machine_labels(machine: Machine) -> dict[str, str]:
    """Give the labels that the kubelet and the cloud's controller put on every node of a type."""
    return {
        "kubernetes.io/arch": machine.architecture,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": machine.name,
    }
