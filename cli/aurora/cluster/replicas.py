"""How many pods an object asks for, by the counts that the table of kinds lists. Autoscalers are not asked here."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from aurora.kinds.entry import Bound, Count
from aurora.kinds.paths import EACH, Path
from aurora.model import counts
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate


@dataclass(frozen=True, slots=True)
class Replicas:
    """How many pods of a workload there are at least and at most."""

    least: int
    most: int


def count_of(pod: PodTemplate) -> Count | None:
    """Give the count that holds for a pod; None where no field tells the number."""
    for count in pod.kind.replicas if pod.kind else ():
        if count.of in (None, pod.place.at) and all(
            pod.manifest.get(*bound_to(pod, field.at)) in field.values for field in count.when
        ):
            return count
    return None


def stated(pod: PodTemplate, count: Count) -> Replicas | None:
    """Count the pods that an object asks for; None where a controller may make any number of them."""
    if count.always is not None:
        return Replicas(count.always, count.always)
    first, *others = _factors(pod, count)
    least, most = first, first
    if count.least is not None:
        lowest = _number(pod, count.least)
        least = first if lowest is None else min(first, lowest)
    if count.most is not None:
        highest = _number(pod, count.most)
        if highest is None and first == 0:
            return None
        most = max(first, highest or 0)
    found = Replicas(least * prod(others), most * prod(others))
    bound = None if count.at_most is None else counts.integer(pod.manifest.get(*bound_to(pod, count.at_most)))
    return found if bound is None else Replicas(min(found.least, max(bound, 0)), min(found.most, max(bound, 0)))


def _factors(pod: PodTemplate, count: Count) -> Iterator[int]:
    for number, path in enumerate(count.at):
        found = counts.integer(pod.manifest.get(*bound_to(pod, path)))
        yield (1 if number else count.default) if found is None else max(found, 0)


def _number(pod: PodTemplate, bound: Bound) -> int | None:
    found = counts.integer(pod.manifest.get(*bound_to(pod, bound.at)))
    return bound.default if found is None else found


def bound_to(pod: PodTemplate, path: Path) -> tuple[Step, ...]:
    """Put the items that lead to a pod into a path beside it."""
    items = iter([step for name, step in zip(pod.place.at, pod.steps, strict=False) if name == EACH])
    return tuple(next(items, name) if name == EACH else name for name in path)
