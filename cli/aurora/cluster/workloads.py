"""What an inventory says about pods as a group: who selects them, how many there are, which track they are of.

An index is built once per inventory and shared by the checks, so that matching selectors stays linear in
the number of objects. Finds facts; never judges them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aurora.model import counts, selectors
from aurora.model.json_value import JsonValue, dig, mapping, text
from aurora_constructs import labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from aurora.model.inventory import Inventory
    from aurora.model.manifest import Manifest
    from aurora.model.pod_template import PodTemplate

DEFAULT_MAX_REPLICAS = 100
"""What a ScaledObject without `maxReplicaCount` scales to (KEDA 2.20, ScaledObject specification)."""

_REPLICATED = frozenset(
    {("apps", "Deployment"), ("apps", "ReplicaSet"), ("apps", "StatefulSet"), ("", "ReplicationController")}
)
_SCALERS = (("HorizontalPodAutoscaler", "autoscaling"), ("ScaledObject", "keda.sh"))


@dataclass(frozen=True, slots=True)
class Replicas:
    """How many pods of a workload there are at least and at most."""

    least: int
    most: int


class LabelIndex:
    """The pods of one namespace, found by their labels."""

    def __init__(self, pods: Iterable[PodTemplate]) -> None:
        self.pods = tuple(pods)
        self._by_label: dict[tuple[str, str], list[PodTemplate]] = defaultdict(list)
        for pod in self.pods:
            for pair in pod.labels.items():
                self._by_label[pair].append(pod)

    def matching(self, selector: JsonValue | None) -> list[PodTemplate]:
        """Give the pods that a LabelSelector matches."""
        candidates = self._candidates(dig(selector, "matchLabels"))
        return [pod for pod in candidates if selectors.matches(selector, pod.labels)]

    def mapped(self, selector: JsonValue | None) -> list[PodTemplate]:
        """Give the pods that a plain map of labels matches."""
        return [pod for pod in self._candidates(selector) if selectors.map_matches(selector, pod.labels)]

    def _candidates(self, wanted: JsonValue | None) -> Sequence[PodTemplate]:
        buckets = [self._by_label.get((key, text(value)), []) for key, value in mapping(wanted).items()]
        return min(buckets, key=len) if buckets else self.pods


class Workloads:
    """The pods, Services and autoscalers of an inventory."""

    def __init__(self, inventory: Inventory) -> None:
        by_namespace: dict[str, list[PodTemplate]] = defaultdict(list)
        for pod in inventory.pods():
            by_namespace[pod.namespace].append(pod)
        self._indexes = {namespace: LabelIndex(pods) for namespace, pods in by_namespace.items()}
        self._services: dict[tuple[str, str, str, str], list[Manifest]] = defaultdict(list)
        for service in inventory.of_kind("Service", group=""):
            for pod in self.behind(service):
                self._services[pod.manifest.id.identity].append(service)
        self._scalers: dict[tuple[str, str, str], list[Manifest]] = defaultdict(list)
        for kind, group in _SCALERS:
            for scaler in inventory.of_kind(kind, group=group):
                self._scalers[target_of(scaler)].append(scaler)

    def namespaces(self) -> tuple[str, ...]:
        """Give the namespaces that have pods, sorted."""
        return tuple(sorted(self._indexes))

    def pods_in(self, namespace: str) -> Sequence[PodTemplate]:
        """Give the pods of a namespace."""
        index = self._indexes.get(namespace)
        return index.pods if index else ()

    def selected(self, namespace: str, selector: JsonValue | None) -> list[PodTemplate]:
        """Give the pods of a namespace that a LabelSelector matches."""
        index = self._indexes.get(namespace)
        return index.matching(selector) if index else []

    def behind(self, service: Manifest) -> list[PodTemplate]:
        """Give the pods that a Service sends requests to."""
        index = self._indexes.get(namespace_of(service))
        return index.mapped(service.get("spec", "selector")) if index else []

    def services_of(self, pod: PodTemplate) -> Sequence[Manifest]:
        """Give the Services that send requests to a pod."""
        return self._services.get(pod.manifest.id.identity, ())

    def scalers_of(self, manifest: Manifest) -> Sequence[Manifest]:
        """Give the autoscalers that own the replicas of a workload."""
        return self._scalers.get((namespace_of(manifest), manifest.id.kind, manifest.id.name), ())

    def scaled(self) -> Iterator[tuple[tuple[str, str, str], Sequence[Manifest]]]:
        """Yield namespace, kind and name of every autoscaled workload with its autoscalers."""
        yield from self._scalers.items()

    def replicas(self, pod: PodTemplate) -> Replicas | None:
        """Count the pods of a workload; None where their number follows something outside the manifests."""
        manifest = pod.manifest
        key = (manifest.id.group, manifest.id.kind)
        if key in _REPLICATED:
            return self._replicated(manifest)
        if key == ("batch", "Job"):
            return _parallel(manifest.get("spec"))
        if key == ("batch", "CronJob") and manifest.get("spec", "concurrencyPolicy") in ("Forbid", "Replace"):
            return _parallel(manifest.get("spec", "jobTemplate", "spec"))
        return Replicas(1, 1) if key == ("", "Pod") else None

    def _replicated(self, manifest: Manifest) -> Replicas:
        bounds = [bound for scaler in self.scalers_of(manifest) if (bound := scaler_bounds(scaler))]
        if bounds:
            return Replicas(min(bound.least for bound in bounds), max(bound.most for bound in bounds))
        stated = counts.integer(manifest.get("spec", "replicas"))
        count = 1 if stated is None else max(stated, 0)
        return Replicas(count, count)


def _parallel(job: JsonValue | None) -> Replicas:
    """A Job runs `parallelism` pods at once, and never more than are left to complete."""
    parallelism = counts.integer(dig(job, "parallelism"))
    completions = counts.integer(dig(job, "completions"))
    count = 1 if parallelism is None else max(parallelism, 0)
    if completions is not None:
        count = min(count, max(completions, 0))
    return Replicas(count, count)


def namespace_of(manifest: Manifest) -> str:
    """Give the namespace that an object lives in; `default` where it names none."""
    return manifest.id.namespace or "default"


def target_of(scaler: Manifest) -> tuple[str, str, str]:
    """Give namespace, kind and name of what an autoscaler scales."""
    reference = mapping(scaler.get("spec", "scaleTargetRef"))
    # A ScaledObject's target is a Deployment unless it says otherwise (KEDA 2.20).
    kind = text(reference.get("kind")) or "Deployment"
    return namespace_of(scaler), kind, text(reference.get("name"))


def scaler_bounds(scaler: Manifest) -> Replicas | None:
    """Give the replicas that an autoscaler keeps to; None where it states no readable maximum."""
    spec = scaler.get("spec")
    if scaler.id.kind == "ScaledObject":
        least = counts.integer(dig(spec, "minReplicaCount"))
        most = counts.integer(dig(spec, "maxReplicaCount"))
        return Replicas(least or 0, DEFAULT_MAX_REPLICAS if most is None else most)
    most = counts.integer(dig(spec, "maxReplicas"))
    least = counts.integer(dig(spec, "minReplicas"))
    return None if most is None else Replicas(1 if least is None else least, most)


def track(inventory: Inventory, pod: PodTemplate) -> str:
    """Give the track that a pod is of; empty where it has none."""
    return pod.labels.get(inventory.names.track, "")


def component(pod: PodTemplate) -> str:
    """Give what a pod does, as its component label says; empty where it has none."""
    return pod.labels.get(labels.COMPONENT, "")


def of_component(inventory: Inventory, name: str) -> list[PodTemplate]:
    """Give the pods whose component label says that they do this."""
    return [pod for pod in inventory.pods() if component(pod) == name]


def container_ports(pod: PodTemplate) -> Iterator[Mapping[str, JsonValue]]:
    """Yield the ports that a pod's containers declare."""
    for container in pod.containers:
        ports = container.body.get("ports")
        if isinstance(ports, list):
            yield from (mapping(port) for port in ports)


def index(inventory: Inventory) -> Workloads:
    """Give the index of an inventory, building it at the first call."""
    return inventory.once(Workloads)
