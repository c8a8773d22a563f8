"""A training run: one writer of the Job, one writer of the model store, no second run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from components.building import MODEL_STORE, TRAINING, Built, build, specification, without
from environment.test_cluster_facts import AKS, cluster

GPU = "nvidia.com/gpu"


def training(**changes: Any) -> Built:
    return build("training", {"model-store": MODEL_STORE, "training": without(TRAINING, **changes)})


@pytest.fixture(scope="module")
def built() -> Built:
    return training(env={"MODEL_VERSION": "v1", "THREADS": "4"}, egress=[{"cidr": "192.0.2.0/24"}])


@pytest.fixture(scope="module")
def on_gpu() -> Built:
    return training(
        gpu={"count": 2, "product": "NVIDIA-A10"}, dataset={"type": "claim", "claim": "datasets", "path": "a/b"}
    )


@pytest.mark.parametrize("path", ["../../etc", "a/../../b", "..", "a/.", "/a"])
def test_no_path_of_a_run_leads_out_of_its_volume(path: str) -> None:
    for changes in (
        {"dataset": {"type": "claim", "claim": "c", "path": path}},
        {"checkpoints": {"claim": "c", "path": path}},
    ):
        with pytest.raises(ValidationError, match="path"):
            specification(without(TRAINING, **changes))
    specification(without(TRAINING, dataset={"type": "claim", "claim": "c", "path": "a..b/v1.2/_x.csv"}))


def job(built: Built) -> dict[str, Any]:
    (found,) = built.templates
    return found


def pod(built: Built) -> dict[str, Any]:
    spec: dict[str, Any] = job(built)["spec"]["template"]["spec"]
    return spec


def run(built: Built) -> dict[str, Any]:
    spec: dict[str, Any] = built.one("MLTrainingJob")["spec"]
    return spec


def test_the_job_is_judged_but_not_written(built: Built) -> None:
    assert job(built)["kind"] == "Job"
    assert built.kinds == ["ConfigMap", "MLTrainingJob", "NetworkPolicy", "ServiceAccount"]


def test_the_config_map_holds_exactly_the_job_that_is_judged(built: Built) -> None:
    template = built.one("ConfigMap")
    assert json.loads(template["data"]["job.json"]) == job(built)
    annotations = built.one("MLTrainingJob")["metadata"]["annotations"]
    assert annotations["aurora.example.com/job-template"] == template["metadata"]["name"]


def test_intent_and_job_agree(built: Built, on_gpu: Built) -> None:
    for case in (built, on_gpu):
        spec, workload, (container,) = run(case), job(case), pod(case)["containers"]
        assert built.one("MLTrainingJob")["metadata"]["name"] == workload["metadata"]["name"]
        assert (spec["backend"], spec["nodes"], spec["suspend"]) == ("Job", 1, False)
        assert spec["image"] == container["image"]
        assert spec["env"] == container["env"]
        assert spec["serviceAccountName"] == pod(case)["serviceAccountName"]
        assert spec["resources"]["memory"] == container["resources"]["requests"]["memory"]
        assert spec["retry"]["backoffLimit"] == workload["spec"]["backoffLimit"]
        assert spec["retry"]["activeDeadlineSeconds"] == workload["spec"]["activeDeadlineSeconds"]


def test_neither_intent_nor_job_has_a_time_to_live(built: Built) -> None:
    assert "ttlSecondsAfterFinished" not in run(built)
    assert "ttlSecondsAfterFinished" not in job(built)["spec"]


def test_a_pod_that_a_node_took_with_it_is_no_failure(built: Built) -> None:
    (rule,) = job(built)["spec"]["podFailurePolicy"]["rules"]
    assert rule == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
    assert pod(built)["restartPolicy"] == "Never"


def test_only_the_model_store_is_writable(on_gpu: Built) -> None:
    claims = {
        volume["name"]: volume["persistentVolumeClaim"]
        for volume in pod(on_gpu)["volumes"]
        if "persistentVolumeClaim" in volume
    }
    mounts = {mount["name"]: mount for mount in pod(on_gpu)["containers"][0]["volumeMounts"]}
    assert claims == {
        "models": {"claimName": "aurora-model-pvc"},
        "dataset": {"claimName": "datasets", "readOnly": True},
    }
    assert "readOnly" not in mounts["models"]
    assert mounts["dataset"]["readOnly"] is True


def test_a_training_pod_has_no_token_and_no_secret(built: Built) -> None:
    assert pod(built)["automountServiceAccountToken"] is False
    assert built.one("ServiceAccount")["automountServiceAccountToken"] is False
    assert "secret" not in json.dumps(pod(built)).lower()


def test_what_describes_the_run_cannot_be_replaced(built: Built) -> None:
    values = {entry["name"]: entry["value"] for entry in run(built)["env"]}
    assert values["MODEL_VERSION"] == "v20260901-120000"
    assert values["THREADS"] == "4"


def test_gpus_are_limited_as_requested_and_reach_a_node_that_has_them(on_gpu: Built) -> None:
    resources = pod(on_gpu)["containers"][0]["resources"]
    assert resources["requests"][GPU] == resources["limits"][GPU] == "2"
    assert pod(on_gpu)["tolerations"] == [{"key": GPU, "operator": "Exists", "effect": "NoSchedule"}]
    assert pod(on_gpu)["nodeSelector"] == {"nvidia.com/gpu.product": "NVIDIA-A10"}
    assert run(on_gpu)["resources"]["gpu"] == {"count": 2, "product": "NVIDIA-A10"}
    shared = next(volume for volume in pod(on_gpu)["volumes"] if volume["name"] == "shared-memory")
    assert shared["emptyDir"] == {"medium": "Memory", "sizeLimit": "1Gi"}


def test_a_gpu_of_any_model_still_selects_nodes_with_gpus() -> None:
    assert pod(training(gpu={}))["nodeSelector"] == {"nvidia.com/gpu.present": "true"}


def test_without_gpus_nothing_speaks_of_them(built: Built) -> None:
    assert "nodeSelector" not in pod(built)
    assert "tolerations" not in pod(built)
    assert "nvidia" not in json.dumps(built.emitted)


def test_nobody_calls_the_trainer_and_it_calls_only_what_is_listed(built: Built) -> None:
    policy = built.one("NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert not policy.get("ingress")
    dns, dataset = policy["egress"]
    assert {port["port"] for port in dns["ports"]} == {53}
    assert dataset["to"] == [{"ipBlock": {"cidr": "192.0.2.0/24"}}]
    assert [port["port"] for port in dataset["ports"]] == [443]
    labels = job(built)["spec"]["template"]["metadata"]["labels"]
    assert policy["podSelector"]["matchLabels"].items() <= labels.items()


def test_another_version_is_another_object() -> None:
    later = training(version="v20261101-090000")
    assert later.one("MLTrainingJob")["metadata"]["name"] == "california-housing-v20261101-090000"
    assert run(later)["output"] == {
        "claimName": "aurora-model-pvc",
        "basePath": "/shared-models/aurora",
        "version": "v20261101-090000",
    }


def test_a_model_without_a_folder_in_the_store_is_an_error() -> None:
    with pytest.raises(ValueError, match="has no model `iris`"):
        training(model="iris")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": "a" * 24}, "more than 23 characters"),
        ({"version": "V1"}, "version"),
        ({"gpu": {"sharedMemory": "2Gi"}}, "leaves nothing of the memory limit"),
        ({"gpu": {"sharedMemory": "2048Mi"}, "resources": {"cpu": "1", "memory": "2G"}}, "leaves nothing"),
        ({"dataset": {"type": "uri", "uri": "not a location"}}, "uri"),
        ({"egress": [{"cidr": "192.0.2.1/24"}]}, "host bits"),
        ({"retry": {"backoffLimit": 11}}, "backoffLimit"),
    ],
)
def test_what_the_cluster_would_refuse_is_refused_here(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        specification(without(TRAINING, **changes))


def test_shared_memory_below_the_limit_is_accepted() -> None:
    entry = without(TRAINING, gpu={"sharedMemory": "2047Mi"}, resources={"cpu": "1", "memory": "2Gi"})
    assert specification(entry).kind == "TrainingJob"


def pooled(gpu: dict[str, Any], pool: str = "gpu") -> Built:
    pools = {
        "gpu": {
            "machine": "Standard_NC64as_T4_v3",
            "capacity": "spot",
            "minimum": 0,
            "maximum": 2,
            "taints": [{"key": GPU, "value": "true"}],
        }
    }
    kept = {"spot": True, "checkpoints": {"claim": "checkpoints"}}
    components = {"model-store": MODEL_STORE, "training": without(TRAINING, gpu=gpu, pool=pool, **kept)}
    return build("training", components, cluster=cluster(AKS, pools=pools))


def test_a_run_in_a_pool_selects_it_by_name_and_tolerates_its_taints() -> None:
    spec = pod(pooled({"count": 4, "product": "Tesla-T4"}))
    assert spec["nodeSelector"] == {"kubernetes.azure.com/agentpool": "gpu"}
    assert [entry["key"] for entry in spec["tolerations"]] == ["kubernetes.azure.com/scalesetpriority", GPU]
    assert all(entry["operator"] == "Equal" for entry in spec["tolerations"])
    assert "affinity" not in spec


@pytest.mark.parametrize(
    ("gpu", "pool", "words"),
    [
        (
            {"count": 8},
            "gpu",
            "needs 8 GPUs: the largest machine of pool `gpu`, `Standard_NC64as_T4_v3`, has 4 of 16 GiB",
        ),
        ({"product": "NVIDIA-L4"}, "gpu", "needs 1 GPU `NVIDIA-L4`: the GPUs of pool `gpu` are `Tesla-T4`"),
        ({}, "gpus", "there is no node pool `gpus`: did you mean `gpu`"),
    ],
)
def test_a_gpu_that_no_machine_of_the_pool_has_is_refused(gpu: dict[str, Any], pool: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        pooled(gpu, pool)
