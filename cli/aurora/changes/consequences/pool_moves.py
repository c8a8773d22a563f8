"""What a change adds to each node pool, and takes from it: the sums of `aurora report`, of both sides.

The facts of the later side hold for both: what a pool is made of is no object. Judges nothing.
"""

from collections.abc import Iterator
from fractions import Fraction

from aurora.changes.consequences.surroundings import Surroundings
from aurora.changes.consequences.view import View
from aurora.cluster.pool_demand import pools
from aurora.model.diff import PoolMovement
from aurora.model.inventory import Inventory
from aurora_constructs.cluster import ClusterFacts

_DECIDING = ("LimitRange", "NodePool")
_Key = tuple[str | None, str]
_Sums = dict[_Key, tuple[Fraction, Fraction]]
_NOTHING = (Fraction(0), Fraction(0))


def moved(view: View, cluster: ClusterFacts | None) -> tuple[PoolMovement, ...]:
    """Give the pools in which requests change; nothing where no facts are known, or nothing that decides changed."""
    if cluster is None or not _concerned(view):
        return ()
    return tuple(_differences(_sums(view.before, cluster), _sums(view.after, cluster)))


def _concerned(view: View) -> bool:
    kinds = {*_kinds(view.before), *_kinds(view.after)}
    return any(pair.resource.kind in kinds for pair in view.pairs)


def _kinds(side: Surroundings) -> tuple[str, ...]:
    return (*side.pod_kinds, *side.scaler_kinds, *_DECIDING)


def _sums(side: Surroundings, cluster: ClusterFacts) -> _Sums:
    """Sum up what is requested as written and at most, by pool and item."""
    objects = side.of_kinds(*_kinds(side))
    found = pools(Inventory(objects, cluster=cluster, closed=True))
    sums: _Sums = {
        (line.name, amount.item): (amount.written, amount.most) for line in found.lines for amount in line.amounts
    }
    sums.update({(None, amount.item): (amount.written, amount.most) for amount in found.several})
    return sums


def _differences(before: _Sums, after: _Sums) -> Iterator[PoolMovement]:
    for key in dict.fromkeys([*after, *before]):
        old, new = before.get(key, _NOTHING), after.get(key, _NOTHING)
        if old != new:
            pool, item = key
            yield PoolMovement(pool=pool, item=item, before=old[0], after=new[0], most_before=old[1], most_after=new[1])
