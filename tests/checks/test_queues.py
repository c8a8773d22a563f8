"""Runs and the queues of Kueue: figures of what is too much, and what nobody can know."""

from __future__ import annotations

from typing import Any

import pytest

from aurora import rule_texts
from aurora.checks.scheduling import CHECK
from aurora.cluster import quotas
from checks.test_rule_examples import SETTINGS
from checks.test_scheduling import inventory
from environment.test_cluster_facts import EKS

GPU = {
    "machine": "g5.12xlarge",
    "minimum": 0,
    "maximum": 2,
    "taints": [{"key": "nvidia.com/gpu", "value": "true"}],
}
SPOT = {"machine": "m5.4xlarge", "capacity": "spot", "minimum": 0, "maximum": 4}
POOLS = {"gpu": GPU, "cpu": SPOT}
NODES = "nodeSelector: {eks.amazonaws.com/nodegroup: gpu}"
TOLERATIONS = 'tolerations: [{key: nvidia.com/gpu, operator: Equal, value: "true"}]'


def flavor(name: str, taint: str = "") -> str:
    taints = f"\n  nodeTaints: [{{key: {taint}, value: 'true', effect: NoSchedule}}]" if taint else ""
    return f"""\
apiVersion: kueue.x-k8s.io/v1beta2
kind: ResourceFlavor
metadata: {{name: {name}}}
spec:
  nodeLabels: {{eks.amazonaws.com/nodegroup: {name}}}{taints}
"""


def queue(gpus: int, *, name: str = "research", cohort: str = "", borrow: str = "", cpu: int = 100) -> str:
    limit = f", borrowingLimit: {borrow}" if borrow else ""
    member = f"\n  cohortName: {cohort}" if cohort else ""
    return f"""\
apiVersion: kueue.x-k8s.io/v1beta2
kind: ClusterQueue
metadata: {{name: {name}}}
spec:{member}
  namespaceSelector: {{}}
  resourceGroups:
    - coveredResources: [cpu, memory, nvidia.com/gpu]
      flavors:
        - name: gpu
          resources:
            - {{name: cpu, nominalQuota: {cpu}}}
            - {{name: memory, nominalQuota: 400Gi}}
            - {{name: nvidia.com/gpu, nominalQuota: {gpus}{limit}}}
        - name: cpu
          resources:
            - {{name: cpu, nominalQuota: 8}}
            - {{name: memory, nominalQuota: 32Gi}}
            - {{name: nvidia.com/gpu, nominalQuota: 0}}
---
apiVersion: kueue.x-k8s.io/v1beta2
kind: LocalQueue
metadata: {{name: {name}, namespace: ml}}
spec: {{clusterQueue: {name}}}
"""


FLAVORS = (flavor("gpu", "nvidia.com/gpu"), flavor("cpu"))


def pod(gpus: int, cpu: str = "4", place: str = f"{NODES}, {TOLERATIONS}") -> str:
    asked = f"requests: {{cpu: '{cpu}', memory: 16Gi}}, limits: {{memory: 16Gi, nvidia.com/gpu: {gpus}}}"
    container = f"{{name: node, image: r.example.com/a:1, resources: {{{asked}}}}}"
    return f"{{spec: {{restartPolicy: Never, {place}, containers: [{container}]}}}}"


def train_job(nodes: int, template: str, trainer: str = "") -> str:
    return f"""\
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {{name: train, namespace: ml, labels: {{kueue.x-k8s.io/queue-name: research}}}}
spec:
  runtimeRef: {{kind: TrainingRuntime, name: torch}}
  trainer: {{numNodes: {nodes}{trainer}}}
---
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainingRuntime
metadata: {{name: torch, namespace: ml}}
spec: {{template: {{spec: {{replicatedJobs: [{{name: node, template: {{spec: {{template: {template}}}}}}}]}}}}}}
"""


