"""Node pools and what runs there: what one page and one diff say about them."""

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolAmount:
    """What the tenants of a pool request of something: at their smallest, as written, at their largest with updates."""

    item: str
    least: Fraction
    written: Fraction
    most: Fraction
    capacity: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """The machines of a pool: the names of their types, how they are bought, and how many there are.

    `written` is how many the requests as written take at least; None where machines differ. `most` is None where
    nothing bounds their number.
    """

    types: tuple[str, ...] = ()
    bought: tuple[str, ...] = ()
    least: int = 0
    written: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLine:
    """One node pool: what its nodes are, and the workloads that run there and nowhere else.

    `stated` says that it is a fact of the cluster; otherwise Karpenter makes its nodes. `shared` counts the workloads
    that other pools take too.
    """

    name: str
    stated: bool
    machines: str
    capacity: str
    nodes: str
    taints: tuple[str, ...]
    amounts: tuple[PoolAmount, ...]
    tenants: tuple[str, ...]
    shared: int
    made_of: Machines = field(default_factory=Machines)


@dataclass(frozen=True, slots=True)
class Reached:
    """The node pools that a workload reaches."""

    workload: str
    pools: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolTotal:
    """What all workloads together request of something, and how much of it, as written, runs on spot machines.

    `spot` is what surely runs there, `spot_at_most` also what may: pools may have machines of both sorts.
    """

    item: str
    least: Fraction
    written: Fraction
    most: Fraction
    spot: Fraction
    spot_at_most: Fraction


@dataclass(frozen=True, slots=True)
class Pools:
    """The node pools of an environment, and which of them each workload reaches; empty where none is known.

    `several` is what the workloads request that more than one pool takes, `totals` what all of them do.
    """

    lines: tuple[PoolLine, ...]
    reached: tuple[Reached, ...]
    several: tuple[PoolAmount, ...] = ()
    totals: tuple[PoolTotal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolCost:
    """What a pool costs in a month, by one way of buying its machines: at least, as written, at most.

    `by` says what is counted. Amounts are None where the price list does not tell, and `missing` says what it lacks.
    """

    pool: str
    bought: str
    by: str
    least: Fraction | None = None
    written: Fraction | None = None
    most: Fraction | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What the pools of an environment cost in a month of so many hours, by a price list that people gave.

    A total counts the dearer way of buying where a pool has both; what has no price is in none.
    """

    currency: str
    hours: Fraction
    lines: tuple[PoolCost, ...]
    least: Fraction
    written: Fraction
    most: Fraction
