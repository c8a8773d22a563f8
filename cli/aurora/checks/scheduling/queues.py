"""Rules about runs in queues of Kueue: whether a queue is there, takes the run, and has what it asks for.

Source: Kueue 0.19, pkg/scheduler, pkg/controller; kueue.sigs.k8s.io, concepts; docs/facts/training.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from aurora.cluster import queued_runs, quotas, resources, workloads
from aurora.cluster.node_pools import known
from aurora.cluster.placement import labelled, placement, shown
from aurora.cluster.queued_runs import PodSet, Queue, Quota
from aurora.model import quantity
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, mapping, text
from aurora.model.manifest import Manifest, string_map
from aurora.model.rule import ADVICE, BROKEN, InventoryRule, Violation
from aurora.model.tree import mappings, strings
from aurora_constructs.machines import NVIDIA
from aurora_constructs.queues import GROUP, PRIORITY, QUEUE
from aurora_constructs.spelling import nearest

LABELS = ("metadata", "labels")
DEFAULT = "default"
"""The LocalQueue of this name takes runs that name none (Kueue 0.19, LocalQueueDefaulting)."""
MANAGED = "manageJobsWithoutQueueName: true"


def _unknown_queue(inventory: Inventory) -> Iterator[Violation]:
    for run in filter(queued_runs.is_run, inventory.manifests):
        name, namespace = queued_runs.queued(run), workloads.namespace_of(run)
        if name and not inventory.exists("LocalQueue", name, group=GROUP, namespace=run.id.namespace):
            known = [each.id.name for each in inventory.of_kind("LocalQueue", group=GROUP) if _beside(each, run)]
            yield Violation(
                manifest=run,
                steps=(*LABELS, QUEUE),
                message=f"the namespace `{namespace}` has no LocalQueue `{name}`: the run stays suspended",
                hint=f"{nearest(name, known)}" if known else "make a LocalQueue of that name there",
            )


def _beside(queue: Manifest, run: Manifest) -> bool:
    return workloads.namespace_of(queue) == workloads.namespace_of(run)


def _unknown_priority(inventory: Inventory) -> Iterator[Violation]:
    for run in filter(queued_runs.is_run, inventory.manifests):
        name = run.labels.get(PRIORITY)
        if name and not inventory.exists("WorkloadPriorityClass", name, group=GROUP):
            known = [each.id.name for each in inventory.of_kind("WorkloadPriorityClass", group=GROUP)]
            yield Violation(
                manifest=run,
                steps=(*LABELS, PRIORITY),
                message=f"there is no WorkloadPriorityClass `{name}`: Kueue makes no Workload of the run",
                hint=nearest(name, known) if known else "make it, or leave the label out",
            )


def _closed_queue(inventory: Inventory) -> Iterator[Violation]:
    for local in inventory.of_kind("LocalQueue", group=GROUP):
        queue, namespace = queued_runs.cluster_queue(inventory, local), workloads.namespace_of(local)
        known = inventory.closed or inventory.find("Namespace", namespace) is not None
        if queue and known and not queued_runs.takes(inventory, queue.manifest, namespace):
            yield Violation(
                manifest=local,
                steps=("spec", "clusterQueue"),
                message=f"{queue.manifest.id} takes no runs of the namespace `{namespace}`: its `namespaceSelector` "
                "does not match it",
                hint="let the selector match the namespace; `{}` matches all, and without one none does",
            )


def _not_admitted(inventory: Inventory) -> Iterator[Violation]:
    for run, local, queue in queued_runs.runs(inventory):
        sets = queued_runs.pod_sets(inventory, run)
        message = _refused(inventory, queue, sets) if sets and queue.flavors else ""
        if sets and not queue.flavors:
            message = f"{queue.manifest.id} has no quotas"
        if message:
            yield Violation(
                manifest=run,
                steps=(*LABELS, QUEUE),
                message=f"the queue `{local.id.name}` never admits the run: {message}",
                hint="give the queue the quota, or ask for less, or name another queue",
            )


def _refused(inventory: Inventory, queue: Queue, sets: Sequence[PodSet]) -> str:
    """Say why a queue that has nothing else to do admits no such run; empty where it may."""
    total: dict[str, Fraction] = defaultdict(Fraction)
    open_to: dict[str, set[str]] = defaultdict(set)
    for each in sets:
        reasons = {flavor: queued_runs.fits(inventory, each.pod, flavor) for flavor in queue.flavors}
        for name, amount in sorted(each.each.items()):
            if not amount:
                continue
            message = _set_refused(queue, each, name, reasons)
            if message:
                return message
            total[name] += each.count * amount
            open_to[name].update(_usable(queue, name, reasons))
    for name, amount in sorted(total.items()):
        flavors = sorted(open_to[name])
        if _beyond(queue, flavors, name, amount, largest=False):
            return _figures(queue, flavors, name, amount)
    return ""


def _set_refused(queue: Queue, each: PodSet, name: str, reasons: Mapping[str, str]) -> str:
    """Say why no flavour of a queue takes a set of pods for what it requests of one resource."""
    if name not in queue.covered:
        return f"its pods request `{name}`, which {queue.manifest.id} does not cover"
    usable = _usable(queue, name, reasons)
    if not usable:
        having = [flavor for flavor in queue.flavors if name in queue.flavors[flavor]]
        told = "; ".join(f"`{flavor}`: {reasons[flavor]}" for flavor in having)
        return f"no flavour is for its pods ({told})"
    amount = each.count * each.each[name]
    return (
        _figures(queue, usable, name, amount, each=each) if _beyond(queue, usable, name, amount, largest=True) else ""
    )


def _usable(queue: Queue, name: str, reasons: Mapping[str, str]) -> list[str]:
    return [flavor for flavor, quotas_of in queue.flavors.items() if name in quotas_of and not reasons[flavor]]


def _most(queue: Queue, flavors: Sequence[str], name: str) -> list[Quota]:
    return [queue.flavors[flavor][name] for flavor in flavors]


def _beyond(queue: Queue, flavors: Sequence[str], name: str, amount: Fraction, *, largest: bool) -> bool:
    """Tell whether an amount is more than the flavours have: one of them for a set of pods, all of them for a run."""
    known = [quota.most for quota in _most(queue, flavors, name)]
    if None in known:
        return False
    numbers = [each for each in known if each is not None]
    return amount > (max(numbers) if largest else sum(numbers, Fraction(0)))


def _figures(queue: Queue, flavors: Sequence[str], name: str, amount: Fraction, *, each: PodSet | None = None) -> str:
    told = []
    for flavor, quota in zip(flavors, _most(queue, flavors, name), strict=True):
        borrowed = (quota.most or quota.nominal) - quota.nominal
        more = f" and may borrow {_shown(name, borrowed)}" if borrowed else ""
        told.append(f"`{flavor}` {_shown(name, quota.nominal)}{more}")
    parts = f" ({each.count} x {_shown(name, each.each[name])})" if each and each.count > 1 else ""
    return f"it asks for {_shown(name, amount)} of `{name}`{parts}, {queue.manifest.id} has in {', '.join(told)}"


def _shown(name: str, amount: Fraction) -> str:
    if name == "memory":
        return f"{float(amount) / 2**30:.4g}Gi"
    return quantity.render(amount)


def _unqueued(inventory: Inventory) -> Iterator[Violation]:
    if not any(inventory.of_kind("LocalQueue", group=GROUP)) or _all_managed(inventory):
        return
    for run in filter(queued_runs.is_run, inventory.manifests):
        if queued_runs.queued(run):
            continue
        beside = [each for each in inventory.of_kind("LocalQueue", group=GROUP) if _beside(each, run)]
        sets = queued_runs.pod_sets(inventory, run) if beside else None
        devices = {name for each in sets or () for name in each.each if resources.is_extended(name)}
        counted = [queue for each in beside if (queue := queued_runs.cluster_queue(inventory, each))]
        shared = sorted({name for queue in counted for name in queue.covered & devices})
        if shared and not any(each.id.name == DEFAULT for each in beside):
            yield Violation(
                manifest=run,
                steps=("metadata",),
                message=f"takes `{shared[0]}` past the queues of its namespace: without the label `{QUEUE}` Kueue does "
                "not count it",
                hint=f"name one of the queues: {', '.join(f'`{each.id.name}`' for each in beside)}",
            )


def _unfed(inventory: Inventory) -> Iterator[Violation]:
    """Find ClusterQueues that no run reaches; one of a cohort lends what it has, and `default` takes runs unasked."""
    fed = queued_runs.fed(inventory)
    for queue in inventory.of_kind("ClusterQueue", group=GROUP):
        name = queue.id.name
        local = [
            each for each in inventory.of_kind("LocalQueue", group=GROUP) if each.get("spec", "clusterQueue") == name
        ]
        named = any((workloads.namespace_of(each), each.id.name) in fed or each.id.name == DEFAULT for each in local)
        if not named and not queue.get("spec", "cohortName"):
            ways = ", ".join(f"`{workloads.namespace_of(each)}/{each.id.name}`" for each in local)
            yield Violation(
                manifest=queue,
                steps=("spec",),
                message="nobody feeds it: "
                + (f"no run asks for its LocalQueue {ways}" if ways else "no LocalQueue leads to it"),
                hint="remove it, or let a run name it; if people submit runs that Git does not state, ignore the rule",
            )


def _all_managed(inventory: Inventory) -> bool:
    """Tell whether Kueue manages runs without the label too, as its chart's values or its configuration say."""
    charts = (each.get("spec") for each in inventory.of_kind("Application", group="argoproj.io"))
    files = (each.get("data") for each in inventory.of_kind("ConfigMap", group=""))
    return any(_says(value) for value in (*charts, *files))


