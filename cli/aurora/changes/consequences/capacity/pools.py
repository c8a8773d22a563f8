"""Whether nodes and queues can give what is asked for: Karpenter's NodePools and Kueue's ClusterQueues.

Source: karpenter 1.14 (`limits` bound what a pool's nodes add up to; pods reach a pool by their node selector,
which a pool's name or its template's labels must fulfil) and Kueue 0.19 (a workload that asks for more than the
nominal quota and what may be borrowed is never admitted). Pods that name no pool are left out: the scheduler
places them, and no manifest says where.
"""

from collections.abc import Iterator
from fractions import Fraction

from aurora.changes.consequences import loads
from aurora.changes.consequences.row import CAPACITY, DOWNTIME, Found, Row, listed
from aurora.changes.consequences.surroundings import Surroundings
from aurora.changes.consequences.totals import Sizes
from aurora.changes.consequences.view import View, template
from aurora.cluster import resources, workloads
from aurora.model import quantity
from aurora.model.json_value import JsonValue, dig, items, text
from aurora.model.manifest import Manifest, string_map
from aurora.model.pod_template import PodTemplate

POOL_LABEL = "karpenter.sh/nodepool"
QUEUE_LABEL = "kueue.x-k8s.io/queue-name"

POOL = Row("capacity/node-pool", DOWNTIME + CAPACITY)
QUEUE = Row("capacity/cluster-queue", CAPACITY)


def find(view: View) -> Iterator[Found]:
    """Yield the pools and queues that can no longer give what is asked for."""
    yield from _pools(view)
    yield from _queues(view)


def _pools(view: View) -> Iterator[Found]:
    changed = {pair.resource.name for pair in view.of("karpenter.sh", "NodePool") if pair.after}
    grown = [pair for pair, _, after in view.workloads() if after is not None and after.get("nodeSelector")]
    if not (changed or grown):
        return
    for pool in view.after.of_kinds("NodePool"):
        exceeded = _exceeded(view.after, pool)
        earlier = view.before.find("NodePool", pool.id.name)
        for name in exceeded.keys() - (_exceeded(view.before, earlier) if earlier else {}).keys():
            own = view.pair_of(pool)
            for pair in [own] if own else [pair for pair in grown if _fits(pool, template(pair.after))]:
                steps = ("spec", "limits", name) if pair is own else None
                yield POOL.found(pair, f"is limited to {exceeded[name]}", steps=steps, resource=pool.id)


def _exceeded(side: Surroundings, pool: Manifest) -> dict[str, str]:
    """Give the resources of a pool that its pods ask too much of, in words."""
    limits = resources.amounts(pool.get("spec", "limits"))
    asked: dict[str, Fraction] = dict.fromkeys(limits, Fraction(0))
    sizes = Sizes(side)
    for manifest in side.of_kinds(*side.pod_kinds):
        if limits and _fits(pool, template(manifest)):
            known = sizes.asked(manifest)
            for group in loads.groups(manifest, least=known.least, defaults=known.defaults):
                for name in asked:
                    asked[name] += group.count * group.each.get(name, Fraction(0))
    return {
        name: f"{quantity.render(limits[name])} of `{name}`, its pods ask for {quantity.render(asked[name])}"
        for name in sorted(limits)
        if asked[name] > limits[name]
    }


def _fits(pool: Manifest, pod: PodTemplate | None) -> bool:
    """Tell whether a pod can run nowhere but on this pool, as far as its node selector says."""
    selector = string_map(pod.get("nodeSelector")) if pod else {}
    own = {POOL_LABEL: pool.id.name, **string_map(pool.get("spec", "template", "metadata", "labels"))}
    named = {key: value for key, value in selector.items() if key in own}
    return bool(named) and all(own[key] == value for key, value in named.items())


def _queues(view: View) -> Iterator[Found]:
    for pair in view.pairs:
        after = pair.after
        queue = _cluster_queue(view.after, after) if after is not None else None
        if after is None or queue is None:
            continue
        old_queue = _cluster_queue(view.before, pair.before) if pair.before else None
        known = _too_much(pair.before, old_queue) if pair.before and old_queue else {}
        news = {name: words for name, words in _too_much(after, queue).items() if name not in known}
        if news:
            yield QUEUE.found(pair, f"gives at most {listed(news.values())}", resource=queue.id)


def _cluster_queue(side: Surroundings, manifest: Manifest) -> Manifest | None:
    name = manifest.labels.get(QUEUE_LABEL, "")
    local = side.find("LocalQueue", name, namespace=workloads.namespace_of(manifest)) if name else None
    return side.find("ClusterQueue", text(local.get("spec", "clusterQueue"))) if local else None


def _too_much(manifest: Manifest, queue: Manifest) -> dict[str, str]:
    asked: dict[str, Fraction] = {}
    for group in loads.groups(manifest):
        for name, amount in group.each.items():
            asked[name] = asked.get(name, Fraction(0)) + group.count * amount
    most = _given(queue)
    return {
        name: f"{quantity.render(given)} of `{name}`, the workload asks for {quantity.render(asked[name])}"
        for name, given in sorted(most.items())
        if asked.get(name, 0) > given
    }


def _given(queue: Manifest) -> dict[str, Fraction]:
    """Sum up what a queue has of each resource in all flavors; left out where it may borrow without limit."""
    found: dict[str, Fraction] = {}
    unbounded: set[str] = set()
    cohort = text(queue.get("spec", "cohortName")) or text(queue.get("spec", "cohort"))
    for name, entry in _quotas(queue):
        found[name] = found.get(name, Fraction(0)) + (quantity.read(dig(entry, "nominalQuota")) or 0)
        borrowed = quantity.read(dig(entry, "borrowingLimit"))
        if cohort and borrowed is None:
            unbounded.add(name)
        found[name] += borrowed or 0 if cohort else 0
    return {name: amount for name, amount in found.items() if name not in unbounded}


def _quotas(queue: Manifest) -> Iterator[tuple[str, JsonValue]]:
    for group in items(queue.get("spec", "resourceGroups")):
        for flavor in items(dig(group, "flavors")):
            for entry in items(dig(flavor, "resources")):
                yield text(dig(entry, "name")), entry
