"""Node pools as people state them, under `pools` of a cluster.

What a provider adds to its nodes by itself is derived here and nowhere written. Imports no cdk8s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from aurora_constructs.allocatable import Room, aks, eks, whole
from aurora_constructs.machines import AZURE, EC2, RETIRED, Gpu, Machine
from aurora_constructs.pools import SPOT, Capacity, LabelKey, Pool, Taint, machine_labels
from aurora_constructs.spec import LabelValue, Spec
from aurora_constructs.spelling import nearest

Count = Annotated[int, Field(ge=0, le=5000)]
"""A number of nodes; Kubernetes is made for at most 5000 (kubernetes.io: considerations for large clusters)."""

Gib = Annotated[int, Field(ge=1, le=65536)]
"""A size of memory in GiB."""


class StatedMachine(Spec):
    """A machine by its numbers, where its type is not in Aurora's table."""

    type: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=63)]
    """The name of its type, as the label `node.kubernetes.io/instance-type` has it."""
    cpus: Annotated[int, Field(ge=1, le=1024)]
    """Its CPUs."""
    memory_gib: Gib
    """Its memory in GiB."""
    architecture: Literal["amd64", "arm64"] = "amd64"
    """The architecture of its processor."""
    gpus: Annotated[int, Field(ge=0, le=16)] = 0
    """How many GPUs it has."""
    gpu_product: LabelValue | None = None
    """The kind of its GPUs, as NVIDIA's discovery names it: `Tesla-T4`."""
    gpu_memory_gib: Gib | None = None
    """The memory of each GPU in GiB."""

    @model_validator(mode="after")
    def _whole(self) -> StatedMachine:
        if bool(self.gpus) != (self.gpu_product is not None) or bool(self.gpus) != (self.gpu_memory_gib is not None):
            raise ValueError("GPUs need `gpus`, `gpuProduct` and `gpuMemoryGib` together")
        return self

    @property
    def machine(self) -> Machine:
        """The machine."""
        gpu = Gpu(product=self.gpu_product, memory_mib=(self.gpu_memory_gib or 0) * 1024) if self.gpu_product else None
        return Machine(
            name=self.type,
            cpus=self.cpus,
            memory_mib=self.memory_gib * 1024,
            gpu=gpu,
            gpus=self.gpus,
            architecture=self.architecture,
        )


def _known(name: str, table: Mapping[str, Machine]) -> str:
    retired = RETIRED.get(name) or RETIRED.get(name.partition(".")[0])
    if retired:
        raise ValueError(f"no pool should have `{name}`: {retired}")
    if name not in table:
        near = nearest(name, table)
        raise ValueError(
            f"`{name}` is no machine type that is known here: {near}; or state `type`, `cpus` and `memoryGib`"
        )
    return name


def _ec2(name: str) -> str:
    return _known(name, EC2)


def _azure(name: str) -> str:
    return _known(name, AZURE)


class PoolFacts(Spec):
    """A pool of nodes that are alike, which the cloud or an administrator provides."""

    machine: str | StatedMachine
    """The type of its machines."""
    labels: dict[LabelKey, LabelValue] = {}
    """Labels that its nodes are given; NVIDIA's device plugin selects nodes by `nvidia.com/gpu.present: "true"`."""
    taints: Annotated[list[Taint], Field(max_length=16)] = []
    """Taints that its nodes are given."""
    minimum: Count
    """The fewest nodes; 0 where it is empty as long as nobody needs it."""
    maximum: Count
    """The most nodes."""
    zones: Annotated[list[LabelValue], Field(max_length=8)] = []
    """The zones of its nodes, as the label `topology.kubernetes.io/zone` has them; any where none is stated."""

    @model_validator(mode="after")
    def _ordered(self) -> PoolFacts:
        if self.maximum < self.minimum:
            raise ValueError(f"maximum {self.maximum} is below minimum {self.minimum}")
        return self

    @property
    def type(self) -> Machine:
        """What a node of the pool is."""
        return self.machine.machine if isinstance(self.machine, StatedMachine) else {**EC2, **AZURE}[self.machine]

    def pool(self, name: str) -> Pool:
        """Describe the pool to components, with what its provider adds."""
        raise NotImplementedError

    def _made(self, name: str, derived: Mapping[str, str], room: Room, own: str = "") -> Pool:
        """Describe the pool, with what a node has for pods; `own` is the derived label that only its nodes have."""
        return Pool(
            name=name,
            labels={**machine_labels(self.type), **derived, **self.labels},
            node_selector={own: derived[own]} if own else self.labels,
            machines=(self.type,),
            rooms=(room,),
            taints=tuple(self.taints),
            zones=tuple(self.zones),
            minimum=self.minimum,
            maximum=self.maximum,
        )


