"""Requests by use: which targets are refused, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aurora_constructs.platform import Platform
from aurora_constructs.quantities import is_more
from components.building import TRAINING, specification, without

SERVICE: dict[str, Any] = {
    "kind": "WebService",
    "namespace": "aurora",
    "image": "web",
    "resources": {"cpu": "1", "memory": "2Gi"},
}
SIZES: dict[str, Any] = {
    "kind": "VerticalAutoscaler",
    "namespace": "aurora",
    "targets": ["run", "web"],
    "maximum": {"cpu": "4", "memory": "8Gi"},
}


def problems(sizes: Mapping[str, Any], **others: Mapping[str, Any]) -> list[str]:
    entries = {"run": TRAINING, "web": SERVICE, **others, "sizes": sizes}
    components = {name: specification(entry) for name, entry in entries.items()}
    platform = Platform(environment="example", components=components)
    return [problem.words for problem in components["sizes"].problems("sizes", platform)]


def test_workloads_of_fixed_size_are_no_trouble() -> None:
    assert problems(SIZES) == []


def test_a_target_that_something_else_scales_is_refused_in_both_modes() -> None:
    scaled = without(SERVICE, scaling={"minimum": 2, "maximum": 4})
    for mode in ("Initial", "Off"):
        (found,) = problems(without(SIZES, mode=mode), web=scaled)
        assert "an autoscaler decides the number of pods of `web`" in found


def test_a_target_of_two_is_refused() -> None:
    second = without(SIZES, targets=["web"])
    assert "`web` is a target twice" in problems(SIZES, first=second)[0]
    assert "`run` is a target twice" in problems(without(SIZES, targets=["run", "run"]))[0]


def test_a_target_elsewhere_or_above_the_most_is_refused() -> None:
    assert "is in namespace `aurora`, not `other`" in problems(without(SIZES, namespace="other"))[0]
    small = without(SIZES, targets=["web"], maximum={"cpu": "500m", "memory": "1Gi"})
    assert [each.split(",")[0] for each in problems(small)] == [
        "`web` asks for 1 of CPU",
        "`web` asks for 2Gi of memory",
    ]


def test_a_run_whose_pods_belong_to_several_controllers_is_refused() -> None:
    several = without(TRAINING, backend="TrainJob", command=["torchrun"])
    assert "the controllers of a `TrainJob` stand between `run` and its pods" in problems(SIZES, run=several)[0]
    assert problems(SIZES, run=without(TRAINING, backend="Job")) == []


def test_a_least_above_the_most_is_refused() -> None:
    least = without(SIZES, minimum={"cpu": "8", "memory": "1Gi"})
    assert "the least is more than the most" in problems(least)[0]


def test_quantities_are_compared_by_what_they_amount_to() -> None:
    assert is_more("1Gi", "1G")
    assert not is_more("1000m", "1")
    assert is_more("1.5", "1499m")
