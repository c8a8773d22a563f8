"""Which node pools take which workloads, and what these request there, against what the pools have. Judges nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from aurora.cluster import quotas, workloads
from aurora.cluster.node_pools import NodePool, known
from aurora.cluster.placement import CPU, MEMORY, Placement, placement, written
from aurora.cluster.replicas import count_of, stated
from aurora.model.inventory import Inventory
from aurora.model.node_pools import Machines, PoolAmount, PoolLine, Pools, PoolTotal, Reached
from aurora.model.pod_template import PodTemplate
from aurora_constructs.machines import NVIDIA
from aurora_constructs.pools import SPOT

_ITEMS = (CPU, MEMORY, NVIDIA)
_NONE = Fraction(0)
_Sums = tuple[Fraction, Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class _Workload:
    """A workload, the pools that it reaches, and how many pods it has: at least, as written, and at most."""

    pod: PodTemplate
    pools: tuple[NodePool, ...]
    counts: tuple[int, int, int]

    @property
    def name(self) -> str:
        return str(self.pod.manifest.id)

    @property
    def counted(self) -> bool:
        """Whether it has pools and a number of pods: a DaemonSet has one on each node."""
        return bool(self.pools) and self.pod.manifest.id.kind != "DaemonSet"


def pools(inventory: Inventory) -> Pools:
    """Give the pools and what reaches them; nothing where no pool is known."""
    if not known(inventory):
        return Pools((), ())
    found = placement(inventory)
    placed = [_Workload(pod, found.reached(pod), _counts(inventory, pod)) for pod in inventory.pods()]
    lines = tuple(_line(found, pool, [each for each in placed if pool in each.pools]) for pool in found.pools)
    reached: dict[str, tuple[str, ...]] = {}
    for each in placed:
        names = (pool.name for pool in each.pools)
        reached[each.name] = tuple(dict.fromkeys((*reached.get(each.name, ()), *names)))
    counted = [each for each in placed if each.counted]
    several = [each for each in counted if len(each.pools) > 1]
    return Pools(
        lines,
        tuple(Reached(name, where) for name, where in sorted(reached.items())),
        tuple(_amount(item, sums) for item, sums in _requested(found, several)),
        tuple(_total(found, item, counted) for item, _ in _requested(found, counted)),
    )


def _counts(inventory: Inventory, pod: PodTemplate) -> tuple[int, int, int]:
    replicas = workloads.index(inventory).replicas(pod)
    if replicas is None:
        return 0, 0, 0
    count = count_of(pod)
    own = stated(pod, count) if count else None
    written_down = own.least if own and not workloads.index(inventory).scalers_of(pod.manifest) else replicas.least
    return replicas.least, written_down, quotas.most_pods(inventory, pod) or replicas.most


def _line(found: Placement, pool: NodePool, here: Sequence[_Workload]) -> PoolLine:
    own = [each for each in here if len(each.pools) == 1 and each.counted]
    types = tuple(dict.fromkeys(node.machine.name for node in pool.nodes))
    amounts = tuple(_amounts(found, pool, own))
    return PoolLine(
        name=pool.name,
        stated=pool.manifest is None,
        machines=", ".join(types) if len(types) < 4 else f"{len(types)} types, {types[0]} to {types[-1]}",
        capacity=" or ".join(sorted(pool.capacities or ())),
        nodes="as limits allow" if pool.maximum is None else _range(pool.minimum, pool.maximum),
        taints=tuple(map(written, pool.kept_off)),
        amounts=amounts,
        tenants=tuple(dict.fromkeys(each.name for each in own)),
        shared=len({each.name for each in here} - {each.name for each in own}),
        made_of=Machines(
            types=types,
            bought=tuple(sorted(pool.capacities or ())),
            least=pool.minimum,
            written=_needed(found, pool, amounts),
            most=pool.maximum,
        ),
    )


def _needed(found: Placement, pool: NodePool, amounts: Sequence[PoolAmount]) -> int | None:
    """Count the machines that the tenants' requests as written take at least; None where machines differ."""
    if len(pool.nodes) != 1 or pool.maximum is None:
        return None
    room = found.room(pool, pool.nodes[0])
    taken = [ceil(each.written / room[each.item]) for each in amounts if room.get(each.item)]
    return min(max([pool.minimum, *taken]), pool.maximum)


def _requested(found: Placement, of: Sequence[_Workload]) -> Iterator[tuple[str, _Sums]]:
    """Sum up what workloads request: at their smallest, as written, at their largest; without what nobody asks for."""
    for item in _ITEMS:
        sums = _sums(found, item, of)
        if any(sums):
            yield item, sums


def _sums(found: Placement, item: str, of: Sequence[_Workload]) -> _Sums:
    least, as_written, most = _NONE, _NONE, _NONE
    for each in of:
        asked = found.asks(each.pod).get(item, _NONE)
        least, as_written, most = (
            total + count * asked for total, count in zip((least, as_written, most), each.counts, strict=True)
        )
    return least, as_written, most


def _amounts(found: Placement, pool: NodePool, own: Sequence[_Workload]) -> Iterator[PoolAmount]:
    capacity = found.capacity(pool)
    for item in _ITEMS:
        sums = _sums(found, item, own)
        if any(sums) or capacity.get(item):
            yield _amount(item, sums, capacity.get(item))


def _amount(item: str, sums: _Sums, capacity: Fraction | None = None) -> PoolAmount:
    return PoolAmount(item=item, least=sums[0], written=sums[1], most=sums[2], capacity=capacity)


def _total(found: Placement, item: str, counted: Sequence[_Workload]) -> PoolTotal:
    least, as_written, most = _sums(found, item, counted)
    surely = [each for each in counted if all(pool.capacities == frozenset({SPOT}) for pool in each.pools)]
    perhaps = [each for each in counted if any(SPOT in (pool.capacities or ()) for pool in each.pools)]
    return PoolTotal(
        item=item,
        least=least,
        written=as_written,
        most=most,
        spot=_sums(found, item, surely)[1],
        spot_at_most=_sums(found, item, perhaps)[1],
    )


def _range(least: int, most: int) -> str:
    return str(least) if least == most else f"{least} to {most}"
