"""One run on every backend: the same pods, and a reason where a backend cannot do what is asked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from aurora.kinds import paths, table
from aurora_constructs.components.training_job.backends import ABILITIES, ELASTIC, MULTI_NODE
from aurora_constructs.machines import NVIDIA
from components.building import MODEL_STORE, TRAINING, Built, build, specification, without

COMMAND = {"command": ["python", "train.py"], "ray": {"version": "2.52.0"}}
OWN = {"MLTrainingJob", "Job"}


def run(backend: str, **changes: Any) -> Built:
    training = without(TRAINING, backend=backend, **{**COMMAND, **changes})
    return build("training", {"model-store": MODEL_STORE, "training": training})


def pods_of(built: Built) -> list[dict[str, Any]]:
    """Give the specs of all pods that a run's objects describe."""
    found: list[Any] = []
    for body in (*built.emitted, *built.templates):
        kind = table.find(body["apiVersion"].partition("/")[0] if "/" in body["apiVersion"] else "", body["kind"])
        for place in kind.pods if kind else ():
            if place.form.name != "CONTAINER":
                found += [value["spec"] for _, value in paths.follow(body, place.at) if isinstance(value, dict)]
    return found


def trainers(built: Built) -> list[dict[str, Any]]:
    """Give the pods that train: those with the run's GPUs."""
    containers = [(spec, spec["containers"][0]) for spec in pods_of(built)]
    return [spec for spec, container in containers if NVIDIA in container["resources"].get("limits", {})]


@pytest.mark.parametrize("backend", sorted(ABILITIES))
def test_whatever_runs_it_the_pod_that_trains_is_the_same(backend: str) -> None:
    gpu = {"count": 2, "sharedMemory": "1Gi"}
    (found,) = trainers(run(backend, gpu=gpu, checkpoints={"claim": "checkpoints"}, topology="example.com/rack"))
    (other,) = trainers(run("Job", gpu=gpu, checkpoints={"claim": "checkpoints"}, topology="example.com/rack"))
    for spec in (found, other):
        container = spec["containers"][0]
        for key in ("name", "command", "args"):
            container.pop(key, None)
        container["env"] = [each for each in container["env"] if not each["name"].startswith("PET_")]
        spec.setdefault("restartPolicy", "Never")
    assert found == other


@pytest.mark.parametrize("backend", sorted(ABILITIES))
def test_every_pod_of_a_run_is_hardened_and_has_the_account(backend: str) -> None:
    for spec in pods_of(run(backend)):
        assert spec["serviceAccountName"] == "aurora-training"
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert all(each["securityContext"]["readOnlyRootFilesystem"] for each in spec["containers"])


@pytest.mark.parametrize("backend", sorted(ABILITIES))
def test_a_backend_runs_on_several_nodes_or_says_why_not(backend: str) -> None:
    if backend in MULTI_NODE:
        assert run(backend, nodes=3)
    else:
        with pytest.raises(ValueError, match=r"runs on one node, not on 3: .* must start again as a whole.*`JobSet`"):
            run(backend, nodes=3)


@pytest.mark.parametrize("backend", sorted(ABILITIES))
def test_a_backend_is_elastic_or_says_why_not(backend: str) -> None:
    entry = {"nodes": 2, "elastic": {"minimum": 1, "maximum": 4}}
    if backend in ELASTIC:
        assert run(backend, **entry)
    else:
        with pytest.raises(ValueError, match=f"`{backend}` is not elastic: .*backends `MPIJob`, `RayJob`"):
            run(backend, **entry)


@pytest.mark.parametrize(
    ("backend", "changes", "words"),
    [
        ("MPIJob", {"command": []}, "`MPIJob` needs `command`: `mpirun` or `horovodrun` starts it"),
        ("RayJob", {"command": []}, "`RayJob` needs `command`: Ray starts it on the head"),
        ("RayJob", {"ray": {}}, "does not tell the version of Ray"),
        (
            "RayJob",
            {"queue": "a", "nodes": 2, "elastic": {"minimum": 1, "maximum": 2}},
            "Kueue admits no RayJob whose number of nodes Ray changes",
        ),
    ],
)
def test_what_a_backend_lacks_is_told(backend: str, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        run(backend, **changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"elastic": {"minimum": 4, "maximum": 2}}, "maximum 2 is below minimum 4"),
        ({"elastic": {"minimum": 2, "maximum": 4}}, "`nodes` is 1, and `elastic` is from 2 to 4"),
        ({"spot": True}, "`spot` needs `checkpoints`"),
        ({"spot": True, "checkpoints": {"claim": "c"}, "doNotDisrupt": True}, "exclude each other"),
        ({"priority": "high"}, "`priority` orders a queue"),
        ({"sharedMemory": "1Gi", "gpu": {}}, "states its shared memory as `gpu.sharedMemory`"),
        ({"sharedMemory": "2Gi"}, "leaves nothing of the memory limit"),
        ({"nodes": 0}, "nodes"),
        ({"backend": "PyTorchJob"}, "backend"),
    ],
)
def test_what_contradicts_itself_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        specification(without(TRAINING, **changes))


def test_a_run_without_a_queue_speaks_of_none_and_a_queued_one_is_not_suspended_by_git() -> None:
    for backend in sorted(set(ABILITIES) - {"MLTrainingJob"}):
        assert "kueue" not in str(run(backend).emitted)
        queued = run(backend, queue="research", priority="low")
        labelled = [
            body for body in queued.emitted if "kueue.x-k8s.io/queue-name" in body["metadata"].get("labels", {})
        ]
        assert [body["kind"] for body in labelled] == [backend]
        assert labelled[0]["metadata"]["labels"]["kueue.x-k8s.io/priority-class"] == "low"
        assert "suspend" not in str(labelled[0])


def test_only_the_head_of_an_elastic_ray_cluster_has_a_token() -> None:
    tokens = [
        spec["containers"][0]["name"]
        for spec in pods_of(run("RayJob", nodes=2, elastic={"minimum": 1, "maximum": 3}))
        if spec["automountServiceAccountToken"]
    ]
    assert tokens == ["ray-head"]


@settings(max_examples=15)
@given(nodes=st.integers(1, 64), gpus=st.integers(1, 16))
def test_mpi_starts_one_process_for_each_gpu(nodes: int, gpus: int) -> None:
    job = run("MPIJob", nodes=nodes, gpu={"count": gpus}).one("MPIJob")["spec"]
    (launcher,) = job["mpiReplicaSpecs"]["Launcher"]["template"]["spec"]["containers"]
    count = int(launcher["args"][launcher["args"].index("-np") + 1])
    assert count == job["slotsPerWorker"] * job["mpiReplicaSpecs"]["Worker"]["replicas"] == nodes * gpus
