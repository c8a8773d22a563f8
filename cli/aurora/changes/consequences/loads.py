"""How many pods an object means and what they ask for: the arithmetic behind totals and demands.

Where pods stand and which fields count them, the table of kinds says; only TrainJobs (Kubeflow Trainer 2.3) and
Aurora's own state resources without a pod. Counted is what runs at least: an autoscaler's minimum, one run of a
CronJob. Not counted are pods whose number no manifest knows (DaemonSets, and TrainJobs that leave it to their
runtime), suspended work, and MLDeployments, since their Deployments are objects of their own. Devices of dynamic
resource allocation are not counted either.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod

from aurora.cluster import resources
from aurora.cluster.replicas import bound_to
from aurora.cluster.resources import Amounts, Resources
from aurora.kinds import table
from aurora.kinds.entry import Count
from aurora.kinds.paths import Path
from aurora.model import counts, quantity
from aurora.model.diff import Totals
from aurora.model.json_value import JsonValue, dig, items, mapping
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate, pod_templates


@dataclass(frozen=True, slots=True)
class Group:
    """Pods of one shape: how many, and what each asks for."""

    count: int
    each: Amounts = field(default_factory=dict)
    storage: Fraction = Fraction(0)


def is_gpu(resource: str) -> bool:
    """Tell whether a resource is a GPU, a shared one or a slice of one (NVIDIA's device plugin names those `mig-`)."""
    domain, slash, name = resource.rpartition("/")
    if not slash:
        return False
    return name in ("gpu", "gpu.shared") or name.startswith("mig-") or domain == "gpu.intel.com"


def load(manifest: Manifest, *, least: int | None = None, defaults: Resources | None = None) -> Totals:
    """Sum up what an object's pods and claims ask for; `least` is the minimum of the autoscaler that owns it."""
    total = Totals()
    for group in groups(manifest, least=least, defaults=defaults):
        total = plus(total, _times(group))
    return total


def groups(manifest: Manifest, *, least: int | None = None, defaults: Resources | None = None) -> Iterator[Group]:
    """Yield the groups of pods, and the claims, that an object means."""
    kind = (table.home(manifest.id.group, manifest.id.kind), manifest.id.kind)
    if kind in _BY_TABLE:
        yield from _pods(manifest, defaults, least)
    elif kind in _BY_CODE:
        yield from _BY_CODE[kind](manifest)


def plus(one: Totals, other: Totals) -> Totals:
    """Add two sums."""
    return Totals(
        pods=one.pods + other.pods,
        cpu=one.cpu + other.cpu,
        memory=one.memory + other.memory,
        gpus=one.gpus + other.gpus,
        storage=one.storage + other.storage,
    )


def _times(group: Group) -> Totals:
    each = group.each
    return Totals(
        pods=group.count,
        cpu=group.count * each.get("cpu", Fraction(0)),
        memory=group.count * each.get("memory", Fraction(0)),
        gpus=group.count * sum((amount for name, amount in each.items() if is_gpu(name)), Fraction(0)),
        storage=max(group.count, 1) * group.storage,
    )


def _number(value: JsonValue | None, usual: int) -> int:
    found = counts.integer(value)
    return usual if found is None else max(found, 0)


def _pods(manifest: Manifest, defaults: Resources | None, least: int | None) -> Iterator[Group]:
    """Yield the pods that stand in an object, in the numbers that the table of kinds knows."""
    known = table.find(manifest.id.group, manifest.id.kind)
    for pod in pod_templates(manifest):
        count = next((entry for entry in known.replicas if entry.of in (None, pod.place.at)), None) if known else None
        if count is not None:
            number = least if least is not None and count.scale else _number_of(pod, count)
            asked = resources.of_pod(pod, resources.REQUESTS, defaults)
            yield Group(0 if _suspended(pod) else number, asked, _claimed(manifest))


def _number_of(pod: PodTemplate, count: Count) -> int:
    """Multiply the fields that a count names; the first one may be written by an autoscaler with a minimum."""
    if count.always is not None:
        return count.always
    factors = [_factor(pod, path, 1 if index else count.default) for index, path in enumerate(count.at)]
    lowest = _factor(pod, count.least.at, 0) if count.least else 0
    return max(factors[0], lowest) * prod(factors[1:])


def _factor(pod: PodTemplate, path: Path, usual: int) -> int:
    """Read one field; of a Job no more pods run in parallel than are to complete."""
    steps = bound_to(pod, path)
    number = _number(pod.manifest.get(*steps), usual)
    most = pod.manifest.get(*steps[:-1], "completions") if steps[-1] == "parallelism" else None
    return min(number, _number(most, number))


def _suspended(pod: PodTemplate) -> bool:
    """Tell whether anything on the way to a pod is suspended, or what the training operator runs as a whole."""
    above = (pod.manifest.get(*pod.steps[:length], "suspend") for length in range(1, len(pod.steps)))
    return True in above or pod.manifest.get("spec", "runPolicy", "suspend") is True


def _claimed(manifest: Manifest) -> Fraction:
    """Sum up the claims that a StatefulSet makes for each of its pods."""
    found = (_stored(claim) for claim in items(manifest.get("spec", "volumeClaimTemplates")))
    return sum(found, Fraction(0)) if manifest.id.kind == "StatefulSet" else Fraction(0)


def _stored(claim: JsonValue) -> Fraction:
    return quantity.read(dig(claim, "spec", "resources", "requests", "storage")) or Fraction(0)


def _claim(manifest: Manifest) -> Iterator[Group]:
    yield Group(0, {}, _stored(manifest.body))


def _train_job(manifest: Manifest) -> Iterator[Group]:
    trainer = manifest.get("spec", "trainer")
    nodes = counts.integer(dig(trainer, "numNodes"))
    if nodes is not None and manifest.get("spec", "suspend") is not True:
        yield Group(max(nodes, 0), _of_map(dig(trainer, "resourcesPerNode")))


def _of_map(stated: JsonValue | None) -> Amounts:
    """Read `requests` and `limits` as a container has them."""
    return {**resources.amounts(dig(stated, "limits")), **resources.amounts(dig(stated, "requests"))}


def _training_job(manifest: Manifest) -> Iterator[Group]:
    stated = mapping(manifest.get("spec", "resources"))
    asked = resources.amounts({name: stated[name] for name in ("cpu", "memory") if name in stated})
    gpus = _number(dig(stated.get("gpu"), "count"), 0)
    if gpus:
        asked["nvidia.com/gpu"] = Fraction(gpus)
    if manifest.get("spec", "suspend") is not True:
        yield Group(_number(manifest.get("spec", "nodes"), 1), asked)


_BY_CODE: dict[tuple[str, str], Callable[[Manifest], Iterator[Group]]] = {
    ("", "PersistentVolumeClaim"): _claim,
    ("trainer.kubeflow.org", "TrainJob"): _train_job,
    (table.OWN, "MLTrainingJob"): _training_job,
}
_BY_TABLE = frozenset(
    {
        *(("", kind) for kind in ("Pod", "ReplicationController")),
        *(("apps", kind) for kind in ("Deployment", "ReplicaSet", "StatefulSet")),
        *(("batch", kind) for kind in ("CronJob", "Job")),
        *(("kubeflow.org", f"{name}Job") for name in ("JAX", "MPI", "Paddle", "PyTorch", "TF", "XGBoost")),
        *(("ray.io", kind) for kind in ("RayCluster", "RayJob", "RayService")),
        *(("serving.kserve.io", kind) for kind in ("InferenceService", "LLMInferenceService")),
        *(("argoproj.io", "Rollout"), ("jobset.x-k8s.io", "JobSet")),
    }
)
"""Kinds whose pods run, not only stand there for somebody else to run."""
KINDS = tuple(sorted({kind for _, kind in (*_BY_CODE, *_BY_TABLE)}))
"""Kinds that have pods or claims which are counted."""