def _says(value: JsonValue | None) -> bool:
    return any(MANAGED in written for written in strings(value)) or any(
        entry.get("manageJobsWithoutQueueName") is True for _, entry in mappings(value)
    )


def _two_quotas(inventory: Inventory) -> Iterator[Violation]:
    by_namespace: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for local in inventory.of_kind("LocalQueue", group=GROUP):
        queue = queued_runs.cluster_queue(inventory, local)
        for each in queue.flavors.values() if queue else ():
            for name, quota in each.items():
                by_namespace[workloads.namespace_of(local)][name] += quota.nominal
    for hard in inventory.of_kind("ResourceQuota", group=""):
        admitted = by_namespace.get(workloads.namespace_of(hard), {})
        for item, stated in mapping(hard.get("spec", "hard")).items():
            part, name = quotas.counted(text(item)) or ("", "")
            bound = quantity.read(stated)
            if part == resources.REQUESTS and bound is not None and bound < admitted.get(name, Fraction(0)):
                yield Violation(
                    manifest=hard,
                    steps=("spec", "hard", text(item)),
                    message=f"Kueue admits runs with {_shown(name, admitted[name])} of `{name}` here, this quota only "
                    f"{_shown(name, bound)}: an admitted run waits for its pods, and holds what Kueue gave it",
                    hint="make the quota at least as large as those of the queues, or leave the resource to Kueue",
                )