def job_set(nodes: int, template: str, *, name: str = "train", label: bool = True) -> str:
    labels = ", labels: {kueue.x-k8s.io/queue-name: research}" if label else ""
    return f"""\
apiVersion: jobset.x-k8s.io/v1alpha2
kind: JobSet
metadata: {{name: {name}, namespace: ml{labels}}}
spec:
  replicatedJobs:
    - {{name: node, template: {{spec: {{parallelism: {nodes}, completions: {nodes}, template: {template}}}}}}}
"""


def found(rule: str, *streams: str, **pools: Any) -> list[str]:
    result = CHECK.run(inventory(*streams, facts=EKS, **(pools or POOLS)), SETTINGS)
    return [finding.message for finding in result.findings if finding.rule == f"scheduling/{rule}"]


def never(*streams: str) -> list[str]:
    return found("never-admitted", *streams, *FLAVORS)


@pytest.mark.parametrize("made", [train_job, job_set])
def test_a_run_that_asks_for_more_than_its_queue_has_is_told_with_the_figures(made: Any) -> None:
    (message,) = never(made(3, pod(4)), queue(8))
    assert message == (
        "the queue `research` never admits the run: it asks for 12 of `nvidia.com/gpu` (3 x 4), ClusterQueue research "
        "has in `gpu` 8"
    )
    assert never(made(2, pod(4)), queue(8)) == []


def test_what_the_cohort_lends_counts_up_to_the_limit() -> None:
    lender = queue(4, name="production", cohort="ml")
    assert never(job_set(3, pod(4)), queue(8, cohort="ml"), lender) == []
    (message,) = never(job_set(3, pod(4)), queue(8, cohort="ml", borrow="2"), lender)
    assert message.endswith("has in `gpu` 8 and may borrow 2")
    (message,) = never(job_set(4, pod(4)), queue(8, cohort="ml"), lender)
    assert message.endswith("has in `gpu` 8 and may borrow 4")


def test_a_cohort_with_quotas_of_its_own_is_not_judged_by_what_it_lends() -> None:
    cohort = "apiVersion: kueue.x-k8s.io/v1beta2\nkind: Cohort\nmetadata: {name: ml}\nspec: {parentName: all}\n"
    assert never(job_set(9, pod(4)), queue(8, cohort="ml"), cohort) == []
    assert len(never(job_set(9, pod(4)), queue(8, cohort="ml", borrow="4"), cohort)) == 1


def test_a_flavour_is_not_for_pods_that_do_not_tolerate_it_or_select_other_nodes() -> None:
    (message,) = never(job_set(1, pod(1, place=NODES)), queue(8))
    assert message.endswith(
        "no flavour is for its pods (`gpu`: its taint `nvidia.com/gpu` is not tolerated; `cpu`: its nodes have "
        "`eks.amazonaws.com/nodegroup: cpu`, and the pod selects `gpu`)"
    )


def test_a_resource_that_the_queue_does_not_cover_is_never_admitted() -> None:
    storage = pod(1).replace("memory: 16Gi}, limits", "memory: 16Gi, ephemeral-storage: 1Gi}, limits")
    (message,) = never(job_set(1, storage), queue(8))
    assert message.endswith("its pods request `ephemeral-storage`, which ClusterQueue research does not cover")


def test_the_sets_of_a_run_count_together() -> None:
    ray = """\
apiVersion: ray.io/v1
kind: RayJob
metadata: {name: train, namespace: ml, labels: {kueue.x-k8s.io/queue-name: research}}
spec:
  shutdownAfterJobFinishes: true
  rayClusterSpec:
    headGroupSpec: {rayStartParams: {}, template: %s}
    workerGroupSpecs: [{groupName: a, replicas: 2, minReplicas: 2, maxReplicas: 2, rayStartParams: {}, template: %s}]
"""
    head = pod(1).replace(", nvidia.com/gpu: 1", "")
    assert never(ray % (head, pod(4)), queue(8, cpu=12)) == []
    (message,) = never(ray % (head, pod(4)), queue(8, cpu=11))
    assert "it asks for 12 of `cpu`, ClusterQueue research has in `gpu` 11" in message