class BareMetalPool(PoolFacts):
    """Own machines that are alike; `minimum` and `maximum` are their number."""

    machine: StatedMachine
    """What each of them has for pods: what `kubectl describe node` calls allocatable."""
    labels: Annotated[dict[LabelKey, LabelValue], Field(min_length=1)]
    """Labels that its nodes are given; a workload selects it by them."""

    def pool(self, name: str) -> Pool:
        """Describe the pool to components: its nodes have what is stated, and no more."""
        return self._made(name, {}, whole(self.type))


class EksPool(PoolFacts):
    """A managed node group of EKS, by its exact name.

    Labels that EKS adds: docs.aws.amazon.com/eks, managed node groups, capacity types.
    """

    machine: Annotated[str, AfterValidator(_ec2)] | StatedMachine
    """The instance type of its machines."""
    capacity: Capacity = "on-demand"
    """Whether AWS may take its machines back."""

    def pool(self, name: str) -> Pool:
        """Describe the pool to components: EKS labels nodes by group and capacity, and taints none by itself."""
        capacity = "SPOT" if self.capacity == SPOT else "ON_DEMAND"
        derived = {"eks.amazonaws.com/nodegroup": name, "eks.amazonaws.com/capacityType": capacity}
        return replace(
            self._made(name, derived, eks(self.type), "eks.amazonaws.com/nodegroup"), capacities=(self.capacity,)
        )


AKS_SPOT = Taint(key="kubernetes.azure.com/scalesetpriority", value="spot")
"""What AKS puts on every spot node (learn.microsoft.com/azure/aks/spot-node-pool)."""


class AksPool(PoolFacts):
    """A node pool of AKS, by its exact name.

    Labels and taints that AKS adds: learn.microsoft.com/azure/aks, use labels, spot node pools.
    """

    machine: Annotated[str, AfterValidator(_azure)] | StatedMachine
    """The VM size of its machines."""
    capacity: Capacity = "on-demand"
    """Whether Azure may take its machines back."""
    mode: Literal["system", "user"] = "user"
    """Whether it takes the pods of the cluster itself; a cluster needs one such pool."""
    max_pods: Annotated[int, Field(ge=10, le=250)] = 250
    """Pods that a node takes; 250 is usual with Azure CNI Overlay. The memory that AKS reserves grows with it."""

    @model_validator(mode="after")
    def _system_stays(self) -> AksPool:
        if self.mode == "system" and (self.capacity == SPOT or not self.minimum):
            raise ValueError("a pool of mode `system` has at least one node, and none of them is `spot`")
        return self

    def pool(self, name: str) -> Pool:
        """Describe the pool to components: AKS labels nodes by pool and mode, and taints those of spot pools."""
        derived = {
            "agentpool": name,
            "kubernetes.azure.com/agentpool": name,
            "kubernetes.azure.com/mode": self.mode,
        }
        taints = tuple(self.taints)
        if self.capacity == SPOT:
            derived[AKS_SPOT.key] = AKS_SPOT.value
            taints = (AKS_SPOT, *(taint for taint in taints if taint != AKS_SPOT))
        machine = replace(self.type, pods=self.max_pods)
        made = self._made(name, derived, aks(machine), "kubernetes.azure.com/agentpool")
        return replace(made, capacities=(self.capacity,), taints=taints, machines=(machine,))


AksPoolName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,11}$")]
"""The name of a pool of AKS with Linux nodes: at most 12 lower-case letters and digits."""
