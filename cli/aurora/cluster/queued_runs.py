"""Runs that wait in queues of Kueue: their sets of pods, their queue, and what the queue may give them.

Source: Kueue 0.19, pkg/controller/jobs (which pods a run has), pkg/scheduler/flavorassigner (which flavours fit),
pkg/cache/scheduler/resource.go (what a cohort lends). Finds facts; never judges them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from aurora.cluster import resources, workloads
from aurora.cluster.node_pools import AVOIDED, read_taints
from aurora.cluster.placement import placement, tolerated
from aurora.kinds.entry import Form
from aurora.model import counts, quantity, selectors
from aurora.model.inventory import Identity, Inventory
from aurora.model.json_value import JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest, string_map
from aurora.model.pod_template import PodTemplate, pod_templates
from aurora_constructs.labels import NAMESPACE_NAME
from aurora_constructs.queues import GROUP, QUEUE

RUNS = frozenset(
    {
        ("batch", "Job"),
        ("jobset.x-k8s.io", "JobSet"),
        *(("kubeflow.org", f"{name}Job") for name in ("JAX", "MPI", "Paddle", "PyTorch", "TF", "XGBoost")),
        *(("ray.io", kind) for kind in ("RayCluster", "RayJob")),
        ("trainer.kubeflow.org", "TrainJob"),
    }
)
"""The kinds of runs that Kueue admits."""
_RUNTIMES = ("TrainingRuntime", "ClusterTrainingRuntime")


@dataclass(frozen=True, slots=True)
class PodSet:
    """Pods of one shape: how many, and what each requests."""

    pod: PodTemplate
    count: int
    each: resources.Amounts


@dataclass(frozen=True, slots=True)
class Quota:
    """What a queue has of one resource in one flavour; `most` is None where what it may borrow is not known."""

    nominal: Fraction
    most: Fraction | None


@dataclass(frozen=True, slots=True)
class Queue:
    """A ClusterQueue: by flavour the quotas of its resources, in the order in which flavours are tried."""

    manifest: Manifest
    flavors: Mapping[str, Mapping[str, Quota]]

    @property
    def covered(self) -> frozenset[str]:
        """The resources that it counts."""
        return frozenset(name for quotas in self.flavors.values() for name in quotas)


def queued(manifest: Manifest) -> str:
    """Give the name of the queue that an object asks for; empty for none."""
    return manifest.labels.get(QUEUE, "")


def is_run(manifest: Manifest) -> bool:
    """Tell whether an object is a run of a kind that Kueue admits."""
    return (manifest.id.group, manifest.id.kind) in RUNS


def fed(inventory: Inventory) -> frozenset[tuple[str, str]]:
    """Give namespace and name of every LocalQueue that an object, a pod or a Job of a schedule asks for."""
    found = [(workloads.namespace_of(each), queued(each)) for each in inventory.manifests]
    found += [(workloads.namespace_of(pod.manifest), pod.labels.get(QUEUE, "")) for pod in inventory.pods()]
    for each in inventory.of_kind("CronJob", group="batch"):
        labels = string_map(each.get("spec", "jobTemplate", "metadata", "labels"))
        found.append((workloads.namespace_of(each), labels.get(QUEUE, "")))
    return frozenset(found)


def pod_sets(inventory: Inventory, run: Manifest) -> tuple[PodSet, ...] | None:
    """Give the pods of a run; None where their number or their shape is in no manifest."""
    if run.id.kind == "TrainJob":
        return _of_train_job(inventory, run)
    found = []
    for pod in pod_templates(run):
        if pod.place.form is Form.CONTAINER:
            continue
        replicas = workloads.index(inventory).replicas(pod)
        if replicas is None or pod.partial:
            return None
        found.append(PodSet(pod, replicas.most, placement(inventory).asks(pod)))
    return tuple(found) or None


def _of_train_job(inventory: Inventory, run: Manifest) -> tuple[PodSet, ...] | None:
    """Give the pods of a TrainJob by its runtime, unless it changes them."""
    reference = mapping(run.get("spec", "runtimeRef"))
    kind = text(reference.get("kind")) or _RUNTIMES[1]
    namespace = run.id.namespace if kind == _RUNTIMES[0] else None
    runtime = inventory.find(kind, text(reference.get("name")), group=run.id.group, namespace=namespace)
    trainer = mapping(run.get("spec", "trainer"))
    nodes = counts.integer(trainer.get("numNodes"))
    if runtime is None or run.get("spec", "runtimePatches"):
        return None
    if nodes is None:
        nodes = counts.integer(runtime.get("spec", "mlPolicy", "numNodes")) or 1
    stated = resources.amounts(dig(trainer.get("resourcesPerNode"), "requests"))
    limits = resources.amounts(dig(trainer.get("resourcesPerNode"), "limits"))
    pods = list(pod_templates(runtime))
    if len(pods) != 1:
        return None
    each = {**limits, **stated} or placement(inventory).asks(pods[0])
    return (PodSet(pods[0], nodes, each),)


def local_queue(inventory: Inventory, run: Manifest) -> Manifest | None:
    """Give the LocalQueue that a run asks for."""
    return inventory.find("LocalQueue", queued(run), group=GROUP, namespace=run.id.namespace)


def cluster_queue(inventory: Inventory, local: Manifest) -> Queue | None:
    """Give the ClusterQueue behind a LocalQueue."""
    found = inventory.find("ClusterQueue", text(local.get("spec", "clusterQueue")), group=GROUP)
    return read(inventory, found) if found else None


def read(inventory: Inventory, manifest: Manifest) -> Queue:
    """Read the quotas of a ClusterQueue, with what it may borrow."""
    return Queue(
        manifest,
        {
            flavor: {name: _quota(inventory, manifest, (flavor, name), entry) for name, entry in quotas.items()}
            for flavor, quotas in _stated(manifest).items()
        },
    )


def _stated(manifest: Manifest) -> dict[str, dict[str, JsonValue]]:
    return {
        text(dig(flavor, "name")): {text(dig(entry, "name")): entry for entry in items(dig(flavor, "resources"))}
        for group in items(manifest.get("spec", "resourceGroups"))
        for flavor in items(dig(group, "flavors"))
    }


def _amount(value: JsonValue | None) -> Fraction | None:
    return None if value is None else quantity.read(value)


def _quota(inventory: Inventory, manifest: Manifest, place: tuple[str, str], entry: JsonValue) -> Quota:
    nominal = _amount(dig(entry, "nominalQuota")) or Fraction(0)
    cohort = text(manifest.get("spec", "cohortName"))
    if not cohort:
        return Quota(nominal, nominal)
    limit, lent = _amount(dig(entry, "borrowingLimit")), _lent(inventory, manifest, cohort, place)
    known = [each for each in (limit, lent) if each is not None]
    return Quota(nominal, nominal + min(known) if known else None)


def _lent(inventory: Inventory, borrower: Manifest, cohort: str, place: tuple[str, str]) -> Fraction | None:
    """Sum up what others of a cohort lend; None where some may be elsewhere, or cohorts have quotas themselves."""
    if not inventory.closed or any(inventory.of_kind("Cohort", group=GROUP)):
        return None
    flavor, name = place
    total = Fraction(0)
    for other in inventory.of_kind("ClusterQueue", group=GROUP):
        if other is not borrower and other.get("spec", "cohortName") == cohort:
            entry = _stated(other).get(flavor, {}).get(name)
            nominal = _amount(dig(entry, "nominalQuota")) or Fraction(0)
            limit = _amount(dig(entry, "lendingLimit"))
            total += nominal if limit is None else min(nominal, limit)
    return total


def fits(inventory: Inventory, pod: PodTemplate, flavor: str) -> str:
    """Say why a flavour is not for a pod; empty where it is, or where the flavour is not known."""
    found = inventory.find("ResourceFlavor", flavor, group=GROUP)
    if found is None or pod.partial:
        return ""
    own = [mapping(each) for each in (*items(found.get("spec", "tolerations")), *items(pod.get("tolerations")))]
    for taint in read_taints(found.get("spec", "nodeTaints")):
        if taint.effect in AVOIDED and not any(tolerated(each, taint) for each in own):
            return f"its taint `{taint.key}` is not tolerated"
    selected = string_map(pod.get("nodeSelector"))
    for key, value in string_map(found.get("spec", "nodeLabels")).items():
        if selected.get(key, value) != value:
            return f"its nodes have `{key}: {value}`, and the pod selects `{selected[key]}`"
    return ""


def takes(inventory: Inventory, queue: Manifest, namespace: str) -> bool:
    """Tell whether a ClusterQueue admits runs of a namespace: of none where it has no selector."""
    selector = queue.get("spec", "namespaceSelector")
    found = inventory.find("Namespace", namespace)
    labels = found.labels if found else {}
    return selectors.matches(selector, {**labels, NAMESPACE_NAME: namespace})


def runs(inventory: Inventory) -> Iterator[tuple[Manifest, Manifest, Queue]]:
    """Yield every queued run with its LocalQueue and its ClusterQueue, where both are there."""
    for manifest in inventory.manifests:
        local = local_queue(inventory, manifest) if is_run(manifest) and queued(manifest) else None
        queue = cluster_queue(inventory, local) if local else None
        if local and queue:
            yield manifest, local, queue


def waiting(inventory: Inventory) -> frozenset[Identity]:
    """Give whose pods the quota of a queue bounds: those of queued runs, and of runtimes that only such runs use."""
    return inventory.once(_waiting)


def _waiting(inventory: Inventory) -> frozenset[Identity]:
    found = {run.id.identity for run, _, _ in runs(inventory)}
    users: dict[Identity, set[Identity]] = defaultdict(set)
    for job in inventory.of_kind("TrainJob"):
        reference = mapping(job.get("spec", "runtimeRef"))
        if reference.get("kind") == _RUNTIMES[0]:
            runtime = (job.id.group, _RUNTIMES[0], job.id.namespace or "", text(reference.get("name")))
            users[runtime].add(job.id.identity)
    return frozenset(found | {runtime for runtime, jobs in users.items() if jobs <= found})
