"""Rules about ResourceQuotas: what all pods of a namespace may ask for together.

Source: Kubernetes 1.35, the quota evaluator of pods (`podComputeUsageHelper`, `validationSet`, scopes) and
the deployment controller (`ResolveFenceposts`: a surge is rounded up). Judged are pods, CPU, memory,
ephemeral storage and devices; counts of other objects and storage are not.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from aurora.checks.scaling.examples import MODEL, STATIC
from aurora.cluster import resources, workloads
from aurora.cluster.quota_scopes import in_scope
from aurora.model import counts, quantity
from aurora.model.examples import altered, stream
from aurora.model.finding import Severity
from aurora.model.json_value import mapping, text
from aurora.model.rule import InventoryRule, Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aurora.cluster.resources import Amounts, Resources
    from aurora.model.inventory import Inventory
    from aurora.model.manifest import Manifest
    from aurora.model.pod_template import PodTemplate

USUAL_SURGE = "25%"
STORAGE = ".storageclass.storage.k8s.io/"
"""Part of items that bound a storage class, which look like devices."""
PODS = "pods"
_PLAIN = frozenset({"cpu", "memory", "ephemeral-storage"})
_MANDATORY = {
    "cpu": (resources.REQUESTS, "cpu"),
    "memory": (resources.REQUESTS, "memory"),
    "requests.cpu": (resources.REQUESTS, "cpu"),
    "requests.memory": (resources.REQUESTS, "memory"),
    "limits.cpu": (resources.LIMITS, "cpu"),
    "limits.memory": (resources.LIMITS, "memory"),
}
"""Items of a quota that oblige every container to state the resource."""


@dataclass(frozen=True)
class Taker:
    """A workload that a quota counts, with the most pods that it may have."""

    pod: PodTemplate
    count: int
    defaults: Resources | None

    @cached_property
    def _requests(self) -> Amounts:
        return resources.of_pod(self.pod, resources.REQUESTS, self.defaults)

    @cached_property
    def _limits(self) -> Amounts:
        return resources.of_pod(self.pod, resources.LIMITS, self.defaults)

    def each(self, item: tuple[str, str]) -> Fraction:
        """Give what one of its pods takes of an item."""
        part, resource = item
        if part == PODS:
            return Fraction(1)
        amounts = self._requests if part == resources.REQUESTS else self._limits
        return amounts.get(resource, Fraction(0))


@dataclass(frozen=True, slots=True)
class Share:
    """What one workload may take of a quota's item at the most."""

    pod: PodTemplate
    count: int
    each: Fraction

    @property
    def total(self) -> Fraction:
        """All its pods together."""
        return self.count * self.each


def counted(name: str) -> tuple[str, str] | None:
    """Give the part and the resource that a quota's item counts; None for items that are not judged."""
    if name == PODS:
        return (PODS, PODS)
    if name in _PLAIN or name.startswith("hugepages-"):
        return (resources.REQUESTS, name)
    part, dot, resource = name.partition(".")
    if dot and part in (resources.REQUESTS, resources.LIMITS) and resource not in ("", "storage"):
        return (part, resource)
    return None


def most_pods(inventory: Inventory, pod: PodTemplate) -> int | None:
    """Count the pods that a workload may have at once, an update's surge included; None where nothing bounds it."""
    replicas = workloads.index(inventory).replicas(pod)
    if replicas is None:
        return None
    manifest = pod.manifest
    strategy = mapping(manifest.get("spec", "strategy"))
    if manifest.id.kind != "Deployment" or strategy.get("type") == "Recreate":
        return replicas.most
    stated = mapping(strategy.get("rollingUpdate")).get("maxSurge", USUAL_SURGE)
    return replicas.most + (counts.scaled(stated, replicas.most, round_up=True) or 0)


def takers(
    inventory: Inventory, namespace: str, defaults: Resources | None, *, quota: Manifest | None = None
) -> tuple[Taker, ...]:
    """Give the workloads of a namespace that may have pods; with a quota, those of them that it counts."""
    return tuple(
        Taker(pod, count, defaults)
        for pod in workloads.index(inventory).pods_in(namespace)
        if (count := most_pods(inventory, pod)) and (quota is None or in_scope(quota, pod))
    )


def shares(known: Iterable[Taker], item: tuple[str, str]) -> Iterator[Share]:
    """Yield what each workload may take of an item at the most."""
    for taker in known:
        each = taker.each(item)
        if each:
            yield Share(taker.pod, taker.count, each)


def _exceeded(inventory: Inventory) -> Iterator[Violation]:
    defaults = resources.container_defaults(inventory)
    for quota in inventory.of_kind("ResourceQuota", group=""):
        namespace = workloads.namespace_of(quota)
        known = takers(inventory, namespace, defaults.get(namespace), quota=quota)
        for name, stated in mapping(quota.get("spec", "hard")).items():
            item, hard = counted(name), quantity.read(stated)
            if item is None or hard is None:
                continue
            largest = sorted(shares(known, item), key=lambda share: share.total, reverse=True)
            total = sum((share.total for share in largest), Fraction(0))
            if total > hard:
                yield Violation(
                    manifest=quota,
                    steps=("spec", "hard", name),
                    message=(
                        f"pods may ask for {quantity.render(total)} of `{name}`, the quota is {quantity.render(hard)}: "
                        f"{_listed(largest)}"
                    ),
                    hint="raise the quota, or lower replicas, autoscalers' maxima or requests",
                )


