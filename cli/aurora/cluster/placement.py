"""Which node pools a pod reaches, and why it does not reach the others.

Source: Kubernetes 1.35, the scheduler's filters TaintToleration, NodeAffinity and NodeResourcesFit; what Karpenter and
cluster autoscalers know of a node before it runs. A pod is compared with an empty node: of other pods only those of
DaemonSets count. Must not judge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from aurora.cluster import resources
from aurora.cluster.node_pools import AVOIDED, Node, NodePool, Values, holds, of_machine, pools
from aurora.model import quantity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.pod_template import PodTemplate
from aurora_constructs.machines import EC2, NVIDIA
from aurora_constructs.pools import KARPENTER_POOL, Taint

MIB = 2**20
_Key = tuple[int, tuple[object, ...]]
CPU, MEMORY = "cpu", "memory"
_UNKNOWN = ("kubernetes.io", "k8s.io", "kubernetes.azure.com", "eks.amazonaws.com", "karpenter.k8s.aws", "karpenter.sh")
"""Domains of labels that providers give nodes: of those that Aurora does not derive, nothing is said."""
_DERIVED = frozenset(
    {
        KARPENTER_POOL,
        *("karpenter.sh/capacity-type", "karpenter.k8s.aws/instance-family", "karpenter.k8s.aws/instance-gpu-name"),
        *("karpenter.k8s.aws/instance-gpu-count", "karpenter.k8s.aws/instance-gpu-memory"),
        *("eks.amazonaws.com/nodegroup", "eks.amazonaws.com/capacityType"),
        *("kubernetes.azure.com/agentpool", "kubernetes.azure.com/mode", "kubernetes.azure.com/scalesetpriority"),
    }
)
"""Labels of these domains that a node has only if Aurora says so."""
_OF_MACHINES = frozenset(key for machine in EC2.values() for key in of_machine(machine))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a pod in one pool: the machines that take it, or why none does."""

    pool: NodePool
    nodes: tuple[Node, ...] = ()
    reason: str = ""
    too_small: bool = False
    """Whether its nodes are for such a pod, but have no room for it."""

    @property
    def reached(self) -> bool:
        """Whether the pod may run there."""
        return not self.reason


