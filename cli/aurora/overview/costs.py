"""What node pools cost in a month by a price list. Pure: figures in, figures out; no price is made up."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from aurora.model.node_pools import Costs, PoolCost, PoolLine, Pools
from aurora.overview.prices import PriceList, exact
from aurora_constructs.machines import NVIDIA

GIB = 2**30
_OWN = ("on-demand",)
"""How machines are bought that nobody may take back, own ones among them."""


def costs(pools: Pools, prices: PriceList) -> Costs:
    """Give the cost of every pool for each way of buying its machines, and the totals of what has a price."""
    lines = tuple(line for pool in pools.lines for line in _lines(pool, prices))
    chosen = list(_dearer(lines))
    return Costs(
        currency=prices.spec.currency,
        hours=exact(prices.spec.hours_per_month),
        lines=lines,
        least=_sum([line.least for line in chosen]),
        written=_sum([line.written for line in chosen]),
        most=_sum([line.most for line in chosen]),
    )


def _sum(amounts: Sequence[Fraction | None]) -> Fraction:
    return sum((amount for amount in amounts if amount is not None), Fraction(0))


def _dearer(lines: Sequence[PoolCost]) -> Iterator[PoolCost]:
    """Give of each pool the dearest way of buying that has a price."""
    by_pool: dict[str, PoolCost] = {}
    for line in lines:
        other = by_pool.get(line.pool)
        if other is None or (line.most or 0, line.written or 0) > (other.most or 0, other.written or 0):
            by_pool[line.pool] = line
    return iter(by_pool.values())


def _lines(pool: PoolLine, prices: PriceList) -> Iterator[PoolCost]:
    for bought in pool.made_of.bought or _OWN:
        if pool.made_of.written is not None:
            yield _by_machine(pool, bought, prices)
        else:
            yield _by_requests(pool, bought, prices)


def _by_machine(pool: PoolLine, bought: str, prices: PriceList) -> PoolCost:
    machines, hours = pool.made_of, exact(prices.spec.hours_per_month)
    price = prices.machine(machines.types[0], bought)
    by = f"{machines.least}, {machines.written} and {machines.most} machines {machines.types[0]}"
    if price is None or machines.written is None or machines.most is None:
        missing = f"`machines.{machines.types[0]}` has no price {bought}"
        return PoolCost(pool=pool.name, bought=bought, by=by, missing=missing)
    month = price * hours
    return PoolCost(
        pool=pool.name,
        bought=bought,
        by=by,
        least=machines.least * month,
        written=machines.written * month,
        most=machines.most * month,
    )


def _by_requests(pool: PoolLine, bought: str, prices: PriceList) -> PoolCost:
    rates, hours = prices.rates(bought), exact(prices.spec.hours_per_month)
    if rates is None:
        missing = f"its machines are of {len(pool.made_of.types)} types, and `rates.{bought}` is missing"
        return PoolCost(pool=pool.name, bought=bought, by="requests", missing=missing)
    each = {"cpu": rates.cpu, "memory": rates.memory, NVIDIA: rates.gpu}
    least, written, most = Fraction(0), Fraction(0), Fraction(0)
    for amount in pool.amounts:
        price = exact(each[amount.item]) / (GIB if amount.item == "memory" else 1) * hours
        least += amount.least * price
        written += amount.written * price
        most += amount.most * price
    return PoolCost(pool=pool.name, bought=bought, by="requests", least=least, written=written, most=most)


def known_machines(pools: Sequence[Pools]) -> frozenset[str]:
    """Give the types of machines of all pools."""
    return frozenset(name for found in pools for line in found.lines for name in line.made_of.types)
