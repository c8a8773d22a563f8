"""What all pods of a namespace may ask for together, and the quotas that it exceeds.

Source: Kubernetes 1.35, the quota evaluator of pods (`podComputeUsageHelper`, `validationSet`, scopes). Judged are
pods, CPU, memory, ephemeral storage and devices; counts of other objects are not, and storage is in `claim_quotas`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from aurora.cluster import queued_runs, resources, updates, workloads
from aurora.cluster.quota_scopes import in_scope
from aurora.cluster.resources import Amounts, Resources
from aurora.model import quantity
from aurora.model.inventory import Inventory
from aurora.model.json_value import mapping
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import Violation

STORAGE = ".storageclass.storage.k8s.io/"
"""Part of items that bound a storage class, which look like devices."""
PODS = "pods"
_PLAIN = frozenset({"cpu", "memory", "ephemeral-storage"})


@dataclass(frozen=True)
class Taker:
    """A workload that a quota counts, with the most pods that it may have, without an update's surge and with it."""

    pod: PodTemplate
    lasting: int
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
    lasting: int
    count: int
    each: Fraction

    @property
    def total(self) -> Fraction:
        """All its pods together, and those of an update."""
        return self.count * self.each

    @property
    def needed(self) -> Fraction:
        """All its pods together, without those of an update."""
        return self.lasting * self.each

    @property
    def awaited(self) -> Fraction:
        """The new pods without which an update does not go on, since no old one may go before."""
        return updates.waits(self.pod.manifest, self.lasting) * self.each


def counted(name: str) -> tuple[str, str] | None:
    """Give the part and the resource that a quota's item counts; None for items that are not judged."""
    if name in (PODS, f"count/{PODS}"):
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
    return replicas.most + updates.surge(pod.manifest, replicas.most)


def takers(
    inventory: Inventory, namespace: str, defaults: Resources | None, *, quota: Manifest | None = None
) -> tuple[Taker, ...]:
    """Give the workloads of a namespace that may have pods; with a quota, those of them that it counts."""
    return tuple(
        Taker(pod, replicas.most, replicas.most + updates.surge(pod.manifest, replicas.most), defaults)
        for pod in workloads.index(inventory).pods_in(namespace)
        if (replicas := workloads.index(inventory).replicas(pod)) and (quota is None or in_scope(quota, pod))
    )


def shares(known: Iterable[Taker], item: tuple[str, str]) -> Iterator[Share]:
    """Yield what each workload may take of an item at the most."""
    for taker in known:
        each = taker.each(item)
        if each:
            yield Share(taker.pod, taker.lasting, taker.count, each)


def exceeded(inventory: Inventory) -> Iterator[Violation]:
    """Find what pods may together ask for beyond a quota, but for runs that wait in queues until there is room."""
    waiting = queued_runs.waiting(inventory)
    defaults = resources.container_defaults(inventory)
    for quota in inventory.of_kind("ResourceQuota", group=""):
        namespace = workloads.namespace_of(quota)
        found = takers(inventory, namespace, defaults.get(namespace), quota=quota)
        known = [each for each in found if each.pod.manifest.id.identity not in waiting]
        for name, stated in mapping(quota.get("spec", "hard")).items():
            item, hard = counted(name), quantity.read(stated)
            if item is None or hard is None:
                continue
            message = _message(list(shares(known, item)), name, hard)
            if message:
                yield Violation(
                    manifest=quota,
                    steps=("spec", "hard", name),
                    message=message,
                    hint="raise the quota, or lower replicas, autoscalers' maxima or requests",
                )


def _message(found: list[Share], name: str, hard: Fraction) -> str:
    """Say what is beyond a quota: the pods themselves, or the one more without which an update waits forever.

    Updates that find no room at the same time wait for each other, and end: the largest counts.
    """
    total = sum((share.needed for share in found), Fraction(0))
    asked = f"{{}} of `{name}`, the quota is {quantity.render(hard)}"
    if total > hard:
        return f"pods may ask for {asked.format(quantity.render(total))}: {_listed(found)}"
    updated = max(found, key=lambda share: (share.awaited, share.needed), default=None)
    if updated is None or total + updated.awaited <= hard:
        return ""
    whole = quantity.render(total + updated.awaited)
    return (
        f"an update of {updated.pod.manifest.id} needs {asked.format(whole)}: "
        f"it lets no old pod go before a new one is ready, and so never ends ({_listed(found)})"
    )


def _listed(shares: list[Share]) -> str:
    largest = sorted(shares, key=lambda share: share.needed, reverse=True)[:3]
    shown = [f"{share.pod.manifest.id} {share.lasting} x {quantity.render(share.each)}" for share in largest]
    rest = len(shares) - len(shown)
    return ", ".join(shown) + (f", and {rest} more" if rest else "")