class Placement:
    """The pools of an inventory, and what each pod meets there."""

    def __init__(self, inventory: Inventory) -> None:
        self.pools = pools(inventory)
        self._defaults = resources.container_defaults(inventory)
        self._devices = bool(inventory.cluster and inventory.cluster.tolerates_devices)
        self._daemons: dict[str, resources.Amounts] = {}
        self._found: dict[_Key, tuple[Verdict, ...]] = {}
        self._asked: dict[_Key, resources.Amounts] = {}
        daemons = [pod for pod in inventory.pods() if pod.manifest.id.kind == "DaemonSet"]
        for pool in self.pools:
            self._daemons[pool.name] = self._overhead(inventory, pool, daemons)

    def verdicts(self, pod: PodTemplate) -> tuple[Verdict, ...]:
        """Say of every pool whether a pod reaches it."""
        key = (id(pod.manifest), pod.steps)
        if key not in self._found:
            self._found[key] = tuple(self._verdict(pod, pool) for pool in self.pools)
        return self._found[key]

    def reached(self, pod: PodTemplate) -> tuple[NodePool, ...]:
        """Give the pools that a pod reaches."""
        return tuple(verdict.pool for verdict in self.verdicts(pod) if verdict.reached)

    def asks(self, pod: PodTemplate) -> resources.Amounts:
        """Give what a pod requests, with what LimitRanges add."""
        key = (id(pod.manifest), pod.steps)
        if key not in self._asked:
            self._asked[key] = resources.of_pod(pod, resources.REQUESTS, self._defaults.get(pod.namespace))
        return self._asked[key]

    def room(self, pool: NodePool, node: Node) -> resources.Amounts:
        """Give what a node of a pool has for pods that are not DaemonSets'."""
        taken = self._daemons.get(pool.name, {})
        return {
            CPU: Fraction(node.room.millicpu, 1000) - taken.get(CPU, 0),
            MEMORY: Fraction(node.room.memory_mib * MIB) - taken.get(MEMORY, 0),
            NVIDIA: Fraction(node.room.gpus),
        }

    def capacity(self, pool: NodePool) -> resources.Amounts:
        """Give what a pool has for pods at its largest; nothing where nothing bounds it.

        DaemonSets' pods count towards a limit, but nobody knows how many nodes there will be.
        """
        limits = {name: quantity.read(amount) for name, amount in pool.limits.items()}
        found = {name: limit for name, limit in limits.items() if limit is not None and name in (CPU, MEMORY, NVIDIA)}
        if pool.maximum is None or not pool.nodes:
            return found
        for name in (CPU, MEMORY, NVIDIA):
            most = pool.maximum * max(self.room(pool, node)[name] for node in pool.nodes)
            found[name] = min(found.get(name, most), most)
        return found

    def tolerates(self, pod: PodTemplate, taint: Taint) -> bool:
        """Tell whether a pod may run in spite of a taint."""
        if pod.partial or taint.effect not in AVOIDED:
            return True  # whoever completes the pod may add tolerations
        if self._devices and taint.effect == "NoSchedule" and self.asks(pod).get(taint.key):
            return True
        return any(tolerated(mapping(entry), taint) for entry in items(pod.get("tolerations")))

    def _overhead(self, inventory: Inventory, pool: NodePool, daemons: Sequence[PodTemplate]) -> resources.Amounts:
        """Give what DaemonSets take of a node: what is stated, or more where those of the environment request more."""
        found: resources.Amounts = defaultdict(Fraction)
        for pod in daemons:
            if self._verdict(pod, pool).reached:
                for name, amount in self.asks(pod).items():
                    found[name] += amount
        stated = inventory.cluster.node_overhead if inventory.cluster else None
        for name, least in ((CPU, stated.cpu), (MEMORY, stated.memory)) if stated else ():
            found[name] = max(found[name], quantity.parse(least))
        return dict(found)

    def _verdict(self, pod: PodTemplate, pool: NodePool) -> Verdict:
        for taint in pool.kept_off:
            if not self.tolerates(pod, taint):
                return Verdict(pool, reason=f"its taint `{written(taint)}` is not tolerated")
        if not pool.whole:
            return Verdict(pool, reason=_lacks(pod, {**dict.fromkeys(_OF_MACHINES), **pool.labels}, {}))
        nodes, missing = _labelled(pod, pool)
        return self._sized(pod, pool, nodes) if nodes else Verdict(pool, reason=missing)

    def _sized(self, pod: PodTemplate, pool: NodePool, nodes: tuple[Node, ...]) -> Verdict:
        asked = self.asks(pod)
        if pool.maximum == 0:
            return Verdict(pool, reason="it may have no node")
        for name in (NVIDIA, MEMORY, CPU):
            amount, limit = asked.get(name, Fraction(0)), quantity.read(pool.limits.get(name))
            if not amount:
                continue
            fit = tuple(node for node in nodes if self.room(pool, node)[name] >= amount)
            if not fit:
                return Verdict(pool, reason=self._too_small(pool, nodes, name, amount), too_small=True)
            if limit is not None and amount > limit:
                reason = f"needs {shown(name, amount)}, the limit of the pool is {shown(name, limit)}"
                return Verdict(pool, reason=reason, too_small=True)
            nodes = fit
        return Verdict(pool, nodes)

    def _too_small(self, pool: NodePool, nodes: Sequence[Node], name: str, amount: Fraction) -> str:
        largest = max(nodes, key=lambda node: self.room(pool, node)[name])
        has = self.room(pool, largest)[name]
        if not has and name == NVIDIA:
            return f"needs {shown(name, amount)}, its machines have none"
        machine = f"`{largest.machine.name}`" + (
            ", the largest of its machines that it may take," if len(nodes) > 1 else ""
        )
        return f"needs {shown(name, amount)}, {machine} has {shown(name, has)} for pods"


def placement(inventory: Inventory) -> Placement:
    """Give the placement of an inventory, found at the first call."""
    return inventory.once(Placement)


