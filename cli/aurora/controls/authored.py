"""What an environment's own objects do about a control, without anybody who enforces it: counted, never believed.

A tally counts the objects of a namespace that the control is about, and those that keep it. Templates of pods that
controllers will create count like those in workloads.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from aurora.cluster import surroundings
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, text
from aurora.model.pod_template import Container, PodTemplate
from aurora_constructs import labels


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of the objects that a control is about keep it."""

    kept: int
    total: int
    noun: str


Tallied = Callable[[Inventory, str], Tally]
"""Counts the objects of a namespace."""


_Part = TypeVar("_Part")


def pods_of(inventory: Inventory, namespace: str) -> tuple[PodTemplate, ...]:
    """Give the pod templates of a namespace, those for controllers included."""
    to_come = surroundings.pods_to_come(inventory)
    return (*inventory.pods_in(namespace), *(pod for pod in to_come if pod.namespace == namespace))


def pods(keeps: Callable[[PodTemplate], bool], *, about: Callable[[PodTemplate], bool] | None = None) -> Tallied:
    """Count the pods that keep a control; `about` leaves out those that it does not concern."""

    def tally(inventory: Inventory, namespace: str) -> Tally:
        found = [pod for pod in pods_of(inventory, namespace) if about is None or about(pod)]
        return Tally(sum(map(keeps, found)), len(found), "pod template")

    return tally


def containers(keeps: Callable[[Container], bool]) -> Tallied:
    """Count the pods whose every container keeps a control."""
    return pods(lambda pod: _all(keeps, pod.containers))


def images(keeps: Callable[[str], bool]) -> Tallied:
    """Count the pods whose every image keeps a control."""
    return pods(lambda pod: _all(keeps, images_of(pod)))


def images_of(pod: PodTemplate) -> Iterator[str]:
    """Yield what a pod pulls: the images of its containers, and those of its volumes."""
    yield from (text(container.body.get("image")) for container in pod.containers)
    yield from (text(dig(volume, "image", "reference")) for _, volume in pod.volumes if "image" in volume)


def security(field: str, wanted: Callable[[JsonValue | None], bool]) -> Tallied:
    """Count the pods whose every container has a field of its security context, or else its pod's, as wanted."""

    def keeps(pod: PodTemplate) -> bool:
        usual = pod.get("securityContext", field)

        def stated(container: Container) -> bool:
            own = dig(container.body, "securityContext", field)
            return wanted(usual if own is None else own)

        return _all(stated, pod.containers)

    return pods(keeps)


def of_component(name: str) -> Callable[[PodTemplate], bool]:
    """Tell whether a pod does this, by its component label."""
    return lambda pod: pod.labels.get(labels.COMPONENT) == name


def _all(keeps: Callable[[_Part], bool], found: Iterable[_Part]) -> bool:
    """A pod without containers keeps nothing: there is nothing to see."""
    seen = list(found)
    return bool(seen) and all(map(keeps, seen))
