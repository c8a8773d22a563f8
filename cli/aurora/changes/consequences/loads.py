"""How many pods an object means and what they ask for: the arithmetic behind totals and demands.

Source of the fields: Kubernetes 1.35; the CRDs of KServe 0.20, KubeRay 1.7, Kubeflow Trainer 2.3, JobSet 0.12,
mpi-operator 0.8 and Argo Rollouts 1.9 with their defaults; Aurora's own CRDs. Counted is what runs at least: an
autoscaler's minimum, one run of a CronJob. Not counted are pods whose number no manifest knows (DaemonSets, and
TrainJobs that leave it to their runtime), suspended work, and MLDeployments, since their Deployments are objects
of their own. Devices of dynamic resource allocation are not counted either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from aurora.cluster import resources
from aurora.model import counts, quantity
from aurora.model.diff import Totals
from aurora.model.json_value import dig, items, mapping
from aurora.model.pod_template import PodTemplate, pod_templates
from aurora_constructs import labels

if TYPE_CHECKING:
    from aurora.cluster.resources import Amounts, Resources
    from aurora.model.json_value import JsonValue
    from aurora.model.manifest import Manifest
    from aurora.model.place import Step

_TRAINING = "kubeflow.org"
_RAY = "ray.io"


@dataclass(frozen=True, slots=True)
class Group:
    """Pods of one shape: how many, and what each asks for."""

    count: int
    each: Amounts = field(default_factory=dict)
    storage: Fraction = Fraction(0)


Read = Callable[["Manifest", "Resources | None"], Iterator[Group]]


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
    read = _READERS.get((manifest.id.group, manifest.id.kind))
    if read is None:
        return
    for group in read(manifest, defaults):
        scaled = least is not None and manifest.id.kind in _SCALED
        yield Group(least or 0, group.each, group.storage) if scaled else group


def counted(group: str, kind: str) -> bool:
    """Tell whether objects of a kind have pods or claims that are counted."""
    return (group, kind) in _READERS


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


def _asked(manifest: Manifest, steps: tuple[Step, ...], defaults: Resources | None) -> Amounts:
    return resources.of_pod(PodTemplate(manifest, steps), resources.REQUESTS, defaults)


def _replicated(manifest: Manifest, defaults: Resources | None) -> Iterator[Group]:
    count = _number(manifest.get("spec", "replicas"), 1)
    if isinstance(manifest.get("spec", "template"), dict):
        yield Group(count, _asked(manifest, ("spec", "template"), defaults), _claimed(manifest))


def _claimed(manifest: Manifest) -> Fraction:
    """Sum up the claims that a StatefulSet makes for each of its pods."""
    found = (_stored(claim) for claim in items(manifest.get("spec", "volumeClaimTemplates")))
    return sum(found, Fraction(0)) if manifest.id.kind == "StatefulSet" else Fraction(0)


def _stored(claim: JsonValue) -> Fraction:
    return quantity.read(dig(claim, "spec", "resources", "requests", "storage")) or Fraction(0)


def _claim(manifest: Manifest, _: Resources | None) -> Iterator[Group]:
    yield Group(0, {}, _stored(manifest.body))


def _pod(manifest: Manifest, defaults: Resources | None) -> Iterator[Group]:
    yield Group(1, _asked(manifest, (), defaults))


def _parallel(job: JsonValue | None) -> int:
    if dig(job, "suspend") is True:
        return 0
    count, completions = _number(dig(job, "parallelism"), 1), counts.integer(dig(job, "completions"))
    return count if completions is None else min(count, max(completions, 0))


def _job(manifest: Manifest, defaults: Resources | None) -> Iterator[Group]:
    for pod in pod_templates(manifest):
        job = dig(manifest.body, *pod.steps[:-1])
        paused = manifest.get("spec", "suspend") is True
        yield Group(0 if paused else _parallel(job), resources.of_pod(pod, resources.REQUESTS, defaults))


def _job_set(manifest: Manifest, defaults: Resources | None) -> Iterator[Group]:
    paused = manifest.get("spec", "suspend") is True
    for number, entry in enumerate(items(manifest.get("spec", "replicatedJobs"))):
        count = _number(dig(entry, "replicas"), 1) * _parallel(dig(entry, "template", "spec"))
        steps: tuple[Step, ...] = ("spec", "replicatedJobs", number, "template", "spec", "template")
        yield Group(0 if paused else count, _asked(manifest, steps, defaults))


def _train_job(manifest: Manifest, _: Resources | None) -> Iterator[Group]:
    trainer = manifest.get("spec", "trainer")
    nodes = counts.integer(dig(trainer, "numNodes"))
    if nodes is not None and manifest.get("spec", "suspend") is not True:
        yield Group(max(nodes, 0), _of_map(dig(trainer, "resourcesPerNode")))


def _of_map(stated: JsonValue | None) -> Amounts:
    """Read `requests` and `limits` as a container has them."""
    return {**resources.amounts(dig(stated, "limits")), **resources.amounts(dig(stated, "requests"))}


def _kubeflow(manifest: Manifest, defaults: Resources | None) -> Iterator[Group]:
    paused = manifest.get("spec", "runPolicy", "suspend") is True
    for name, value in mapping(manifest.get("spec")).items():
        for role, replica in mapping(value).items() if name.endswith("ReplicaSpecs") else ():
            count = 0 if paused else _number(dig(replica, "replicas"), 1)
            yield Group(count, _asked(manifest, ("spec", name, role, "template"), defaults))


_RAY_ROOTS: dict[str, tuple[Step, ...]] = {
    "RayCluster": ("spec",),
    "RayJob": ("spec", "rayClusterSpec"),
    "RayService": ("spec", "rayClusterConfig"),
}


def _ray(manifest: Manifest, defaults: Resources | None) -> Iterator[Group]:
    root = _RAY_ROOTS[manifest.id.kind]
    if True in (manifest.get("spec", "suspend"), manifest.get(*root, "suspend")):
        return
    if isinstance(manifest.get(*root, "headGroupSpec", "template"), dict):
        yield Group(1, _asked(manifest, (*root, "headGroupSpec", "template"), defaults))
    for number, entry in enumerate(items(manifest.get(*root, "workerGroupSpecs"))):
        if dig(entry, "suspend") is True:
            continue
        least = max(_number(dig(entry, "replicas"), 0), _number(dig(entry, "minReplicas"), 0))
        count = least * _number(dig(entry, "numOfHosts"), 1)
        yield Group(count, _asked(manifest, (*root, "workerGroupSpecs", number, "template"), defaults))


def _inference_service(manifest: Manifest, defaults: Resources | None) -> Iterator[Group]:
    for part in ("predictor", "transformer", "explainer"):
        spec = mapping(manifest.get("spec", part))
        if not spec:
            continue
        # The component is a pod's spec with more fields in it; a model's own resources stand beside its containers.
        written: Manifest = _as_pod(manifest, spec)
        asked = _asked(written, (), defaults)
        for name, amount in _of_map(dig(spec, "model", "resources")).items():
            asked[name] = asked.get(name, Fraction(0)) + amount
        yield Group(_number(spec.get("minReplicas"), 1), asked)


def _as_pod(manifest: Manifest, spec: JsonValue) -> Manifest:
    return replace(manifest, body={"spec": spec})


def _llm_service(manifest: Manifest, defaults: Resources | None) -> Iterator[Group]:
    for root in (("spec",), ("spec", "prefill")):
        spec = manifest.get(*root, "template")
        if isinstance(spec, dict):
            yield Group(_number(manifest.get(*root, "replicas"), 1), _asked(_as_pod(manifest, spec), (), defaults))


def _training_job(manifest: Manifest, _: Resources | None) -> Iterator[Group]:
    stated = mapping(manifest.get("spec", "resources"))
    asked = resources.amounts({name: stated[name] for name in ("cpu", "memory") if name in stated})
    gpus = _number(dig(stated.get("gpu"), "count"), 0)
    if gpus:
        asked["nvidia.com/gpu"] = Fraction(gpus)
    if manifest.get("spec", "suspend") is not True:
        yield Group(_number(manifest.get("spec", "nodes"), 1), asked)


_SCALED = frozenset({"Deployment", "ReplicaSet", "ReplicationController", "Rollout", "StatefulSet"})
_READERS: dict[tuple[str, str], Read] = {
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Pod"): _pod,
    ("", "ReplicationController"): _replicated,
    ("apps", "Deployment"): _replicated,
    ("apps", "ReplicaSet"): _replicated,
    ("apps", "StatefulSet"): _replicated,
    ("argoproj.io", "Rollout"): _replicated,
    ("batch", "CronJob"): _job,
    ("batch", "Job"): _job,
    ("jobset.x-k8s.io", "JobSet"): _job_set,
    ("trainer.kubeflow.org", "TrainJob"): _train_job,
    **{(_TRAINING, f"{name}Job"): _kubeflow for name in ("MPI", "Paddle", "PyTorch", "TF", "XGBoost", "JAX")},
    **{(_RAY, kind): _ray for kind in _RAY_ROOTS},
    ("serving.kserve.io", "InferenceService"): _inference_service,
    ("serving.kserve.io", "LLMInferenceService"): _llm_service,
    (labels.API_GROUP, "MLTrainingJob"): _training_job,
}
KINDS = tuple(sorted({kind for _, kind in _READERS}))
"""Kinds that have pods or claims which are counted."""