def _listed(shares: list[Share]) -> str:
    shown = [f"{share.pod.manifest.id} {share.count} x {quantity.render(share.each)}" for share in shares[:3]]
    rest = len(shares) - len(shown)
    return ", ".join(shown) + (f", and {rest} more" if rest else "")


def _unbounded(inventory: Inventory) -> Iterator[Violation]:
    limited = {workloads.namespace_of(quota) for quota in inventory.of_kind("ResourceQuota", group="")}
    for pod in inventory.pods():
        if pod.namespace in limited and most_pods(inventory, pod) is None:
            yield Violation(
                manifest=pod.manifest,
                steps=("kind",),
                message=f"the number of pods of {pod.manifest.id} is in no manifest: the quota's sum leaves it out",
                hint="keep room for it in the quota; for a CronJob set `concurrencyPolicy: Forbid`",
            )


def _unstated(inventory: Inventory) -> Iterator[Violation]:
    defaults = resources.container_defaults(inventory)
    wanted = _mandatory(inventory)
    for pod in inventory.pods():
        # A pod that states resources as a whole is free of the duty (Kubernetes 1.34 and later).
        if mapping(pod.get("resources")):
            continue
        for container in pod.containers:
            asked = resources.of_container(container, defaults.get(pod.namespace))
            for (part, resource), quota in wanted[pod.namespace].items():
                if resource not in asked.part(part):
                    yield Violation(
                        manifest=pod.manifest,
                        steps=(*container.steps, "resources", part),
                        message=f"{quota.id} makes {part} for `{resource}` mandatory, `{container.name}` states none",
                        hint="state it, or give the namespace a LimitRange with defaults",
                    )


def _mandatory(inventory: Inventory) -> dict[str, dict[tuple[str, str], Manifest]]:
    """Give by namespace what quotas oblige containers to state, with the quota that does."""
    found: dict[str, dict[tuple[str, str], Manifest]] = defaultdict(dict)
    for quota in inventory.of_kind("ResourceQuota", group=""):
        for name in mapping(quota.get("spec", "hard")):
            if name in _MANDATORY:
                found[workloads.namespace_of(quota)].setdefault(_MANDATORY[name], quota)
    return found


def _not_prefixed(inventory: Inventory) -> Iterator[Violation]:
    for quota in inventory.of_kind("ResourceQuota", group=""):
        for name in mapping(quota.get("spec", "hard")):
            bare = text(name).removeprefix("limits.")
            if resources.is_extended(bare) and not bare.startswith(("requests.", "count/")) and STORAGE not in bare:
                yield Violation(
                    manifest=quota,
                    steps=("spec", "hard", name),
                    message=f"`{name}` bounds nothing: of a device only the `requests.` form is allowed",
                    hint=f"write `requests.{bare}`",
                )


_QUOTA = """\
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota, namespace: ml}
spec: {hard: {requests.cpu: "2", requests.memory: 4Gi, pods: "4", requests.nvidia.com/gpu: "0"}}
"""
_DAEMON_SET = """\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: exporter, namespace: ml}
spec:
  template:
    metadata: {labels: {app.kubernetes.io/name: exporter}}
    spec:
      containers:
        - {name: exporter, image: r.example.com/exporter:1, resources: {requests: {cpu: 10m, memory: 16Mi}}}
"""

RULES = (
    InventoryRule(
        rule=Rule(
            id="scaling/quota-exceeded",
            severity=Severity.ERROR,
            summary="pods that may together ask for more than their namespace's quota",
            why="Pods beyond the quota are not created: under load or during an update, just when they are needed.",
            bad=stream(STATIC, altered(_QUOTA, 'pods: "4"', 'pods: "3"')),
            good=stream(STATIC, _QUOTA),
        ),
        find=_exceeded,
    ),
    InventoryRule(
        rule=Rule(
            id="scaling/quota-unbounded",
            severity=Severity.NOTE,
            summary="a workload in a namespace with a quota whose number of pods nothing bounds",
            why="The arithmetic of quotas leaves such workloads out, which must not go unsaid.",
            bad=stream(_QUOTA, _DAEMON_SET),
            good=stream(_QUOTA, MODEL),
        ),
        find=_unbounded,
    ),
    InventoryRule(
        rule=Rule(
            id="scaling/quota-unstated",
            severity=Severity.ERROR,
            summary="a container that does not state what its namespace's quota makes mandatory",
            why="A quota on CPU or memory refuses every pod with a container that does not state it.",
            bad=stream(_QUOTA, altered(MODEL, "requests: {cpu: 500m, memory: 1Gi}", "requests: {memory: 1Gi}")),
            good=stream(_QUOTA, MODEL),
        ),
        find=_unstated,
    ),
    InventoryRule(
        rule=Rule(
            id="scaling/quota-of-devices",
            severity=Severity.ERROR,
            summary="a quota for GPUs or other devices without the prefix `requests.`",
            why="For extended resources only items with that prefix are allowed, so the quota is refused or idle.",
            bad=altered(_QUOTA, "requests.nvidia.com/gpu", "nvidia.com/gpu"),
            good=_QUOTA,
        ),
        find=_not_prefixed,
    ),
)
