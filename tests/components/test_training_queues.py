"""Queues of Kueue: quotas in the order that Kueue reads, flavours that are the pools, and what contradicts itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from aurora_constructs.machines import NVIDIA
from components.building import Built, build, specification
from environment.test_cluster_facts import EKS, cluster

TAINT = {"key": NVIDIA, "value": "true"}
POOLS = {
    "gpu": {"machine": "g5.12xlarge", "minimum": 0, "maximum": 2, "taints": [TAINT]},
    "cpu": {"machine": "m5.4xlarge", "minimum": 0, "maximum": 4, "taints": [{**TAINT, "effect": "PreferNoSchedule"}]},
}
GPUS = {"cpu": "8", "memory": "64Gi", "gpus": 4}
PLAIN = {"cpu": "8", "memory": "64Gi"}


def entry(**queues: Any) -> dict[str, Any]:
    return {"kind": "TrainingQueues", "queues": queues, "priorities": {"low": {"value": 1}}}


def queue(pools: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"namespaces": ["ml"], "pools": pools, **more}


def built(**queues: Any) -> Built:
    components = {"queues": entry(**queues)}
    return build("queues", components, cluster=cluster(EKS, pools=POOLS))


def test_a_flavour_is_its_pool_and_adds_no_toleration() -> None:
    found = built(research=queue({"gpu": GPUS, "cpu": PLAIN}))
    gpu, cpu = (found.one("ResourceFlavor", name=name)["spec"] for name in ("gpu", "cpu"))
    assert gpu == {
        "nodeLabels": {"eks.amazonaws.com/nodegroup": "gpu"},
        "nodeTaints": [{"key": NVIDIA, "value": "true", "effect": "NoSchedule"}],
    }
    assert cpu == {"nodeLabels": {"eks.amazonaws.com/nodegroup": "cpu"}}


def test_pools_are_tried_in_the_order_in_which_they_are_written() -> None:
    (group,) = built(research=queue({"gpu": GPUS, "cpu": PLAIN})).one("ClusterQueue")["spec"]["resourceGroups"]
    assert [each["name"] for each in group["flavors"]] == ["gpu", "cpu"]
    (group,) = built(research=queue({"cpu": PLAIN, "gpu": GPUS})).one("ClusterQueue")["spec"]["resourceGroups"]
    assert [each["name"] for each in group["flavors"]] == ["cpu", "gpu"]


@settings(max_examples=20)
@given(gpus=st.lists(st.integers(0, 8), min_size=2, max_size=2))
def test_every_flavour_has_a_quota_for_each_resource_in_their_order(gpus: list[int]) -> None:
    pools = {"gpu": {**PLAIN, "gpus": gpus[0]}}
    spec = built(a=queue(pools), b=queue({"gpu": {**PLAIN, "gpus": gpus[1]}}))
    for body in spec.emitted:
        for group in body["spec"]["resourceGroups"] if body["kind"] == "ClusterQueue" else ():
            for flavor in group["flavors"]:
                assert [each["name"] for each in flavor["resources"]] == group["coveredResources"]


def test_a_queue_takes_runs_of_its_namespaces_only() -> None:
    found = built(research=queue({"gpu": GPUS}, namespaces=["ml", "notebooks"]))
    (expression,) = found.one("ClusterQueue")["spec"]["namespaceSelector"]["matchExpressions"]
    assert expression["values"] == ["ml", "notebooks"]
    locals_ = [body["metadata"]["namespace"] for body in found.emitted if body["kind"] == "LocalQueue"]
    assert sorted(locals_) == ["ml", "notebooks"]


def test_only_a_queue_that_preempts_ends_runs() -> None:
    for more, within, cohort in (
        ({}, "Never", "Never"),
        ({"preempts": True}, "LowerPriority", "Never"),
        ({"preempts": True, "cohort": "all"}, "LowerPriority", "Any"),
    ):
        found = built(research=queue({"gpu": GPUS}, **more)).one("ClusterQueue")["spec"]["preemption"]
        assert (found["withinClusterQueue"], found["reclaimWithinCohort"]) == (within, cohort)


@pytest.mark.parametrize(
    ("pools", "more", "words"),
    [
        ({"gpu": {**GPUS, "borrowedGpus": 1}}, {}, "without `cohort` there is nobody"),
        ({"gpu": {**GPUS, "lentGpus": 5}}, {"cohort": "all"}, "`lentGpus` is 5, and the queue has 4 GPUs"),
        ({"gpu": {**GPUS, "gpus": -1}}, {}, "gpus"),
        ({}, {}, "pools"),
        ({"gpu": GPUS}, {"namespaces": []}, "namespaces"),
    ],
)
def test_what_contradicts_itself_is_refused(pools: dict[str, Any], more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        specification(entry(research=queue(pools, **more)))


def test_pools_that_are_not_there_or_have_no_gpus_are_told() -> None:
    with pytest.raises(ValueError, match="there is no node pool `gpus`: did you mean `gpu`"):
        built(research=queue({"gpus": GPUS}))
    with pytest.raises(ValueError, match="pool `cpu` has no GPUs, and `research` is to have 4 of them"):
        built(research=queue({"cpu": GPUS}))


def test_a_queue_of_another_component_has_another_name() -> None:
    first = {**entry(research=queue({"gpu": GPUS})), "priorities": {}}
    components = {"a": first, "queues": entry(research=queue({"gpu": GPUS}))}
    with pytest.raises(ValueError, match=r"`a` has the queue `research` too.*`a` has the flavor `gpu` too"):
        build("queues", components, cluster=cluster(EKS, pools=POOLS))
