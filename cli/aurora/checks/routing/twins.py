"""Pairs canary workloads with their stable ones and says where they differ beyond what they may.

They may differ in version, replicas, labels and names. Finds facts; never judges them.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from aurora.cluster import workloads
from aurora.cluster.splits import CANARY
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, text
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate
from aurora.model.tree import strings
from aurora_constructs import labels

_KINDS = frozenset({"Deployment", "StatefulSet", "ReplicaSet"})
_FREE_FIELDS = frozenset({"labels", "labelSelector", "matchLabels", "selector", "replicas"})
_VERSION_VARIABLE = "VERSION"
_DISTINCT = 6
"""A shorter version could stand anywhere in a text by chance, so only a whole value counts as it."""


def twins(inventory: Inventory) -> Iterator[tuple[PodTemplate, list[PodTemplate]]]:
    """Yield every canary with the workloads that have the same name, component and model labels."""
    others: dict[tuple[str, ...], list[PodTemplate]] = defaultdict(list)
    canaries: list[PodTemplate] = []
    for pod in inventory.pods():
        if pod.manifest.id.kind not in _KINDS:
            continue
        if workloads.track(inventory, pod) == CANARY:
            canaries.append(pod)
        elif workloads.track(inventory, pod):
            others[_key(inventory, pod)].append(pod)
    return ((canary, others.get(_key(inventory, canary), [])) for canary in canaries)


def _key(inventory: Inventory, pod: PodTemplate) -> tuple[str, ...]:
    keys = (labels.NAME, labels.COMPONENT, inventory.names.model, "app")
    return (pod.namespace, pod.manifest.id.kind, *(pod.labels.get(key, "") for key in keys))


@dataclass(frozen=True, slots=True)
class _Names:
    """What both sides call themselves: the object's name and everything that is a version."""

    stable: str
    canary: str
    stable_versions: tuple[str, ...]
    canary_versions: tuple[str, ...]

    def same(self, stable: JsonValue | None, canary: JsonValue | None) -> bool:
        """Tell whether two values are equal, or texts that differ in names and versions only."""
        if not (isinstance(stable, str) and isinstance(canary, str)):
            return stable == canary
        left = _without(stable, self.stable_versions)
        right = _without(canary, self.canary_versions)
        return left == right or left.replace(self.stable, self.canary) == right

    def are_in(self, value: JsonValue | None) -> bool:
        """Tell whether some text inside a value may name a version: even equal ones are then compared one by one."""
        written = "\n".join(strings(value))
        return any(version in written for version in (*self.stable_versions, *self.canary_versions))


def _without(value: str, versions: tuple[str, ...]) -> str:
    for version in versions:
        if value == version or len(version) >= _DISTINCT:
            value = value.replace(version, "<version>")
    return value


def _versions(inventory: Inventory, pod: PodTemplate) -> tuple[str, ...]:
    """Give everything that a pod calls its version, longest first: one may be a part of another."""
    found = {pod.labels.get(labels.VERSION, ""), pod.labels.get(inventory.names.model_version, "")}
    for container in pod.containers:
        for _, entry in container.variables:
            if text(entry.get("name")).endswith(_VERSION_VARIABLE):
                found.add(text(entry.get("value")))
    return tuple(sorted(found - {""}, key=lambda version: (-len(version), version)))


def differences(inventory: Inventory, stable: PodTemplate, canary: PodTemplate) -> Iterator[tuple[Step, ...]]:
    """Yield the steps into the canary's manifest at which it differs beyond what it may."""
    names = _Names(
        stable.manifest.id.name, canary.manifest.id.name, _versions(inventory, stable), _versions(inventory, canary)
    )
    yield from _compare(stable.manifest.body.get("spec"), canary.manifest.body.get("spec"), ("spec",), names)


def _compare(
    stable: JsonValue | None, canary: JsonValue | None, steps: tuple[Step, ...], names: _Names
) -> Iterator[tuple[Step, ...]]:
    if stable == canary and not names.are_in(stable):
        return
    if isinstance(stable, dict) and isinstance(canary, dict):
        for key in sorted({*stable, *canary} - _FREE_FIELDS):
            yield from _compare(stable.get(key), canary.get(key), (*steps, key), names)
    elif isinstance(stable, list) and isinstance(canary, list) and len(stable) == len(canary):
        for index, (left, right) in enumerate(zip(stable, canary, strict=True)):
            yield from _compare(left, right, (*steps, index), names)
    elif not names.same(stable, canary):
        yield steps
