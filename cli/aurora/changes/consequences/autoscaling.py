"""Autoscalers and what they scale: two writers of one number, bounds, and targets that are gone.

The first three are breaches of the checks' rules that the change brings.
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import CAPACITY, DOWNTIME, Found, Row
from aurora.changes.consequences.surroundings import Surroundings
from aurora.changes.consequences.view import View, both, left
from aurora.changes.consequences.violations import brought
from aurora.changes.pairs import Pair
from aurora.cluster import autoscalers, workloads
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.rule import Violation

FIGHT = Row("autoscaling/two-writers", DOWNTIME)
BOUNDS = Row("autoscaling/bounds", DOWNTIME)
TWO = Row("autoscaling/two-scalers", DOWNTIME)
TARGET = Row("autoscaling/target-gone")
RELEASED = Row("autoscaling/replicas-released", DOWNTIME)
UNSCALED = Row("autoscaling/scaler-gone", CAPACITY)

_SEARCHES = ((FIGHT, autoscalers.static_replicas), (BOUNDS, autoscalers.bounds), (TWO, autoscalers.two_scalers))


def find(view: View) -> Iterator[Found]:
    """Yield what changes between autoscalers and their targets."""
    changed = view.scalers()
    scaled = [pair for pair, _, _ in view.workloads()]
    if not (changed or scaled):
        return
    before, after = (_inventory(view, side) for side in (view.before, view.after))
    for row, search in _SEARCHES:
        for violation in brought(search, before, after):
            for pair in _causes(view, violation.manifest):
                steps = violation.steps if pair.after is violation.manifest else None
                yield row.found(pair, violation.message, steps=steps, resource=violation.manifest.id)
    for violation in _set_again(before, after):
        for pair in _causes(view, violation.manifest):
            yield FIGHT.found(pair, violation.message, steps=violation.steps, resource=violation.manifest.id)
    yield from _released(view)
    for pair in changed:
        yield from _unscaled(view, pair)
    yield from _targets(view, scaled)


def _inventory(view: View, side: Surroundings) -> Inventory:
    """Collect the autoscalers, the changed workloads, and the targets of changed autoscalers."""
    found: dict[int, Manifest] = {id(manifest): manifest for manifest in side.of_kinds(*side.scaler_kinds)}
    for pair, _, _ in view.workloads():
        manifest = pair.after if side is view.after else pair.before
        if manifest is not None:
            found[id(manifest)] = manifest
    for pair in view.scalers():
        target = _target(side, pair.subject)
        if target is not None:
            found[id(target)] = target
    distinct = {manifest.id.identity: manifest for manifest in found.values()}
    return Inventory(tuple(distinct.values()), closed=True)


def _target(side: Surroundings, scaler: Manifest) -> Manifest | None:
    namespace, kind, name = workloads.target_of(scaler)
    return side.find(kind, name, namespace=namespace)


def _causes(view: View, manifest: Manifest) -> list[Pair]:
    """Give the changed pairs behind a breach: the object's own, else those of its autoscalers."""
    own = view.pair_of(manifest)
    if own is not None:
        return [own]
    owner = (workloads.namespace_of(manifest), manifest.id.kind, manifest.id.name)
    key = workloads.target_of(manifest) if workloads.scaler_of(manifest) else owner
    return [pair for pair in view.scalers() if pair.after is not None and workloads.target_of(pair.after) == key]


def _set_again(before: Inventory, after: Inventory) -> Iterator[Violation]:
    """Yield other numbers of replicas where an autoscaler owned them before as well."""
    old = {(entry.manifest.id.identity, entry.steps): entry.manifest for entry in autoscalers.static_replicas(before)}
    for violation in autoscalers.static_replicas(after):
        was = old.get((violation.manifest.id.identity, violation.steps))
        if was is not None and was.get(*violation.steps) != violation.manifest.get(*violation.steps):
            yield violation


def _released(view: View) -> Iterator[Found]:
    for pair, _, _ in view.workloads():
        sides = both(pair)
        if sides is None or sides[0].get("spec", "replicas") is None or sides[1].get("spec", "replicas") is not None:
            continue
        if _scalers_of(view.after, sides[1]):
            count = sides[0].get("spec", "replicas")
            yield RELEASED.found(
                pair, f"`replicas: {count}` is removed: it falls to 1 unless Argo CD ignores the field", steps=("spec",)
            )


def _scalers_of(side: Surroundings, manifest: Manifest) -> list[Manifest]:
    key = (workloads.namespace_of(manifest), manifest.id.kind, manifest.id.name)
    return [scaler for scaler in side.of_kinds(*side.scaler_kinds) if workloads.target_of(scaler) == key]


def _unscaled(view: View, pair: Pair) -> Iterator[Found]:
    gone = left(pair)
    target = _target(view.after, gone) if gone is not None else None
    if gone is not None and target is not None and not _scalers_of(view.after, target):
        yield UNSCALED.found(pair, "keeps the number of replicas that it has now", resource=target.id)


def _targets(view: View, scaled: list[Pair]) -> Iterator[Found]:
    for pair in scaled:
        gone = left(pair)
        for scaler in _scalers_of(view.after, gone) if gone is not None else []:
            yield TARGET.found(pair, "no longer finds what it scales", resource=scaler.id)