def test_a_run_whose_pods_no_manifest_knows_is_not_judged() -> None:
    assert never(train_job(9, pod(4)).partition("---")[0], queue(8)) == []
    patched = train_job(9, pod(4)).replace("  trainer:", "  runtimePatches: [{manager: a.example.com/b}]\n  trainer:")
    assert never(patched, queue(8)) == []


def test_what_a_train_job_asks_for_itself_goes_before_its_runtime() -> None:
    own = ", resourcesPerNode: {limits: {nvidia.com/gpu: 1}}"
    assert never(train_job(8, pod(4), own), queue(8)) == []
    assert len(never(train_job(9, pod(4), own), queue(8))) == 1


def test_queues_with_more_gpus_than_the_pool_are_told_with_the_figures() -> None:
    queues = (queue(6, cohort="a"), queue(4, name="production", cohort="a"))
    (message,) = found("quota-beyond-pool", *queues, *FLAVORS)
    assert message.startswith(
        "queues have 10 GPUs of the flavour `gpu` (`research` 6, `production` 4), its pools at most 8 GPUs"
    )
    assert found("quota-beyond-pool", queue(8), *FLAVORS) == []


def test_runs_past_the_queues_are_told_unless_kueue_takes_all() -> None:
    run = job_set(1, pod(1), label=False)
    assert len(found("past-the-queue", run, queue(8), *FLAVORS)) == 1
    assert found("past-the-queue", run, queue(8, name="default"), *FLAVORS) == []
    settings = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: kueue-manager-config, namespace: kueue-system}
data: {controller_manager_config.yaml: "manageJobsWithoutQueueName: true"}
"""
    assert found("past-the-queue", run, queue(8), *FLAVORS, settings) == []
    without = job_set(1, pod(1).replace(", nvidia.com/gpu: 1", ""), label=False)
    assert found("past-the-queue", without, queue(8), *FLAVORS) == []


LOST = "podFailurePolicy: {rules: [{action: FailJob, onPodConditions: [{type: DisruptionTarget, status: 'True'}]}]}, "
AGAIN = (
    "  failurePolicy: {rules: [{action: RestartJobSetAndIgnoreMaxRestarts, onJobFailureReasons: [PodFailurePolicy]}]}\n"
)


@pytest.mark.parametrize(("lost", "again", "told"), [("", "", 1), (LOST, "", 1), ("", AGAIN, 1), (LOST, AGAIN, 0)])
def test_a_set_of_jobs_on_spot_nodes_starts_again_without_counting(lost: str, again: str, told: int) -> None:
    place = "nodeSelector: {eks.amazonaws.com/nodegroup: cpu}"
    run = job_set(2, pod(1, place=place).replace(", nvidia.com/gpu: 1", ""), label=False)
    run = run.replace("parallelism", f"{lost}parallelism").replace("  replicatedJobs", f"{again}  replicatedJobs")
    assert len(found("lost-runs", run)) == told


@pytest.mark.parametrize("words", [["-De"], ["-p", "22"], ["-o", "Port=22"], ["-oPort=22"], ["-p22"]])
def test_a_port_of_root_is_found_where_the_command_line_has_it(words: list[str]) -> None:
    text = rule_texts.text("scheduling/ssh-without-root").good.replace("args: [-De, -o, Port=2222]", f"args: {words}")
    assert len(found("ssh-without-root", text)) == (0 if words == ["-De"] else 1)


def test_a_worker_that_runs_as_root_may_read_the_keys_of_root() -> None:
    text = rule_texts.text("scheduling/ssh-without-root").bad
    assert len(found("ssh-without-root", text)) == 1
    assert found("ssh-without-root", text.replace("securityContext: {runAsUser: 1000}", "hostname: a")) == []


@pytest.mark.parametrize(
    ("image", "version", "told"),
    [
        ("rayproject/ray:2.52.0-py312", "2.52.0", 0),
        ("rayproject/ray:2.53.0-py312", "2.52.0", 1),
        ("r.example.com/team/trainer:1.4.0", "2.52.0", 0),
        ("rayproject/ray:nightly", "2.52.0", 0),
        ("rayproject/ray-ml:2.52.0@sha256:" + "a" * 64, "2.53.0", 1),
    ],
)
def test_the_version_of_ray_is_that_of_images_that_tell_it(image: str, version: str, told: int) -> None:
    text = rule_texts.text("scheduling/ray-version").good.replace("rayVersion: 2.52.0", f"rayVersion: {version}")
    text = text.replace("rayproject/ray:2.52.0-py312-gpu", image).replace("rayproject/ray:2.52.0-py312", image)
    assert len(found("ray-version", text)) == told


@pytest.mark.parametrize("made", [train_job, job_set])
def test_runs_that_wait_for_each_other_are_not_too_many_for_their_pool(made: Any) -> None:
    runs = [made(2, pod(4)).replace("train", f"train-{n}").replace("torch", f"torch-{n}") for n in range(2)]
    assert found("pool-too-small", *runs, queue(8), *FLAVORS) == []


def test_runs_without_a_queue_are_too_many_for_their_pool() -> None:
    runs = [job_set(2, pod(4), name=f"train-{n}", label=False) for n in range(2)]
    (message,) = found("pool-too-small", *runs, queue(8), *FLAVORS)
    assert "request 16 GPUs, it has 8 GPUs" in message


def test_queued_runs_count_in_a_quota_of_the_namespace_by_their_queue() -> None:
    hard = """\