def _empty_flavor(inventory: Inventory) -> Iterator[Violation]:
    pools = placement(inventory).pools
    for flavor in inventory.of_kind("ResourceFlavor", group=GROUP) if known(inventory) else ():
        wanted = string_map(flavor.get("spec", "nodeLabels"))
        if wanted and not any(labelled(pool, wanted) for pool in pools):
            yield Violation(
                manifest=flavor,
                steps=("spec", "nodeLabels"),
                message=f"no node pool has these labels: {', '.join(f'`{k}: {v}`' for k, v in wanted.items())}",
                hint=f"name labels of a pool: {', '.join(f'`{pool.name}`' for pool in pools)}",
            )


def _beyond_pool(inventory: Inventory) -> Iterator[Violation]:
    """Compare the GPUs that queues have of a flavour with those that its pools may have at their largest."""
    shares: dict[str, list[tuple[Manifest, Fraction]]] = defaultdict(list)
    for manifest in inventory.of_kind("ClusterQueue", group=GROUP) if known(inventory) else ():
        for flavor, quotas_of in queued_runs.read(inventory, manifest).flavors.items():
            if NVIDIA in quotas_of and quotas_of[NVIDIA].nominal:
                shares[flavor].append((manifest, quotas_of[NVIDIA].nominal))
    for flavor, found in sorted(shares.items()):
        has = _gpus(inventory, flavor)
        total = sum((amount for _, amount in found), Fraction(0))
        if has is not None and total > has:
            told = ", ".join(f"`{manifest.id.name}` {quantity.render(amount)}" for manifest, amount in found)
            yield Violation(
                manifest=found[-1][0],
                steps=("spec", "resourceGroups"),
                message=f"queues have {shown(NVIDIA, total)} of the flavour `{flavor}` ({told}), its pools at most "
                f"{shown(NVIDIA, has)}: admitted runs wait for nodes that never come",
                hint="lower the quotas, or let the pool grow",
            )


def _gpus(inventory: Inventory, flavor: str) -> Fraction | None:
    """Give the GPUs that the pools of a flavour have at their largest; None where nothing bounds one of them."""
    found = inventory.find("ResourceFlavor", flavor, group=GROUP)
    wanted = string_map(found.get("spec", "nodeLabels")) if found else {}
    place, total = placement(inventory), Fraction(0)
    for pool in place.pools if found else ():
        if labelled(pool, wanted):
            bound = place.capacity(pool).get(NVIDIA)
            if bound is None:
                return None
            total += bound
    return total if found else None


RULES = (
    InventoryRule("scheduling/unknown-queue", BROKEN, _unknown_queue, softens=True),
    InventoryRule("scheduling/unknown-priority", BROKEN, _unknown_priority, softens=True),
    InventoryRule("scheduling/queue-closed", BROKEN, _closed_queue),
    InventoryRule("scheduling/never-admitted", BROKEN, _not_admitted),
    InventoryRule("scheduling/past-the-queue", ADVICE, _unqueued, severity=Severity.WARNING),
    InventoryRule("scheduling/unfed-queue", ADVICE, _unfed, own=True),
    InventoryRule("scheduling/quota-below-queue", ADVICE, _two_quotas, severity=Severity.WARNING),
    InventoryRule("scheduling/flavor-without-pool", BROKEN, _empty_flavor),
    InventoryRule("scheduling/quota-beyond-pool", BROKEN, _beyond_pool),
)
