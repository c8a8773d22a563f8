"""Rules about single containers: quantities that can be read, and limits that fit each other.

Source: Kubernetes 1.35, validation of resources and LimitRanges, and the LimitRanger; domain, section 12.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from aurora.checks.scaling.examples import MODEL
from aurora.cluster import limit_ranges, resources
from aurora.model import quantity
from aurora.model.examples import altered, stream
from aurora.model.finding import Severity
from aurora.model.json_value import dig, items, mapping
from aurora.model.rule import InventoryRule, Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.model.inventory import Inventory
    from aurora.model.json_value import JsonValue
    from aurora.model.manifest import Manifest
    from aurora.model.place import Step
    from aurora.model.pod_template import Container, PodTemplate

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


_LIMIT_RANGE = """\
apiVersion: v1
kind: LimitRange
metadata: {name: defaults, namespace: ml}
spec:
  limits:
    - type: Container
      min: {memory: 64Mi}
      defaultRequest: {memory: 128Mi}
      default: {memory: 256Mi}
      max: {memory: 4Gi}
"""
_GPU = """\
apiVersion: batch/v1
kind: Job
metadata: {name: train, namespace: ml}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: train
          image: r.example.com/train:1
          resources: {requests: {nvidia.com/gpu: 1}, limits: {nvidia.com/gpu: 1}}
"""

RULES = (
    InventoryRule(
        rule=Rule(
            id="scaling/quantity",
            severity=Severity.ERROR,
            summary="an amount of a resource that cannot be read",
            why="The API server refuses the object; and no sum over the namespace can be trusted until it is right.",
            bad=altered(MODEL, "cpu: 500m", "cpu: half"),
            good=MODEL,
        ),
        find=_unreadable,
    ),
    InventoryRule(
        rule=Rule(
            id="scaling/request-over-limit",
            severity=Severity.ERROR,
            summary="a request above its limit",
            why="The API server refuses such a pod: the workload is created, and stays without pods.",
            bad=altered(MODEL, "limits: {memory: 1Gi}", "limits: {memory: 1G}"),
            good=MODEL,
        ),
        find=_over_limit,
    ),
    InventoryRule(
        rule=Rule(
            id="scaling/device-limit",
            severity=Severity.ERROR,
            summary="a GPU or other device whose limit is not its request",
            why="Devices cannot be shared by overcommitting: the API server demands that limit and request agree.",
            bad=altered(_GPU, ", limits: {nvidia.com/gpu: 1}", ", limits: {nvidia.com/gpu: 2}"),
            good=_GPU,
        ),
        find=_extended,
    ),
    InventoryRule(
        rule=Rule(
            id="scaling/limit-range-order",
            severity=Severity.ERROR,
            summary="a LimitRange whose bounds and defaults contradict each other",
            why="A default above the maximum makes every pod that relies on it impossible.",
            bad=altered(_LIMIT_RANGE, "default: {memory: 256Mi}", "default: {memory: 8Gi}"),
            good=_LIMIT_RANGE,
        ),
        find=_disorder,
    ),
    InventoryRule(
        rule=Rule(
            id="scaling/outside-limit-range",
            severity=Severity.ERROR,
            summary="a container outside the LimitRange of its namespace",
            why="The pod is refused at its creation, long after the workload was accepted.",
            bad=stream(altered(_LIMIT_RANGE, "max: {memory: 4Gi}", "max: {memory: 512Mi}"), MODEL),
            good=stream(_LIMIT_RANGE, MODEL),
        ),
        find=limit_ranges.outside,
    ),
)