apiVersion: v1
kind: ResourceQuota
metadata: {name: a, namespace: ml}
spec: {hard: {requests.nvidia.com/gpu: "8"}}
"""
    runs = [job_set(2, pod(4), name=f"train-{n}") for n in range(2)]
    seen = inventory(hard, *runs, queue(8), *FLAVORS, facts=EKS, **POOLS)
    assert list(quotas.exceeded(seen)) == []
    unqueued = [job_set(2, pod(4), name=f"train-{n}", label=False) for n in range(2)]
    (violation,) = quotas.exceeded(inventory(hard, *unqueued, queue(8), *FLAVORS, facts=EKS, **POOLS))
    assert "16 of `requests.nvidia.com/gpu`, the quota is 8" in violation.message


def schedule(name: str) -> str:
    return f"""\
apiVersion: batch/v1
kind: CronJob
metadata: {{name: nightly, namespace: ml}}
spec:
  schedule: 0 1 * * *
  jobTemplate:
    metadata: {{labels: {{kueue.x-k8s.io/queue-name: {name}}}}}
    spec: {{template: {pod(1)}}}
"""


def test_a_queue_is_fed_by_a_run_by_a_schedule_and_by_a_cohort() -> None:
    assert found("unfed-queue", queue(8), job_set(2, pod(4)), *FLAVORS) == []
    assert found("unfed-queue", queue(8), schedule("research"), *FLAVORS) == []
    assert found("unfed-queue", queue(8, cohort="ml"), *FLAVORS) == []
    assert (
        found("unfed-queue", queue(8).replace("{name: research, namespace", "{name: default, namespace"), *FLAVORS)
        == []
    )


def test_a_queue_that_nobody_feeds_is_told() -> None:
    told = ["nobody feeds it: no run asks for its LocalQueue `ml/research`"]
    assert found("unfed-queue", queue(8), schedule("other"), *FLAVORS) == told
    assert found("unfed-queue", queue(8), job_set(2, pod(4)).replace("ml,", "other,"), *FLAVORS) == told
    alone = queue(8).partition("---")[0]
    assert found("unfed-queue", alone, *FLAVORS) == ["nobody feeds it: no LocalQueue leads to it"]
