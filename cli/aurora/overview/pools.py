"""Which node pools take which workloads, and what these request there, against what the pools have. Judges nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from aurora.cluster import quotas, workloads
from aurora.cluster.node_pools import NodePool, known
from aurora.cluster.placement import CPU, MEMORY, Placement, placement, written
from aurora.cluster.replicas import count_of, stated
from aurora.model.inventory import Inventory
from aurora.model.overview import PoolAmount, PoolLine, Pools, Reached
from aurora.model.pod_template import PodTemplate
from aurora_constructs.machines import NVIDIA

_ITEMS = (CPU, MEMORY, NVIDIA)


@dataclass(frozen=True, slots=True)
class _Workload:
    """A workload, the pools that it reaches, and how many pods it has: at least, as written, and at most."""

    pod: PodTemplate
    pools: tuple[str, ...]
    counts: tuple[int, int, int]

    @property
    def name(self) -> str:
        return str(self.pod.manifest.id)


def pools(inventory: Inventory) -> Pools:
    """Give the pools and what reaches them; nothing where no pool is known."""
    if not known(inventory):
        return Pools((), ())
    found = placement(inventory)
    placed = [
        _Workload(pod, tuple(pool.name for pool in found.reached(pod)), _counts(inventory, pod))
        for pod in inventory.pods()
    ]
    lines = tuple(_line(found, pool, [each for each in placed if pool.name in each.pools]) for pool in found.pools)
    reached: dict[str, tuple[str, ...]] = {}
    for each in placed:
        reached[each.name] = tuple(dict.fromkeys((*reached.get(each.name, ()), *each.pools)))
    return Pools(lines, tuple(Reached(name, where) for name, where in sorted(reached.items())))


def _counts(inventory: Inventory, pod: PodTemplate) -> tuple[int, int, int]:
    replicas = workloads.index(inventory).replicas(pod)
    if replicas is None:
        return 0, 0, 0
    count = count_of(pod)
    own = stated(pod, count) if count else None
    written_down = own.least if own and not workloads.index(inventory).scalers_of(pod.manifest) else replicas.least
    return replicas.least, written_down, quotas.most_pods(inventory, pod) or replicas.most


def _line(found: Placement, pool: NodePool, here: Sequence[_Workload]) -> PoolLine:
    own = [each for each in here if len(each.pools) == 1 and each.pod.manifest.id.kind != "DaemonSet"]
    machines = list(dict.fromkeys(node.machine.name for node in pool.nodes))
    return PoolLine(
        name=pool.name,
        stated=pool.manifest is None,
        machines=", ".join(machines)
        if len(machines) < 4
        else f"{len(machines)} types, {machines[0]} to {machines[-1]}",
        capacity=" or ".join(sorted(pool.capacities or ())),
        nodes="as limits allow" if pool.maximum is None else _range(pool.minimum, pool.maximum),
        taints=tuple(map(written, pool.kept_off)),
        amounts=tuple(_amounts(found, pool, own)),
        tenants=tuple(dict.fromkeys(each.name for each in own)),
        shared=len({each.name for each in here} - {each.name for each in own}),
    )


def _amounts(found: Placement, pool: NodePool, own: Sequence[_Workload]) -> Iterator[PoolAmount]:
    capacity = found.capacity(pool)
    for item in _ITEMS:
        sums = [Fraction(0), Fraction(0), Fraction(0)]
        for each in own:
            asked = found.asks(each.pod).get(item, Fraction(0))
            sums = [total + count * asked for total, count in zip(sums, each.counts, strict=True)]
        if any(sums) or capacity.get(item):
            yield PoolAmount(item=item, least=sums[0], written=sums[1], most=sums[2], capacity=capacity.get(item))


def _range(least: int, most: int) -> str:
    return str(least) if least == most else f"{least} to {most}"