def labelled(pool: NodePool, wanted: Mapping[str, str]) -> bool:
    """Tell whether some node of a pool may have labels, those that come late among them."""
    kinds: list[Mapping[str, Values]] = [{**node.labels, **node.late} for node in pool.nodes]
    asked: list[JsonObject] = [{"key": key, "operator": "In", "values": [value]} for key, value in wanted.items()]
    if not pool.whole:
        kinds = [{**dict.fromkeys(_OF_MACHINES), **pool.labels}]
    return any(all(_may(each, labels) for each in asked) for labels in kinds)


def tolerated(toleration: JsonObject, taint: Taint) -> bool:
    """Tell whether a toleration holds for a taint (k8s.io/api, `Toleration.ToleratesTaint`)."""
    if toleration.get("effect") not in (None, "", taint.effect):
        return False
    key = text(toleration.get("key"))
    if key and key != taint.key:
        return False
    if toleration.get("operator") == "Exists":
        return True
    return bool(key) and text(toleration.get("value")) == taint.value


def written(taint: Taint) -> str:
    """Write a taint as `kubectl` does."""
    return f"{taint.key}{f'={taint.value}' if taint.value else ''}:{taint.effect}"


def shown(name: str, amount: Fraction) -> str:
    """Write an amount for people: GPUs and CPUs as numbers, memory in GiB."""
    if name == MEMORY:
        return f"{float(amount) / 2**30:.4g} GiB of memory"
    if name == CPU:
        return f"{float(amount):.4g} CPUs"
    return f"{int(amount)} GPU{'' if amount == 1 else 's'}"


def _labelled(pod: PodTemplate, pool: NodePool) -> tuple[tuple[Node, ...], str]:
    """Give the kinds of node whose labels a pod asks for; or say what the last of them lacks."""
    missing, found = "none of its machines meets the requirements of the NodePool", []
    for node in pool.nodes:
        lack = _lacks(pod, node.labels if pool.minimum == 0 else {**node.labels, **node.late}, node.late)
        if lack:
            missing = lack
        else:
            found.append(node)
    return tuple(found), missing


def _lacks(pod: PodTemplate, labels: Mapping[str, Values], late: Mapping[str, Values]) -> str:
    for requirement in _selected(pod):
        if not _may(requirement, labels):
            return _lack(requirement, late)
    required = pod.get("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    terms = [
        [mapping(entry) for entry in items(dig(term, "matchExpressions"))]
        for term in items(dig(required, "nodeSelectorTerms"))
    ]
    failed = [next((each for each in term if not _may(each, labels)), None) for term in terms]
    if failed and all(failed):
        return _lack(mapping(failed[-1]), late)
    return ""


def prefers(pod: PodTemplate, pool: NodePool) -> bool:
    """Tell whether a pod prefers the nodes of a pool: they meet a term of its own that others could fail."""
    preferred = items(pod.get("affinity", "nodeAffinity", "preferredDuringSchedulingIgnoredDuringExecution"))
    terms = [[mapping(one) for one in items(dig(entry, "preference", "matchExpressions"))] for entry in preferred]
    labels = [node.labels for node in pool.nodes]
    return any(term and all(holds(each, known) for each in term) for term in terms for known in labels)


def _selected(pod: PodTemplate) -> Iterator[JsonObject]:
    for key, value in mapping(pod.get("nodeSelector")).items():
        if not pod.fills_in(text(value)):
            yield {"key": key, "operator": "In", "values": [value]}


def _may(requirement: JsonObject, labels: Mapping[str, Values]) -> bool:
    key = text(requirement.get("key"))
    domain = key.partition("/")[0] if "/" in key else ""
    if key not in labels and key not in _DERIVED and domain.endswith(_UNKNOWN):
        return True
    return holds(requirement, labels)


def _lack(requirement: JsonObject, late: Mapping[str, Values]) -> str:
    key = text(requirement.get("key"))
    values = ", ".join(text(value) for value in items(requirement.get("values")))
    if key in late and holds(requirement, late):
        return f"the label `{key}` comes with a running node, and no node is started for a pod that selects by it"
    if requirement.get("operator") == "In":
        return f"its nodes have no label `{key}: {values}`"
    return f"its nodes do not meet `{key} {text(requirement.get('operator'))} {values}`"
