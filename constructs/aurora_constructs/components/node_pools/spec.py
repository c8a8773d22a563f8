"""What people write for pools whose nodes Karpenter makes. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from aurora_constructs.allocatable import karpenter
from aurora_constructs.cluster import UnavailableError
from aurora_constructs.cluster.eks import RoleName
from aurora_constructs.machines import EC2, FAMILIES, NVIDIA, RETIRED, Machine
from aurora_constructs.platform import Platform
from aurora_constructs.pools import KARPENTER_POOL, Capacity, LabelKey, Pool, Taint
from aurora_constructs.spec import ComponentSpec, LabelValue, Name, Problem, Quantity, Spec
from aurora_constructs.spelling import nearest

Duration = Annotated[str, StringConstraints(pattern=r"^([0-9]+(s|m|h))+$", max_length=32)]
"""A length of time, such as `5m` or `24h`."""

Ami = Annotated[str, StringConstraints(pattern=r"^al2023@v[0-9]{8}$", max_length=30)]
"""A release of the EKS-optimized Amazon Linux 2023: `latest` would replace every node on the day of a release."""

CAPACITIES: dict[str, tuple[Capacity, ...]] = {
    "spot": ("spot",),
    "spot-preferred": ("spot", "on-demand"),
    "on-demand": ("on-demand",),
}


def _family(name: str) -> str:
    if name in RETIRED:
        raise ValueError(f"no pool should have `{name}`: {RETIRED[name]}")
    if name not in FAMILIES:
        raise ValueError(f"`{name}` is no known family of instance types: {nearest(name, FAMILIES)}")
    return name


class Limits(Spec):
    """What all nodes of a pool together may have; beyond it pods wait."""

    cpu: Quantity
    """CPUs."""
    memory: Quantity
    """Memory."""
    gpus: Annotated[int, Field(ge=1, le=10000)] | None = None
    """GPUs; needed where its machines have some."""


class Budget(Spec):
    """How many nodes may be disrupted at once of Karpenter's own accord."""

    nodes: Annotated[str, StringConstraints(pattern=r"^((100|[0-9]{1,2})%|[0-9]+)$")] = "10%"
    """A number or a share of the pool's nodes, quoted; "0" forbids it."""
    schedule: Annotated[str, StringConstraints(pattern=r"^\S+( \S+){4}$", max_length=100)] | None = None
    """When the budget begins to hold, as a cron line in UTC; always where nothing is stated."""
    duration: Annotated[str, StringConstraints(pattern=r"^([0-9]+h)?([0-9]+m)?$", min_length=2)] | None = None
    """How long it holds from then on."""

    @model_validator(mode="after")
    def _window(self) -> Budget:
        if (self.schedule is None) != (self.duration is None):
            raise ValueError("`schedule` and `duration` need each other")
        return self


class Disruption(Spec):
    """When Karpenter ends nodes of its own accord."""

    consolidation: Literal["WhenEmpty", "WhenEmptyOrUnderutilized"] = "WhenEmptyOrUnderutilized"
    """Whether it ends empty nodes only, or also moves the pods of nodes that cost more than they need to."""
    after: Duration | Literal["Never"] = "5m"
    """How long no pod came or went before a node is looked at."""
    budgets: Annotated[list[Budget], Field(min_length=1, max_length=50)] = [Budget()]
    """How many nodes at once; the strictest that holds decides."""
    expire_after: Duration | Literal["Never"] = "720h"
    """The age at which a node is replaced, whatever budgets say."""
    termination_grace_period: Duration = "24h"
    """How long pods, also those with `karpenter.sh/do-not-disrupt`, may hold up a node that drains."""


