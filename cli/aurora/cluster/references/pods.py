"""What pods name: accounts, ConfigMaps, claims, priority and runtime classes. Whether it exists is not asked here."""

from collections.abc import Iterator

from aurora.cluster.pod_references import PodReference, references_to
from aurora.cluster.references.fields import is_everywhere, needed
from aurora.cluster.references.lookup import Reference
from aurora.model.inventory import Inventory
from aurora.model.json_value import text
from aurora.model.pod_template import ANYWHERE

SCHEDULING, NODE = "scheduling.k8s.io", "node.k8s.io"


def reference(found: PodReference) -> Reference:
    """Turn a pod's field into a reference from the pod's manifest."""
    manifest = found.pod.manifest
    namespace = ANYWHERE if found.pod.anywhere else manifest.id.namespace
    return Reference(manifest=manifest, steps=found.steps, kind=found.kind, name=found.name, namespace=namespace)


def named_by_pods(inventory: Inventory, kind: str) -> Iterator[PodReference]:
    """Yield what pods name of a kind and cannot do without."""
    return (found for found in references_to(inventory, kind) if not found.optional)


def of_kind(inventory: Inventory, kind: str) -> Iterator[Reference]:
    """Yield the objects of a kind that pods or other objects cannot do without, beside those of every namespace."""
    for found in named_by_pods(inventory, kind):
        if not is_everywhere(kind, found.name):
            yield reference(found)
    yield from (found for found in needed(inventory, ("", kind)) if found.steps[0] != "subjects")


def priority_classes(inventory: Inventory) -> Iterator[Reference]:
    """Yield the priority classes of pods and other objects, beside those of every cluster."""
    yield from priority_classes_of_pods(inventory)
    yield from needed(inventory, (SCHEDULING, "PriorityClass"))


def priority_classes_of_pods(inventory: Inventory) -> Iterator[Reference]:
    """Yield the priority classes of pods, beside those of every cluster."""
    return _classes(inventory, "priorityClassName", "PriorityClass", SCHEDULING)


def runtime_classes(inventory: Inventory) -> Iterator[Reference]:
    """Yield the runtime classes of pods."""
    return _classes(inventory, "runtimeClassName", "RuntimeClass", NODE)


def _classes(inventory: Inventory, field: str, kind: str, group: str) -> Iterator[Reference]:
    for pod in inventory.pods():
        name = text(pod.get(field))
        if name and not is_everywhere(kind, name) and not pod.fills_in(name):
            yield Reference(manifest=pod.manifest, steps=pod.at(field), kind=kind, name=name, group=group)
