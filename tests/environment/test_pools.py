"""Node pools: what is stated, what the provider adds, and how a component reaches a pool that anybody makes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aurora_constructs.allocatable import karpenter as karpenter_room
from aurora_constructs.cluster import UnavailableError
from aurora_constructs.components.node_pools.spec import NodePoolsSpec
from aurora_constructs.machines import AZURE, EC2
from aurora_constructs.platform import Platform
from environment.test_cluster_facts import AKS, EKS, cluster, problems

GPU_TAINT = {"key": "nvidia.com/gpu", "value": "true"}
KARPENTER = NodePoolsSpec.model_validate_json(
    '{"kind": "NodePools", "ami": "al2023@v20261106", "role": "nodes", "pools": {"gpu-workloads": {"families": '
    '["g4dn", "g5", "p4d"], "capacity": "spot-preferred", "taints": [{"key": "nvidia.com/gpu", "value": "true"}], '
    '"limits": {"cpu": "96", "memory": "384Gi", "gpus": 4}}}}'
)


def aks(**pools: Any) -> Platform:
    return Platform(environment="a", cluster=cluster(AKS, pools=pools))


def karpenter(**facts: Any) -> Platform:
    return Platform(environment="a", cluster=cluster(EKS, name="ml", **facts), components={"nodes": KARPENTER})


def test_spot_pools_of_aks_have_its_label_and_taint_before_their_own() -> None:
    pool = aks(
        gpu={"machine": "Standard_NC4as_T4_v3", "capacity": "spot", "minimum": 0, "maximum": 2, "taints": [GPU_TAINT]}
    )
    found = pool.pool("gpu")
    assert found.node_selector == {"kubernetes.azure.com/agentpool": "gpu"}
    assert [(each["key"], each["value"]) for each in found.tolerations] == [
        ("kubernetes.azure.com/scalesetpriority", "spot"),
        ("nvidia.com/gpu", "true"),
    ]
    assert found.labels["agentpool"] == "gpu"
    assert found.labels["kubernetes.azure.com/scalesetpriority"] == "spot"
    assert [(gpu.product, gpu.memory_gib) for gpu in found.gpus] == [("Tesla-T4", 16)]


def test_a_taint_that_aks_adds_may_be_written_too_and_is_there_once() -> None:
    spot = {"key": "kubernetes.azure.com/scalesetpriority", "value": "spot"}
    pool = {"machine": "Standard_D8s_v3", "capacity": "spot", "minimum": 0, "maximum": 2, "taints": [spot]}
    assert len(aks(training=pool).pool("training").taints) == 1


def test_node_groups_of_eks_have_their_capacity_as_a_label_and_no_taint() -> None:
    general = {"machine": "t3.large", "minimum": 2, "maximum": 4}
    pool = Platform(environment="a", cluster=cluster(EKS, pools={"general": general})).pool("general")
    assert pool.labels["eks.amazonaws.com/capacityType"] == "ON_DEMAND"
    assert pool.node_selector == {"eks.amazonaws.com/nodegroup": "general"}
    assert pool.tolerations == []


def test_what_a_node_has_for_pods_is_what_karpenter_and_the_providers_leave() -> None:
    expected = {"g4dn.xlarge": (3920, 14481), "c5.2xlarge": (7910, 14162), "p4d.24xlarge": (95690, 1082712)}
    rooms = {name: karpenter_room(EC2[name]) for name in expected}
    assert {name: (room.millicpu, room.memory_mib) for name, room in rooms.items()} == expected
    room = aks(a={"machine": "Standard_D8s_v3", "minimum": 0, "maximum": 2, "maxPods": 30}).pool("a").rooms[0]
    assert (room.millicpu, room.memory_mib) == (7820, 32768 - 619 - 100)
    small = aks(a={"machine": "Standard_D2s_v3", "minimum": 0, "maximum": 2}).pool("a").rooms[0]
    assert small.memory_mib == 8192 - 2048 - 100


def test_own_machines_are_stated_by_numbers_and_labels() -> None:
    machine = {
        "type": "rack-a",
        "cpus": 62,
        "memoryGib": 250,
        "gpus": 2,
        "gpuProduct": "NVIDIA-L40S",
        "gpuMemoryGib": 48,
    }
    facts = {"machine": machine, "labels": {"example.com/rack": "a"}, "minimum": 3, "maximum": 3}
    pool = Platform(environment="a", cluster=cluster({"provider": "bare-metal"}, pools={"gpu": facts})).pool("gpu")
    assert (pool.node_selector, pool.gpus[0].memory_mib) == ({"example.com/rack": "a"}, 48 * 1024)


def test_a_component_makes_pools_that_others_reach_like_stated_ones() -> None:
    general = {"machine": "t3.large", "minimum": 2, "maximum": 4}
    platform = karpenter(pools={"general": general})
    assert sorted(platform.pools()) == ["general", "gpu-workloads"]
    pool = platform.pool("gpu-workloads")
    assert pool.placement["nodeSelector"] == {"karpenter.sh/nodepool": "gpu-workloads"}
    assert pool.placement["tolerations"] == [{**GPU_TAINT, "operator": "Equal", "effect": "NoSchedule"}]
    assert (pool.capacities, pool.limits["nvidia.com/gpu"], pool.maximum) == (("spot", "on-demand"), "4", None)
    assert [gpu.short for gpu in pool.gpus] == ["t4", "a10g", "a100"]


def test_a_pool_with_several_gpus_is_narrowed_to_those_that_suffice() -> None:
    narrowed = karpenter().pool("gpu-workloads").with_gpus(1, 20)
    assert {machine.family for machine in narrowed.machines} == {"g5", "p4d"}
    terms = narrowed.placement["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    (term,) = terms["nodeSelectorTerms"][0]["matchExpressions"]
    assert term == {"key": "karpenter.k8s.aws/instance-gpu-memory", "operator": "Gt", "values": ["20479"]}
    assert "affinity" not in karpenter().pool("gpu-workloads").with_gpus(4, 16).placement


def test_a_kind_of_gpu_is_told_apart_by_its_name() -> None:
    narrowed = karpenter().pool("gpu-workloads").with_gpus(1, product="NVIDIA-A10G")
    assert [(each.key, each.values) for each in narrowed.requirements] == [
        ("karpenter.k8s.aws/instance-gpu-name", ("a10g",))
    ]
    assert len(narrowed.rooms) == len(narrowed.machines) == 8


def test_a_gpu_that_no_machine_has_is_said_with_its_figures() -> None:
    t4 = aks(gpu={"machine": "Standard_NC4as_T4_v3", "minimum": 0, "maximum": 2}).pool("gpu")
    with pytest.raises(
        ValueError, match=r"needs 1 GPU of 24 GiB: the largest machine of pool `gpu`, .* has 1 of 16 GiB"
    ):
        t4.with_gpus(1, 24)
    with pytest.raises(ValueError, match="needs 1 GPU of 1 GiB: pool `gpu` has no GPUs"):
        replace(t4, machines=(AZURE["Standard_D4s_v3"],)).with_gpus(1, 1)


def test_an_unknown_pool_is_said_with_the_nearest_name_at_its_key() -> None:
    platform = karpenter()
    with pytest.raises(UnavailableError, match="no node pool `gpu-workload`: did you mean `gpu-workloads`"):
        platform.pool("gpu-workload")
    (problem,) = platform.pool_problems("gpu-workload", "pool")
    assert (problem.steps, problem.needs) == (("pool",), "pools")
    assert list(platform.pool_problems("gpu-workloads", "pool")) == list(platform.pool_problems(None, "pool")) == []


def test_karpenter_needs_a_named_cluster_of_aws_and_names_of_its_own() -> None:
    def words(platform: Platform) -> list[str]:
        return [
            problem.words for problem in KARPENTER.problems("nodes", replace(platform, components={"nodes": KARPENTER}))
        ]

    assert words(karpenter()) == []
    assert "states no `cluster.name`" in words(Platform(environment="a", cluster=cluster(EKS)))[0]
    assert "an AKS cluster gets no nodes of Karpenter" in words(aks())[0]
    twice = {"gpu-workloads": {"machine": "g4dn.xlarge", "minimum": 0, "maximum": 1}}
    assert "`cluster.pools` has a pool `gpu-workloads` too" in words(karpenter(pools=twice))[0]
    both = replace(karpenter(), components={"a": KARPENTER, "nodes": KARPENTER})
    assert "`a` has a pool `gpu-workloads` too" in next(iter(KARPENTER.problems("nodes", both))).words


@pytest.mark.parametrize(
    ("facts", "pool", "words"),
    [
        (EKS, {"machine": "g4dn.xlarg"}, "did you mean `g4dn.xlarge`"),
        (EKS, {"machine": "p3.2xlarge"}, "its V100 is no GPU of CUDA 13"),
        (AKS, {"machine": "Standard_NC6s_v3"}, "Azure retired NCv3 on 30 September 2025"),
        (AKS, {"machine": "g4dn.xlarge"}, "no machine type that is known here"),
        (AKS, {"machine": "Standard_D4s_v3", "minimum": 3}, "maximum 2 is below minimum 3"),
        (AKS, {"machine": "Standard_D4s_v3", "mode": "system"}, "has at least one node"),
        (
            AKS,
            {"machine": "Standard_D4s_v3", "taints": [{"key": "a", "value": True}]},
            "`cluster.pools.one.taints.0.value` is `true`, must be a string =>",
        ),
        (EKS, {"machine": {"type": "x1", "cpus": 4, "memoryGib": 8, "gpus": 1}}, "`gpuProduct`"),
        ({"provider": "bare-metal"}, {"machine": {"type": "x", "cpus": 4, "memoryGib": 8}}, "labels"),
    ],
)
def test_a_pool_that_cannot_be_is_an_error_at_its_place(
    tmp_path: Path, facts: dict[str, Any], pool: dict[str, Any], words: str
) -> None:
    found = problems(tmp_path, **{**facts, "pools": {"one": {"minimum": 0, "maximum": 2, **pool}}})
    assert any(words in line for line in found), found
    assert all(line.startswith("1:") and "`cluster.pools.one" in line for line in found)


@pytest.mark.parametrize(
    ("pool", "words"),
    [
        ({"families": ["g5x"]}, "did you mean `g5`"),
        ({"families": ["p3"]}, "CUDA 13"),
        ({"families": ["c5"], "sizes": ["5xlarge"]}, "none of the families has the size `5xlarge`"),
        ({"families": ["g5"]}, "state `limits.gpus`"),
    ],
)
def test_machines_that_karpenter_cannot_start_are_refused(pool: dict[str, Any], words: str) -> None:
    body = {"families": ["c5"], "limits": {"cpu": "8", "memory": "8Gi"}, **pool}
    with pytest.raises(ValueError, match=words):
        NodePoolsSpec.model_validate(
            {"kind": "NodePools", "ami": "al2023@v20261106", "role": "nodes", "pools": {"one": body}}
        )


@pytest.mark.parametrize("identity", [{}, {"role": "a", "instanceProfile": "b"}])
def test_nodes_have_a_role_or_an_instance_profile(identity: dict[str, str]) -> None:
    body = {"families": ["c5"], "limits": {"cpu": "8", "memory": "8Gi"}}
    with pytest.raises(ValueError, match="either `role` or `instanceProfile`"):
        NodePoolsSpec.model_validate(
            {"kind": "NodePools", "ami": "al2023@v20261106", "pools": {"one": body}, **identity}
        )


def test_the_table_has_the_machines_of_the_clouds_by_their_numbers() -> None:
    assert (EC2["c5.2xlarge"].cpus, EC2["c5.2xlarge"].memory_mib, EC2["c5.2xlarge"].pods) == (8, 16384, 58)
    assert EC2["g5.12xlarge"].gpus == 4
    gpu = AZURE["Standard_NC24ads_A100_v4"].gpu
    assert gpu is not None
    assert gpu.memory_mib == 80 * 1024
