"""What is committed for `gpu-dev` and `gpu-prod` is what the GPU platform document asks for; tests name the lines."""

from __future__ import annotations

from typing import Any

import pytest

from aurora.paths import RepositoryPaths
from aurora.yamlio import reading

ENVIRONMENTS = ("gpu-dev", "gpu-prod")


@pytest.fixture(params=ENVIRONMENTS)
def committed(request: pytest.FixtureRequest, repository: RepositoryPaths) -> list[dict[str, Any]]:
    paths = sorted((repository.root / "generated" / request.param).rglob("*.yaml"))
    return [reading.parse(reading.decode(path.read_bytes())).value for path in paths]  # type: ignore[misc]


def by_name(committed: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {body["metadata"]["name"]: body for body in committed if body["kind"] == kind}


def test_runs_of_ray_and_of_horovod_wait_in_a_queue(committed: list[dict[str, Any]]) -> None:
    """Lines 32 and 50: Horovod and Ray; what new work takes beside them."""
    runs = [body for body in committed if body["kind"] in ("Job", "MPIJob", "RayJob", "TrainJob")]
    queued = [body["kind"] for body in runs if "kueue.x-k8s.io/queue-name" in body["metadata"].get("labels", {})]
    assert sorted(queued) == ["Job", "MPIJob", "RayJob", "TrainJob"]
    assert "training" in by_name(committed, "LocalQueue")


def test_data_and_checkpoints_lie_on_efs_and_scratch_on_ebs(committed: list[dict[str, Any]]) -> None:
    """Lines 25, 27, 49 and 51."""
    claims, classes = by_name(committed, "PersistentVolumeClaim"), by_name(committed, "StorageClass")
    for name in ("datasets", "checkpoints"):
        assert claims[name]["spec"]["accessModes"] == ["ReadWriteMany"]
        assert classes[claims[name]["spec"]["storageClassName"]]["provisioner"] == "efs.csi.aws.com"
    run = by_name(committed, "Job")["ranking-v20261112-090000"]
    (scratch,) = [each for each in run["spec"]["template"]["spec"]["volumes"] if "ephemeral" in each]
    claim = scratch["ephemeral"]["volumeClaimTemplate"]["spec"]
    assert (claim["storageClassName"], classes["gp3"]["provisioner"]) == ("gp3", "ebs.csi.aws.com")
    (copying,) = by_name(committed, "CronJob")["images-v3"]["spec"]["jobTemplate"]["spec"]["template"]["spec"][
        "volumes"
    ][:1]
    assert copying["persistentVolumeClaim"] == {"claimName": "datasets"}


def test_the_model_is_scaled_by_cpu_and_memory_and_prefers_spot_machines(committed: list[dict[str, Any]]) -> None:
    """Lines 15, 57, 58, 78 and 118."""
    scaler = by_name(committed, "HorizontalPodAutoscaler")["vision-api"]["spec"]
    assert [each["resource"]["name"] for each in scaler["metrics"]] == ["cpu", "memory"]
    pod = by_name(committed, "Deployment")["vision-api"]["spec"]["template"]["spec"]
    (preferred,) = pod["affinity"]["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    (wanted,) = preferred["preference"]["matchExpressions"]
    assert wanted["values"] == ["cpu-inference"]
    assert by_name(committed, "Ingress")["vision-api"]["spec"]["ingressClassName"] == "edge"


def test_recommendations_change_nothing_that_runs(committed: list[dict[str, Any]]) -> None:
    """Line 78: VPA for training."""
    found = by_name(committed, "VerticalPodAutoscaler")
    assert found
    assert {body["spec"]["updatePolicy"]["updateMode"] for body in found.values()} == {"Off"}


def test_pods_of_people_are_restricted(committed: list[dict[str, Any]]) -> None:
    """Line 65: Pod Security Admission in the place of the policies that Kubernetes 1.25 removed."""
    levels = {
        name: body["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        for name, body in by_name(committed, "Namespace").items()
    }
    assert levels["ml"] == levels["training-operators"] == "restricted"
    # What mounts paths of the hosts.
    privileged = {name for name, level in levels.items() if level == "privileged"}
    assert {"gpu-devices", "monitoring", "storage-drivers"} <= privileged


def test_what_the_document_wants_to_be_told_has_an_alert_and_a_dashboard(committed: list[dict[str, Any]]) -> None:
    """Lines 94 to 96, and 99 to 101."""
    rules = [
        rule["alert"]
        for body in by_name(committed, "PrometheusRule").values()
        for group in body["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]
    assert {"NodeCpuBusy", "NodeMemoryBusy", "TrainingRunFailed", "ModelInputDrifts", "NodeNotReady"} <= {*rules}
    assert {"VolumeFillsUp", "NodeDiskFillsUp", "TrainingStalls"} <= {*rules}
    boards = {name for name in by_name(committed, "ConfigMap") if name.endswith("-dashboard")}
    assert {"monitoring-dashboard", "monitoring-infrastructure-dashboard", "monitoring-training-dashboard"} <= boards
