"""What changed objects ask for, before and after: pods, CPU, memory, GPUs and storage.

Source: the arithmetic of `loads`. Differences add up to the difference of both sides' totals, except for what
an autoscaler's new minimum does to an unchanged workload: that stands with the autoscaler.
"""

from collections.abc import Iterator
from fractions import Fraction

from aurora.changes.consequences.row import CAPACITY, Found, Row
from aurora.changes.consequences.totals import Sizes
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Pair
from aurora.cluster import resources, workloads
from aurora.model import quantity
from aurora.model.diff import Totals

_NONE = Fraction(0)

DEMAND = Row("capacity/demand", CAPACITY)
GPUS = Row("capacity/gpus", CAPACITY)
STORAGE = Row("capacity/storage", CAPACITY)
PER_NODE = Row("capacity/per-node", CAPACITY)
RANGE = Row("capacity/autoscaler-range", CAPACITY)


def find(view: View) -> Iterator[Found]:
    """Yield what every changed object asks for."""
    before = Sizes(view.before)
    after = Sizes(view.after, before)
    for pair in view.pairs:
        old, new = before.of(pair.before), after.of(pair.after)
        if old != new:
            yield from _moved(pair, old, new)
    yield from _on_every_node(view)
    for pair in view.scalers():
        yield from _range(view, pair)


def _moved(pair: Pair, old: Totals, new: Totals) -> Iterator[Found]:
    parts = [
        f"pods {old.pods} → {new.pods}" if old.pods != new.pods else "",
        _amounts("CPU", old.cpu, new.cpu),
        _amounts("memory", old.memory, new.memory),
    ]
    if any(parts):
        yield DEMAND.found(pair, f"asks for {', '.join(part for part in parts if part)}")
    if old.gpus != new.gpus:
        yield GPUS.found(pair, f"asks for {_amounts('GPUs', old.gpus, new.gpus)}")
    if old.storage != new.storage:
        yield STORAGE.found(pair, f"asks for {_amounts('storage', old.storage, new.storage)}")


def _amounts(name: str, old: Fraction, new: Fraction) -> str:
    """Write two amounts; only bytes have binary suffixes: 1024 cores are not `1Ki`."""
    counts = name in ("CPU", "GPUs")
    before, after = (
        str(amount) if counts and amount.denominator == 1 else quantity.render(amount) for amount in (old, new)
    )
    return f"{name} {before} → {after}" if old != new else ""


def _on_every_node(view: View) -> Iterator[Found]:
    for pair, before, after in view.workloads():
        if (pair.resource.group, pair.resource.kind) != ("apps", "DaemonSet"):
            continue
        old, new = (resources.of_pod(pod, resources.REQUESTS) if pod else {} for pod in (before, after))
        parts = [
            f"{name} {quantity.render(old.get(name, _NONE))} → {quantity.render(new.get(name, _NONE))}"
            for name in sorted(old.keys() | new.keys())
            if old.get(name, _NONE) != new.get(name, _NONE)
        ]
        if parts:
            yield PER_NODE.found(pair, f"asks on every node for {', '.join(parts)}")


def _range(view: View, pair: Pair) -> Iterator[Found]:
    old, new = (workloads.scaler_bounds(side) if side else None for side in (pair.before, pair.after))
    if old == new:
        return
    _, kind, name = workloads.target_of(pair.subject)
    shown = [f"{bounds.least} to {bounds.most} replicas" if bounds else "not scaled" for bounds in (old, new)]
    yield RANGE.found(pair, f"the range of {kind} `{name}`: {shown[0]} → {shown[1]}", steps=("spec",))
