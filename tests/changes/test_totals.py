from __future__ import annotations

from fractions import Fraction

import pytest

from aurora.changes.consequences import loads, totals
from aurora.changes.pairs import Scene
from aurora.changes.sides import Side
from aurora.model.diff import Totals
from changes.scenes import scene, side

GIB = 2**30
POD = "{containers: [{name: c, image: r.example.com/c:1, resources: {requests: {cpu: 500m, memory: 1Gi}}}]}"
GPU = "{containers: [{name: c, image: r.example.com/c:1, resources: {limits: {%s: 2}}}]}"
HEAD = "apiVersion: %s\nkind: %s\nmetadata: {name: a, namespace: ml}\nspec: %s\n"
HEADS = f"headGroupSpec: {{template: {{spec: {POD}}}}}"
WORKERS = f"workerGroupSpecs: [{{replicas: 2, minReplicas: 3, numOfHosts: 2, template: {{spec: {POD}}}}}]"
RAY = f"{{{HEADS}, {WORKERS}}}"
LAUNCHER = f"Launcher: {{template: {{spec: {POD}}}}}"
MPI = f"{{mpiReplicaSpecs: {{{LAUNCHER}, Worker: {{replicas: 2, template: {{spec: {POD}}}}}}}}}"
ONE = Totals(pods=1, cpu=Fraction(1, 2), memory=Fraction(GIB))


def of(api_version: str, kind: str, spec: str) -> Totals:
    return totals.totals(side(HEAD % (api_version, kind, spec)))


def times(count: int) -> Totals:
    return Totals(pods=count, cpu=count * ONE.cpu, memory=count * ONE.memory)


@pytest.mark.parametrize(
    ("api_version", "kind", "spec", "count"),
    [
        ("v1", "Pod", POD, 1),
        ("apps/v1", "Deployment", f"{{template: {{spec: {POD}}}}}", 1),
        ("apps/v1", "Deployment", f"{{replicas: 3, template: {{spec: {POD}}}}}", 3),
        ("apps/v1", "Deployment", f"{{replicas: 0, template: {{spec: {POD}}}}}", 0),
        ("apps/v1", "StatefulSet", f"{{replicas: 2, template: {{spec: {POD}}}}}", 2),
        ("apps/v1", "DaemonSet", f"{{template: {{spec: {POD}}}}}", 0),
        ("argoproj.io/v1alpha1", "Rollout", f"{{replicas: 2, template: {{spec: {POD}}}}}", 2),
        ("batch/v1", "Job", f"{{parallelism: 4, completions: 2, template: {{spec: {POD}}}}}", 2),
        ("batch/v1", "Job", f"{{suspend: true, template: {{spec: {POD}}}}}", 0),
        ("batch/v1", "CronJob", f"{{jobTemplate: {{spec: {{parallelism: 2, template: {{spec: {POD}}}}}}}}}", 2),
        ("batch/v1", "CronJob", f"{{suspend: true, jobTemplate: {{spec: {{template: {{spec: {POD}}}}}}}}}", 0),
        (
            "jobset.x-k8s.io/v1alpha2",
            "JobSet",
            f"{{replicatedJobs: [{{replicas: 2, template: {{spec: {{parallelism: 2, template: {{spec: {POD}}}}}}}}}]}}",
            4,
        ),
        ("ray.io/v1", "RayCluster", RAY, 7),
        ("ray.io/v1", "RayJob", f"{{rayClusterSpec: {{headGroupSpec: {{template: {{spec: {POD}}}}}}}}}", 1),
        ("ray.io/v1", "RayService", f"{{rayClusterConfig: {{headGroupSpec: {{template: {{spec: {POD}}}}}}}}}", 1),
        ("kubeflow.org/v2beta1", "MPIJob", MPI, 3),
        (
            "trainer.kubeflow.org/v1alpha1",
            "TrainJob",
            "{trainer: {numNodes: 2, resourcesPerNode: {requests: {cpu: 500m, memory: 1Gi}}}}",
            2,
        ),
        (
            "serving.kserve.io/v1beta1",
            "InferenceService",
            "{predictor: {minReplicas: 2, model: {resources: {requests: {cpu: 500m, memory: 1Gi}}}}}",
            2,
        ),
        ("serving.kserve.io/v1alpha1", "LLMInferenceService", f"{{replicas: 2, template: {POD}}}", 2),
        (
            "ml.aurora.example.com/v1alpha1",
            "MLTrainingJob",
            "{nodes: 2, resources: {cpu: 500m, memory: 1Gi}}",
            2,
        ),
        ("ml.aurora.example.com/v1alpha1", "MLDeployment", "{stable: {replicas: 3}}", 0),
    ],
)
def test_pods_are_counted_by_the_rules_of_their_kind(api_version: str, kind: str, spec: str, count: int) -> None:
    assert of(api_version, kind, spec) == times(count)


