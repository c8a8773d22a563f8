"""Whether a workload keeps answering while it changes: strategies, replicas, probes and disruption budgets.

Source: Kubernetes 1.35, the deployment controller (a percentage of unavailable pods is rounded down, of a surge
up; 25 % by default), StatefulSets and DaemonSets (one pod at a time, stopped before its successor starts).
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import DOWNTIME, Found, Row, quoted
from aurora.changes.consequences.surroundings import Surroundings
from aurora.changes.consequences.view import View
from aurora.changes.consequences.violations import brought
from aurora.changes.pairs import Pair
from aurora.cluster import disruption, workloads
from aurora.model import counts, selectors
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate

USUAL = "25%"

RECREATED = Row("downtime/recreate", DOWNTIME)
SINGLE = Row("downtime/single-replica", DOWNTIME)
NONE_LEFT = Row("downtime/scaled-to-zero", DOWNTIME)
UNPROBED = Row("downtime/probe-removed", DOWNTIME)
BLOCKED = Row("downtime/budget-blocks", DOWNTIME)
UNBUDGETED = Row("downtime/budget-removed", DOWNTIME)

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_ROLLED = (("apps", "Deployment"), ("apps", "StatefulSet"))


def find(view: View) -> Iterator[Found]:
    """Yield workloads that stop answering while they change, or could."""
    for pair, before, after in view.updated_workloads():
        yield from _none_left(pair, before.manifest, after.manifest)
        yield from _probes(pair, before, after)
        if before.body != after.body and (pair.resource.group, pair.resource.kind) in _ROLLED:
            yield from _rollout(pair, after.manifest, _count(view, after.manifest))
    yield from _budgets(view)


def _replicas(manifest: Manifest) -> int:
    stated = counts.integer(manifest.get("spec", "replicas"))
    return 1 if stated is None else stated


def _none_left(pair: Pair, before: Manifest, after: Manifest) -> Iterator[Found]:
    if after.id.kind not in ("Deployment", "ReplicaSet", "StatefulSet"):
        return
    if _replicas(after) == 0 and _replicas(before) > 0:
        yield NONE_LEFT.found(pair, f"{_replicas(before)} → 0 replicas", steps=("spec", "replicas"))


def _count(view: View, manifest: Manifest) -> int:
    """Count the replicas that there are at least: an autoscaler's minimum counts where one owns them."""
    scalers = workloads.index(view.after.inventory(*view.after.scaler_kinds)).scalers_of(manifest)
    least = [bounds.least for scaler in scalers if (bounds := workloads.scaler_bounds(scaler))]
    return min(least) if least else _replicas(manifest)


def _rollout(pair: Pair, after: Manifest, count: int) -> Iterator[Found]:
    if count < 1:
        return
    if after.id.kind == "StatefulSet":
        update = after.get("spec", "updateStrategy")
        held = counts.integer(dig(update, "rollingUpdate", "partition")) or 0
        if count == 1 and not held and dig(update, "type") != "OnDelete":
            yield SINGLE.found(pair, "the only pod stops before its successor starts", steps=("spec", "replicas"))
        return
    strategy = after.get("spec", "strategy")
    if dig(strategy, "type") == "Recreate":
        who = "the only pod stops" if count == 1 else f"all {count} pods stop"
        yield RECREATED.found(pair, f"{who} before a new one starts", steps=("spec", "strategy"))
        return
    missing = _unavailable(strategy, count)
    if missing >= count:
        message = f"`maxUnavailable` lets all {count} pods stop at once" if count > 1 else "the only pod may stop first"
        yield SINGLE.found(pair, message, steps=("spec", "strategy"))


def _unavailable(strategy: JsonValue | None, count: int) -> int:
    """Count the pods that a rolling update may take away; one where it may neither take away nor add any."""
    stated = [dig(strategy, "rollingUpdate", field) for field in ("maxUnavailable", "maxSurge")]
    unavailable, surge = (USUAL if value is None else value for value in stated)
    missing = counts.scaled(unavailable, count, round_up=False) or 0
    added = counts.scaled(surge, count, round_up=True) or 0
    return missing if missing or added else 1


def _probes(pair: Pair, before: PodTemplate, after: PodTemplate) -> Iterator[Found]:
    known = {container.name: container for container in after.containers}
    for container in before.containers:
        found = known.get(container.name)
        lost = (
            [] if found is None else [name for name in _PROBES if container.body.get(name) and not found.body.get(name)]
        )
        if found is not None and lost:
            yield UNPROBED.found(pair, f"{quoted(lost)} of container `{container.name}` is gone", steps=found.steps)


def _budgets(view: View) -> Iterator[Found]:
    changed = list(view.of("policy", "PodDisruptionBudget"))
    scaled = [pair for pair, _, _ in view.workloads() if pair.after is not None and pair.resource.group == "apps"]
    if not view.after.of_kinds("PodDisruptionBudget") and not changed:
        return
    namespaces = sorted({pair.subject.id.namespace or "default" for pair in (*changed, *scaled)})
    for namespace in namespaces:
        before, after = (_inventory(view, side, namespace) for side in (view.before, view.after))
        for violation in brought(disruption.blocking, before, after):
            own = view.pair_of(violation.manifest)
            selected = {entry.manifest.id for entry in _selected(view.after, violation.manifest)}
            for pair in [own] if own else [pair for pair in scaled if pair.resource in selected]:
                yield BLOCKED.found(pair, violation.message, resource=violation.manifest.id)
    for pair, gone in view.gone("policy", "PodDisruptionBudget"):
        pods = [str(pod.manifest.id) for pod in _selected(view.after, gone)]
        if pods:
            yield UNBUDGETED.found(pair, f"protects {quoted(pods)} no more")
    yield from _relabelled(view)


def _relabelled(view: View) -> Iterator[Found]:
    """Yield workloads that lose their budget because their pods have other labels."""
    for pair, before, after in view.updated_workloads():
        if before.labels == after.labels:
            continue
        for budget in view.after.of_kinds("PodDisruptionBudget", namespace=after.namespace):
            selector = budget.get("spec", "selector")
            if selectors.matches(selector, before.labels) and not selectors.matches(selector, after.labels):
                yield UNBUDGETED.found(pair, "no longer selects the pods", resource=budget.id)


def _selected(side: Surroundings, budget: Manifest) -> list[PodTemplate]:
    return list(side.selected(budget.id.namespace or "default", budget.get("spec", "selector")))


def _inventory(view: View, side: Surroundings, namespace: str) -> Inventory:
    """Collect the budgets of a namespace that may be concerned, the pods that they select, and autoscalers."""
    found: dict[int, Manifest] = {}
    for budget in side.of_kinds("PodDisruptionBudget", namespace=namespace):
        pods = _selected(side, budget)
        if view.pair_of(budget) or any(view.pair_of(pod.manifest) for pod in pods):
            found |= {id(entry): entry for entry in (budget, *(pod.manifest for pod in pods))}
    for scaler in side.of_kinds(*side.scaler_kinds, namespace=namespace):
        found[id(scaler)] = scaler
    return Inventory(tuple(found.values()), closed=True)
