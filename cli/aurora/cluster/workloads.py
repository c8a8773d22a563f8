"""What an inventory says about pods as a group: who selects them, how many there are, which track they are of.

An index is built once per inventory and shared by the checks, so that matching selectors stays linear in
the number of objects. Finds facts; never judges them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from aurora.cluster.replicas import Replicas, count_of, stated
from aurora.kinds import table
from aurora.kinds.entry import Bound, Scaler
from aurora.model import counts, selectors
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate
from aurora_constructs import labels

PodKey = tuple[tuple[str, str, str, str], tuple["Step", ...]]


SCALER_GROUPS = ("autoscaling", "keda.sh")
"""The groups of the table with autoscalers, so that an index of pods depends on no other objects."""


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
            if not pod.anywhere:
                by_namespace[pod.namespace].append(pod)
        self._indexes = {namespace: LabelIndex(pods) for namespace, pods in by_namespace.items()}
        self._services: dict[PodKey, list[Manifest]] = defaultdict(list)
        self._behind: dict[int, list[PodTemplate]] = {}
        for service in inventory.of_kind("Service", group=""):
            self._behind[id(service)] = self.behind(service)
            for pod in self._behind[id(service)]:
                self._services[_key(pod)].append(service)
        self._scalers: dict[tuple[str, str, str], list[Manifest]] = defaultdict(list)
        for group in SCALER_GROUPS:
            for kind in table.group(group).kinds.values():
                for scaler in inventory.of_kind(kind.name, group=group) if kind.scaler else ():
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
        known = self._behind.get(id(service))
        if known is not None:
            return known
        index = self._indexes.get(namespace_of(service))
        return index.mapped(service.get("spec", "selector")) if index else []

    def services_of(self, pod: PodTemplate) -> Sequence[Manifest]:
        """Give the Services that send requests to a pod."""
        return self._services.get(_key(pod), ())

    def scalers_of(self, manifest: Manifest) -> Sequence[Manifest]:
        """Give the autoscalers that own the replicas of a workload."""
        return self._scalers.get((namespace_of(manifest), manifest.id.kind, manifest.id.name), ())

    def scaled(self) -> Iterator[tuple[tuple[str, str, str], Sequence[Manifest]]]:
        """Yield namespace, kind and name of every autoscaled workload with its autoscalers."""
        return ((target, scalers) for target, scalers in self._scalers.items() if target[-1])

    def replicas(self, pod: PodTemplate) -> Replicas | None:
        """Count the pods of a workload; None where their number follows something outside the manifests."""
        count = count_of(pod)
        if count is None:
            return None
        scalers = self.scalers_of(pod.manifest) if count.scale else ()
        bounds = [bound for scaler in scalers if (bound := scaler_bounds(scaler))]
        if bounds:
            return Replicas(min(bound.least for bound in bounds), max(bound.most for bound in bounds))
        return stated(pod, count)


def namespace_of(manifest: Manifest) -> str:
    """Give the namespace that an object lives in; `default` where it names none."""
    return manifest.id.namespace or "default"


def _key(pod: PodTemplate) -> PodKey:
    return pod.manifest.id.identity, pod.steps


def scaler_of(manifest: Manifest) -> Scaler | None:
    """Give how an object scales others; None for what is no autoscaler."""
    kind = table.find(manifest.id.group, manifest.id.kind)
    return kind.scaler if kind else None


def target_of(scaler: Manifest) -> tuple[str, str, str]:
    """Give namespace, kind and name of what an autoscaler scales."""
    known = scaler_of(scaler)
    reference = mapping(scaler.get(*known.target)) if known else {}
    # A ScaledObject's target is a Deployment unless it says otherwise (KEDA 2.20).
    kind = text(reference.get("kind")) or "Deployment"
    return namespace_of(scaler), kind, text(reference.get("name"))


def scaler_bounds(scaler: Manifest) -> Replicas | None:
    """Give the replicas that an autoscaler keeps to; None where it states no readable maximum."""
    known = scaler_of(scaler)
    least, most = (_bound(scaler, known.least), _bound(scaler, known.most)) if known else (None, None)
    return None if most is None else Replicas(least or 0, most)


def _bound(scaler: Manifest, bound: Bound | None) -> int | None:
    if bound is None:
        return None
    stated = counts.integer(scaler.get(*bound.at))
    return bound.default if stated is None else stated


def track(inventory: Inventory, pod: PodTemplate) -> str:
    """Give the track that a pod is of; empty where it has none."""
    return pod.labels.get(inventory.names.track, "")


def component(pod: PodTemplate) -> str:
    """Give what a pod does, as its component label says; empty where it has none."""
    return pod.labels.get(labels.COMPONENT, "")


def of_component(inventory: Inventory, name: str) -> list[PodTemplate]:
    """Give the pods whose component label says that they do this."""
    return [pod for pod in inventory.pods() if component(pod) == name]


def index(inventory: Inventory) -> Workloads:
    """Give the index of an inventory, building it at the first call."""
    return inventory.once(Workloads)