@pytest.mark.parametrize(
    "resource",
    ["nvidia.com/gpu", "amd.com/gpu", "nvidia.com/mig-1g.5gb", "nvidia.com/gpu.shared", "gpu.intel.com/i915"],
)
def test_gpus_of_every_vendor_count_and_slices_of_them_too(resource: str) -> None:
    assert of("v1", "Pod", GPU % resource) == Totals(pods=1, gpus=Fraction(2))


@pytest.mark.parametrize("resource", ["nvidia.com/gpumem", "example.com/fpga", "cpu", "hugepages-2Mi"])
def test_other_resources_are_no_gpus(resource: str) -> None:
    assert not loads.is_gpu(resource)


def test_a_training_jobs_gpus_are_those_of_all_nodes() -> None:
    found = of("ml.aurora.example.com/v1alpha1", "MLTrainingJob", "{nodes: 2, resources: {gpu: {count: 4}}}")
    assert found == Totals(pods=2, gpus=Fraction(8))


def test_storage_is_that_of_claims_and_of_the_claims_of_every_replica() -> None:
    claim = "{resources: {requests: {storage: 10Gi}}}"
    assert of("v1", "PersistentVolumeClaim", claim).storage == 10 * GIB
    spec = f"{{replicas: 3, template: {{spec: {POD}}}, volumeClaimTemplates: [{{spec: {claim}}}]}}"
    assert of("apps/v1", "StatefulSet", spec).storage == 30 * GIB


def test_an_autoscalers_minimum_counts_in_place_of_replicas() -> None:
    workload = HEAD % ("apps/v1", "Deployment", f"{{template: {{spec: {POD}}}}}")
    target = "{scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}, minReplicas: 3, maxReplicas: 9}"
    scaler = HEAD % ("autoscaling/v2", "HorizontalPodAutoscaler", target)
    assert totals.totals(side(workload + "---\n" + scaler)) == times(3)


def test_what_a_limit_range_adds_counts() -> None:
    limits = HEAD % ("v1", "LimitRange", "{limits: [{type: Container, defaultRequest: {cpu: 500m, memory: 1Gi}}]}")
    pod = HEAD % ("v1", "Pod", "{containers: [{name: c, image: r.example.com/c:1}]}")
    assert totals.totals(side(limits + "---\n" + pod)) == ONE


def test_a_movement_counts_unchanged_objects_on_both_sides_and_reads_their_files_once() -> None:
    workload = HEAD % ("apps/v1", "Deployment", f"{{replicas: 1, template: {{spec: {POD}}}}}")
    other = workload.replace("name: a,", "name: b,")
    changed = workload.replace("replicas: 1", "replicas: 3")
    given = Scene(before=side(workload + "---\n" + other), after=side(changed + "---\n" + other), pairs=())
    for entry in (given.before, given.after):
        entry._read.clear()
    moved = totals.movement(given)
    assert (moved.environment, moved.before, moved.after) == ("example", times(2), times(4))
    assert len(given.before._read) == 1
    assert len(given.after._read) == 2


def test_files_that_hold_no_manifests_are_left_alone() -> None:
    files = {
        "README.md": b"kind: Deployment\n",
        "a.yaml": (HEAD % ("v1", "Pod", POD)).encode(),
        "b.bin": b"\xff\x00Pod",
    }
    given = Side("example", files)
    assert totals.totals(given) == ONE
    assert set(given._read) == {"a.yaml"}


def test_a_kind_behind_an_escape_is_found() -> None:
    text = (HEAD % ("v1", "Pod", POD)).replace("kind: Pod", 'kind: "P\\x6fd"')
    assert totals.totals(Side("example", {"a.yaml": text.encode()})) == ONE


SCALED = HEAD % ("apps/v1", "Deployment", f"{{template: {{spec: {POD}}}}}")
SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: a, namespace: ml}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}, minReplicas: 3, maxReplicas: 5}
"""


def test_the_replicas_that_a_deleted_autoscaler_set_stay() -> None:
    moved = totals.movement(scene(f"{SCALED}---\n{SCALER}", SCALED))
    assert (moved.before.pods, moved.after.pods) == (3, 3)
    stated = SCALED.replace("spec: {template", "spec: {replicas: 2, template")
    assert totals.movement(scene(f"{SCALED}---\n{SCALER}", stated)).after.pods == 2
    assert totals.movement(scene(f"{SCALED}---\n{SCALER}", "")).after.pods == 0
