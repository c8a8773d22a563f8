"""The node pools of a cluster: those that an environment states, and those that Karpenter's NodePools describe.

Source of the fields and labels: Karpenter 1.14 (karpenter.sh: NodePools, scheduling, well-known labels). A NodePool
whose requirements leave room for machines that Aurora does not know is not `whole`: nothing is said of what fits it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aurora.model import quantity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest, string_map
from aurora_constructs.allocatable import Room, karpenter
from aurora_constructs.machines import EC2, NVIDIA, Machine
from aurora_constructs.pools import KARPENTER_POOL, Pool, Taint, machine_labels

GROUP, AWS = "karpenter.sh", "karpenter.k8s.aws"
CAPACITY, ZONE, TYPE = "karpenter.sh/capacity-type", "topology.kubernetes.io/zone", "node.kubernetes.io/instance-type"
AVOIDED = ("NoSchedule", "NoExecute")

Values = frozenset[str] | None
"""The values that a label may have on a node; None for any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One kind of node of a pool: its machine, its labels, and what it has for pods.

    `late` are labels that a DaemonSet adds once the node runs.
    """

    machine: Machine
    room: Room
    labels: Mapping[str, Values]
    late: Mapping[str, Values]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePool:
    """A pool with everything that a pod is compared with; `manifest` is None for one that is a fact."""

    name: str
    taints: tuple[Taint, ...]
    nodes: tuple[Node, ...]
    minimum: int
    maximum: int | None
    limits: Mapping[str, str]
    labels: Mapping[str, Values]
    whole: bool = True
    manifest: Manifest | None = None

    @property
    def zones(self) -> Values:
        """The zones of its nodes."""
        return self.labels.get(ZONE)

    @property
    def capacities(self) -> Values:
        """What is bought for it, as Karpenter calls it; None where that is not known."""
        return self.labels.get(CAPACITY)

    @property
    def kept_off(self) -> tuple[Taint, ...]:
        """The taints that keep pods away."""
        return tuple(taint for taint in self.taints if taint.effect in AVOIDED)


def known(inventory: Inventory) -> bool:
    """Tell whether all node pools are known, so that a pod which reaches none of them waits forever."""
    if inventory.cluster:
        return bool(inventory.cluster.node_pools)
    return inventory.closed and bool(karpenter_pools(inventory))


def pools(inventory: Inventory) -> tuple[NodePool, ...]:
    """Give all node pools, those that are facts first."""
    facts = inventory.cluster.node_pools if inventory.cluster else {}
    return (*map(_stated, facts.values()), *karpenter_pools(inventory))


def karpenter_pools(inventory: Inventory) -> tuple[NodePool, ...]:
    """Give the pools whose nodes Karpenter makes."""
    return inventory.every(_karpenter_pools)


def _stated(pool: Pool) -> NodePool:
    labels: dict[str, Values] = {key: frozenset({value}) for key, value in pool.labels.items()}
    labels[ZONE] = frozenset(pool.zones) or None
    nodes = (
        Node(machine=machine, room=room, labels=labels, late=_discovered(machine))
        for machine, room in zip(pool.machines, pool.rooms, strict=True)
    )
    return NodePool(
        name=pool.name,
        taints=pool.taints,
        nodes=tuple(nodes),
        minimum=pool.minimum,
        maximum=pool.maximum,
        limits=pool.limits,
        labels={CAPACITY: frozenset(pool.capacities), **labels},
    )


def _karpenter_pools(inventory: Inventory) -> Iterator[NodePool]:
    for manifest in inventory.of_kind("NodePool", group=GROUP):
        template = mapping(manifest.get("spec", "template"))
        spec = mapping(template.get("spec"))
        wanted = [mapping(entry) for entry in items(spec.get("requirements"))]
        labels = _own_labels(manifest, template, wanted)
        fixed = manifest.get("spec", "replicas")
        yield NodePool(
            name=manifest.id.name,
            taints=tuple(read_taints(spec.get("taints"))),
            nodes=tuple(_nodes(labels, wanted)),
            minimum=fixed if isinstance(fixed, int) else 0,
            maximum=fixed if isinstance(fixed, int) else None,
            limits={
                name: text(amount) or str(amount) for name, amount in mapping(manifest.get("spec", "limits")).items()
            },
            labels=labels,
            whole=_whole(wanted),
            manifest=manifest,
        )


def _own_labels(manifest: Manifest, template: JsonObject, wanted: list[JsonObject]) -> dict[str, Values]:
    """Give the labels of every node of a NodePool that do not follow from its machine."""
    found: dict[str, Values] = {CAPACITY: frozenset({"on-demand"}), ZONE: None}
    for entry in wanted:
        key, values = text(entry.get("key")), frozenset(map(text, items(entry.get("values"))))
        if not key.startswith(f"{AWS}/") and entry.get("operator") in ("In", "Exists"):
            found[key] = values or None
    own = string_map(dig(template, "metadata", "labels"))
    found.update({key: frozenset({value}) for key, value in own.items()})
    found[KARPENTER_POOL] = frozenset({manifest.id.name})
    return found


def _nodes(labels: Mapping[str, Values], wanted: list[JsonObject]) -> Iterator[Node]:
    for machine in EC2.values():
        own: dict[str, Values] = {key: frozenset({value}) for key, value in of_machine(machine).items()}
        if all(text(entry.get("key")) not in own or holds(entry, own) for entry in wanted):
            yield Node(machine=machine, room=karpenter(machine), labels={**labels, **own}, late=_discovered(machine))


def of_machine(machine: Machine) -> dict[str, str]:
    """Give the labels that Karpenter's provider for AWS derives of an instance type, those that Aurora knows."""
    letters = "".join(itertools.takewhile(str.isalpha, machine.family))
    found = {
        **machine_labels(machine),
        f"{AWS}/instance-category": letters,
        f"{AWS}/instance-cpu": str(machine.cpus),
        f"{AWS}/instance-family": machine.family,
        f"{AWS}/instance-generation": "".join(itertools.takewhile(str.isdigit, machine.family[len(letters) :])),
        f"{AWS}/instance-memory": str(machine.memory_mib),
        f"{AWS}/instance-size": machine.size,
    }
    if machine.gpu:
        found |= {
            f"{AWS}/instance-gpu-count": str(machine.gpus),
            f"{AWS}/instance-gpu-manufacturer": "nvidia",
            f"{AWS}/instance-gpu-memory": str(machine.gpu.memory_mib),
            f"{AWS}/instance-gpu-name": machine.gpu.short,
        }
    return found


