"""Whether what is asked for still fits: the quotas and LimitRanges of namespaces, surges of updates included.

The arithmetic is that of the checks' rules; here are only breaches that the change brings.
"""

from collections.abc import Iterator
from dataclasses import replace

from aurora.changes.consequences.row import CAPACITY, DOWNTIME, Found, Row, quoted
from aurora.changes.consequences.surroundings import Surroundings
from aurora.changes.consequences.view import View, namespace_of, template
from aurora.changes.consequences.violations import brought
from aurora.changes.pairs import Pair
from aurora.cluster import quotas, workloads
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, mapping
from aurora.model.manifest import Manifest
from aurora.model.rule import Violation

EXCEEDED = Row("capacity/quota-exceeded", DOWNTIME + CAPACITY)
SURGE = Row("capacity/quota-surge", DOWNTIME + CAPACITY)
OUTSIDE = Row("capacity/outside-limit-range", DOWNTIME)

_BOUNDS = ("LimitRange", "ResourceQuota")


def find(view: View) -> Iterator[Found]:
    """Yield the quotas and LimitRanges that a change no longer fits."""
    kinds = {*_kinds(view.before), *_kinds(view.after)}
    concerned: dict[str, list[Pair]] = {}
    for pair in view.pairs:
        if pair.resource.kind in kinds and pair.after is not None:
            concerned.setdefault(namespace_of(pair), []).append(pair)
    for namespace, pairs in concerned.items():
        bounds = view.after.of_kinds("ResourceQuota", "LimitRange", namespace=namespace)
        if bounds:
            yield from _quotas(view, namespace, pairs)
            yield from _ranges(view, namespace, pairs)


def _kinds(side: Surroundings) -> tuple[str, ...]:
    return (*side.pod_kinds, *side.scaler_kinds, *_BOUNDS)


def _quotas(view: View, namespace: str, pairs: list[Pair]) -> Iterator[Found]:
    before, after = (side.inventory(*_kinds(side), namespace=namespace) for side in (view.before, view.after))
    lasting = {(entry.manifest.id, entry.steps) for entry in quotas.exceeded(_without_surge(after))}
    breaches: dict[tuple[str, str], list[Violation]] = {}
    for violation in brought(quotas.exceeded, before, after):
        row = EXCEEDED if (violation.manifest.id, violation.steps) in lasting else SURGE
        breaches.setdefault((row.id, violation.manifest.id.name), []).append(violation)
    for (name, _), found in breaches.items():
        quota_of = found[0].manifest
        own = view.pair_of(quota_of)
        row = EXCEEDED if name == EXCEEDED.id else SURGE
        for pair in [own] if own else _grown(pairs):
            steps = found[0].steps if pair is own else None
            yield row.found(pair, _words(found), steps=steps, resource=quota_of.id)


def _words(breaches: list[Violation]) -> str:
    """Explain the first breach of a quota and name the others: they have one cause."""
    others = quoted(entry.steps[-1] for entry in breaches[1:])
    return f"{breaches[0].message}; exceeded as well: {others}" if others else breaches[0].message


def _grown(pairs: list[Pair]) -> list[Pair]:
    """Give the pairs that may have made the sum larger: workloads and autoscalers that ask for something else."""
    return [pair for pair in pairs if _asks(pair.before) != _asks(pair.after)]


def _asks(manifest: Manifest | None) -> tuple[object, ...]:
    """Give everything of an object that a quota's sum is made of."""
    if manifest is None:
        return ()
    pod = template(manifest)
    sizes = [container.body.get("resources") for container in pod.containers] if pod is not None else []
    spec = mapping(manifest.get("spec"))
    numbers = ("replicas", "parallelism", "completions", "strategy", "jobTemplate", "concurrencyPolicy")
    whole = pod.get("resources") if pod is not None else None
    bounds = workloads.scaler_bounds(manifest) if pod is None else None
    return sizes, whole, [spec.get(name) for name in numbers], bounds


def _without_surge(inventory: Inventory) -> Inventory:
    return Inventory([_recreated(manifest) for manifest in inventory.manifests], closed=True)


def _recreated(manifest: Manifest) -> Manifest:
    if manifest.id.kind != "Deployment":
        return manifest
    spec: JsonObject = {**mapping(manifest.get("spec")), "strategy": {"type": "Recreate"}}
    return replace(manifest, body={**manifest.body, "spec": spec})


def _ranges(view: View, namespace: str, pairs: list[Pair]) -> Iterator[Found]:
    if view.limits is None:
        return
    changed_ranges = [pair for pair in pairs if pair.resource.kind == "LimitRange"]
    sides = (view.before, view.after)
    before, after = (side.inventory(*side.pod_kinds, "LimitRange", namespace=namespace) for side in sides)
    for violation in brought(view.limits, before, after):
        own = view.pair_of(violation.manifest)
        if own is not None:
            yield OUTSIDE.found(own, violation.message, steps=violation.steps)
        for pair in changed_ranges if own is None else []:
            yield OUTSIDE.found(pair, violation.message, resource=violation.manifest.id)
