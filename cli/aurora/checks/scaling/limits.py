"""Rules about single containers: quantities that can be read, and limits that fit each other.

What a LimitRange refuses, the server's own code says (`aurora.checks.server`). Source: Kubernetes 1.35, validation of
resources and LimitRanges; docs/facts/scaling.md.
"""

import itertools
from collections.abc import Iterator

from aurora.cluster import resources
from aurora.model import quantity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, mapping
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.pod_template import Container, PodTemplate
from aurora.model.rule import OBJECT, REFUSED, InventoryRule, Violation

_ORDER = ("min", "defaultRequest", "default", "max")
"""What a LimitRange states, from the smallest; each may be left out."""


def _quantities(inventory: Inventory) -> Iterator[tuple[Manifest, tuple[Step, ...], JsonValue]]:
    for pod in inventory.pods():
        for steps, _, stated in resources.resource_maps(pod):
            yield pod.manifest, steps, stated
    for quota in inventory.of_kind("ResourceQuota", group=""):
        for name, stated in mapping(quota.get("spec", "hard")).items():
            yield quota, ("spec", "hard", name), stated
    for limit_range in inventory.of_kind("LimitRange", group=""):
        for number, item in enumerate(items(limit_range.get("spec", "limits"))):
            for field, name, stated in _bounds(item):
                yield limit_range, ("spec", "limits", number, field, name), stated


def _bounds(item: JsonValue) -> Iterator[tuple[str, str, JsonValue]]:
    for field in _ORDER:
        for name, stated in mapping(dig(item, field)).items():
            yield field, name, stated


def _unreadable(inventory: Inventory) -> Iterator[Violation]:
    for manifest, steps, stated in _quantities(inventory):
        try:
            amount = quantity.parse(stated)
        except ValueError as error:
            problem = str(error)
        else:
            if amount >= 0:
                continue
            problem = f"`{stated}` is negative"
        yield Violation(
            manifest=manifest,
            steps=steps,
            message=problem,
            hint="write a number with a suffix, such as `500m` or `2Gi`",
        )


def _over_limit(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.pods():
        for container in pod.containers:
            asked = resources.of_container(container)
            for name, amount in sorted(asked.requests.items()):
                limit = asked.limits.get(name)
                if limit is not None and amount > limit:
                    yield _of_container(pod, container, name, f"the request for `{name}` is more than its limit")


def _extended(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.whole_pods():
        for container in pod.containers:
            asked = resources.of_container(container)
            for name, amount in sorted(asked.requests.items()):
                if resources.is_extended(name) and asked.limits.get(name) != amount:
                    yield _of_container(pod, container, name, f"the limit for `{name}` is not its request")


def _of_container(pod: PodTemplate, container: Container, name: str, message: str) -> Violation:
    return Violation(
        manifest=pod.manifest,
        steps=(*container.steps, "resources", resources.LIMITS, name),
        message=f"{message} in container `{container.name}`",
        hint="set the limit to the request, or above it where the resource can be shared",
    )


def _disorder(inventory: Inventory) -> Iterator[Violation]:
    for limit_range in inventory.of_kind("LimitRange", group=""):
        for number, item in enumerate(items(limit_range.get("spec", "limits"))):
            stated = {field: resources.amounts(dig(item, field)) for field in _ORDER}
            for name in sorted({name for found in stated.values() for name in found}):
                known = [(field, stated[field][name]) for field in _ORDER if name in stated[field]]
                for (low, lesser), (high, greater) in itertools.pairwise(known):
                    if lesser > greater:
                        yield Violation(
                            manifest=limit_range,
                            steps=("spec", "limits", number, low, name),
                            message=f"`{low}` of `{name}` is more than `{high}`",
                            hint="keep min <= defaultRequest <= default <= max",
                        )


RULES = (
    InventoryRule("scaling/quantity", REFUSED, _unreadable, scope=OBJECT),
    InventoryRule("scaling/request-over-limit", REFUSED, _over_limit, scope=OBJECT),
    InventoryRule("scaling/device-limit", REFUSED, _extended, scope=OBJECT),
    InventoryRule("scaling/limit-range-order", REFUSED, _disorder, scope=OBJECT),
)