class KarpenterPool(Spec):
    """One pool: which machines its nodes may be, and for whom."""

    families: Annotated[list[Annotated[str, AfterValidator(_family)]], Field(min_length=1, max_length=32)]
    """Families of EC2 instance types."""
    sizes: Annotated[list[LabelValue], Field(max_length=32)] = []
    """Sizes of these families, such as `2xlarge`; all where none is stated."""
    capacity: Literal["on-demand", "spot", "spot-preferred"] = "on-demand"
    """What is bought: `spot-preferred` takes on-demand machines where there are no spot ones."""
    zones: Annotated[list[LabelValue], Field(max_length=8)] = []
    """Zones; those of the subnets where none is stated."""
    labels: dict[LabelKey, LabelValue] = {}
    """Labels of its nodes, beside `nvidia.com/gpu.present` where all of them have GPUs."""
    taints: Annotated[list[Taint], Field(max_length=16)] = []
    """Taints of its nodes."""
    limits: Limits
    """What all its nodes together may have."""
    weight: Annotated[int, Field(ge=1, le=100)] | None = None
    """Which pool is tried first where several fit: the one of the highest weight."""
    disruption: Disruption = Disruption()
    """When nodes are ended."""
    volume: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}Gi$")] = "100Gi"
    """The size of the root volume, which holds images: those with CUDA have more than 10 GiB each."""

    @property
    def machines(self) -> tuple[Machine, ...]:
        """The machines that its nodes may be, in the order of the families."""
        return tuple(
            machine
            for family in self.families
            for machine in EC2.values()
            if machine.family == family and (not self.sizes or machine.size in self.sizes)
        )

    @property
    def node_labels(self) -> dict[str, str]:
        """The labels that the NodePool gives its nodes; the one of GPUs is there before any discovery runs."""
        present = {f"{NVIDIA}.present": "true"} if all(machine.gpus for machine in self.machines) else {}
        return {**present, **self.labels}

    @model_validator(mode="after")
    def _possible(self) -> KarpenterPool:
        known = {machine.size for machine in EC2.values() if machine.family in self.families}
        unknown = [size for size in self.sizes if size not in known]
        if unknown:
            raise ValueError(f"none of the families has the size `{unknown[0]}`: {nearest(unknown[0], known)}")
        if self.limits.gpus is None and any(machine.gpus for machine in self.machines):
            raise ValueError("its machines have GPUs: state `limits.gpus`")
        return self


class NodePoolsSpec(ComponentSpec):
    """Pools whose nodes Karpenter makes when pods need them, and ends when none does."""

    kind: Literal["NodePools"] = "NodePools"
    ami: Ami
    """The image of the nodes; the variant with NVIDIA's driver is taken for machines with GPUs."""
    role: RoleName | None = None
    """The IAM role of the nodes, without path: Karpenter makes an instance profile of it."""
    instance_profile: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+=,.@-]{1,128}$")] | None = None
    """An instance profile that is there already; either it or `role` is stated."""
    pools: Annotated[dict[Name, KarpenterPool], Field(min_length=1, max_length=32)]
    """The pools by name."""

    @model_validator(mode="after")
    def _one_identity(self) -> NodePoolsSpec:
        if (self.role is None) == (self.instance_profile is None):
            raise ValueError("name either `role` or `instanceProfile`")
        return self

    def node_pools(self, platform: Platform) -> Iterator[Pool]:
        """Describe the pools to other components: their labels are those of Karpenter's nodes."""
        for name, pool in sorted(self.pools.items()):
            yield Pool(
                name=name,
                labels={
                    "kubernetes.io/arch": "amd64",
                    "kubernetes.io/os": "linux",
                    KARPENTER_POOL: name,
                    **pool.labels,
                },
                node_selector=pool.labels or {KARPENTER_POOL: name},
                machines=pool.machines,
                rooms=tuple(map(karpenter, pool.machines)),
                taints=tuple(pool.taints),
                capacities=CAPACITIES[pool.capacity],
                zones=tuple(pool.zones),
                limits=limits(pool.limits),
            )

    def claims(self, platform: Platform) -> Iterator[str]:
        """Claim the pools' names: objects without namespace, and what workloads name."""
        for name in self.pools:
            yield _claim(name)

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find a cluster whose nodes Karpenter does not make, and names that another pool has."""
        try:
            _ = platform.cluster.discovery
        except UnavailableError as error:
            hint = "state `cluster.name`, or the pools in `cluster.pools` where others make the nodes"
            yield Problem((), str(error), hint, needs="cluster")
        for pool in sorted(self.pools):
            if pool in platform.cluster.node_pools:
                yield Problem(("pools", pool), f"`cluster.pools` has a pool `{pool}` too", "rename it", needs="cluster")
            elif platform.claimant(_claim(pool)) != name:
                other = platform.claimant(_claim(pool))
                yield Problem(("pools", pool), f"`{other}` has a pool `{pool}` too", "rename it", needs="components")


def _claim(pool: str) -> str:
    return f"node pool {pool}"


def limits(stated: Limits) -> dict[str, str]:
    """Give the limits by the name of the resource."""
    found = {"cpu": stated.cpu, "memory": stated.memory}
    return {**found, NVIDIA: str(stated.gpus)} if stated.gpus else found