def _discovered(machine: Machine) -> dict[str, Values]:
    """Give the labels of NVIDIA's GPU feature discovery."""
    if machine.gpu is None:
        return {}
    return {
        f"{NVIDIA}.present": frozenset({"true"}),
        f"{NVIDIA}.count": frozenset({str(machine.gpus)}),
        f"{NVIDIA}.product": frozenset({machine.gpu.product}),
    }


def _whole(wanted: list[JsonObject]) -> bool:
    """Tell whether Aurora knows every machine: the requirements must name families or types, all of them known."""
    families = {machine.family for machine in EC2.values()}
    for entry in wanted:
        key, values = text(entry.get("key")), {text(value) for value in items(entry.get("values"))}
        if entry.get("operator") == "In" and key == f"{AWS}/instance-family" and values <= families:
            return True
        if entry.get("operator") == "In" and key == TYPE and values <= EC2.keys():
            return True
    return False


def read_taints(value: JsonValue | None) -> Iterator[Taint]:
    """Read the taints that a manifest lists, without those that its definition refuses."""
    for entry in items(value):
        try:
            yield Taint.model_validate({name: text(dig(entry, name)) for name in ("key", "value", "effect")})
        except ValueError:
            continue  # the definition refuses it


def holds(requirement: JsonObject, labels: Mapping[str, Values]) -> bool:
    """Tell whether a node may satisfy one requirement of a node selector.

    Source: `NodeSelectorRequirement` of k8s.io/api: an absent label satisfies NotIn and DoesNotExist.
    """
    key, operator = text(requirement.get("key")), requirement.get("operator")
    values = {text(value) for value in items(requirement.get("values"))}
    if key not in labels:
        return operator in ("NotIn", "DoesNotExist")
    has = labels[key]
    match operator:
        case "In":
            return has is None or bool(has & values)
        case "NotIn":
            return has is None or bool(has - values)
        case "DoesNotExist":
            return False
        case "Gt" | "Lt" | "Gte" | "Lte":
            return has is None or any(_compared(str(operator), each, values) for each in has)
        case _:
            return True


def _compared(operator: str, has: str, values: set[str]) -> bool:
    bound, number = quantity.read(next(iter(values), None)), quantity.read(has)
    if bound is None or number is None:
        return False
    return {"Gt": number > bound, "Lt": number < bound, "Gte": number >= bound, "Lte": number <= bound}[operator]
