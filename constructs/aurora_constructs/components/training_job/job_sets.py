"""A run on several nodes as a JobSet: written as it is, or made by Trainer of a TrainJob and its TrainingRuntime.

Both give `torchrun` and programs like it the same variables. Sources: JobSet 0.12, concepts (failure policy); Kubeflow
Trainer 2.3, pkg/runtime/framework/plugins/torch, pkg/constants.
"""

from typing import Any

from aurora_constructs import pods
from aurora_constructs.component import Component
from aurora_constructs.components.training_job.pod import run_labels, training_pod
from aurora_constructs.components.training_job.spec import TrainingJobSpec
from aurora_constructs.machines import NVIDIA

NODE = "node"
"""The name that Trainer expects of the replicated job and of its container."""
MASTER_PORT = 29500
INDEX = "metadata.annotations['batch.kubernetes.io/job-completion-index']"
TRAINER_GROUP = "trainer.kubeflow.org"
STEP = f"{TRAINER_GROUP}/trainjob-ancestor-step"
"""The label of the job that TrainJob's `trainer` is about."""

Run = Component[TrainingJobSpec]


def add_job_set(run: Run) -> None:
    """Add the JobSet."""
    spec = run.spec
    pod = run.plain_pod(training_pod(spec, run.platform, name=run.object_name, container=NODE))
    pod["spec"]["containers"][0]["env"] += _rendezvous(spec)
    body = _job_set(spec, pod)
    body["replicatedJobs"][0]["template"]["spec"]["activeDeadlineSeconds"] = spec.retry.active_deadline_seconds
    body["network"] = {"enableDNSHostnames": True, "publishNotReadyAddresses": True, "subdomain": spec.run_name}
    run.custom(
        "job-set",
        api_version="jobset.x-k8s.io/v1alpha2",
        kind="JobSet",
        name=spec.run_name,
        namespace=run.namespace_name,
        labels=run_labels(spec, run.platform, run.object_name),
        body={"spec": body},
    )


def add_train_job(run: Run) -> None:
    """Add the TrainJob, and the TrainingRuntime with its pod, which no patch changes: every check sees all of it."""
    spec, version = run.spec, f"{TRAINER_GROUP}/v1alpha1"
    trainer = {
        "numNodes": spec.nodes,
        "numProcPerNode": spec.gpus or 1,
        # As in the runtime: who counts what a run asks for reads it here.
        "resourcesPerNode": pods.plain_requirements(spec.resources, {NVIDIA: spec.gpus} if spec.gpus else {}),
    }
    pod = run.plain_pod(training_pod(spec, run.platform, name=run.object_name, container=NODE))
    template = _job_set(spec, pod)
    template["replicatedJobs"][0]["template"]["metadata"] = {"labels": {STEP: "trainer"}}
    run.custom(
        "runtime",
        api_version=version,
        kind="TrainingRuntime",
        name=run.object_name,
        namespace=run.namespace_name,
        labels={run.platform.names.model: spec.model},
        body={"spec": {"mlPolicy": {"numNodes": spec.nodes, "torch": {}}, "template": {"spec": template}}},
    )
    run.custom(
        "train-job",
        api_version=version,
        kind="TrainJob",
        name=spec.run_name,
        namespace=run.namespace_name,
        labels=run_labels(spec, run.platform, run.object_name),
        body={
            "spec": {
                "activeDeadlineSeconds": spec.retry.active_deadline_seconds,
                "runtimeRef": {"apiGroup": TRAINER_GROUP, "kind": "TrainingRuntime", "name": run.object_name},
                "trainer": trainer,
            }
        },
    )


def _job_set(spec: TrainingJobSpec, pod: dict[str, Any]) -> dict[str, Any]:
    """Start all nodes again where one fails; a node that was taken back or drained is no failure of the run."""
    lost = {"action": "FailJob", "onPodConditions": [{"status": "True", "type": "DisruptionTarget"}]}
    again = {"onJobFailureReasons": ["PodFailurePolicy"], "action": "RestartJobSetAndIgnoreMaxRestarts"}
    late = {"onJobFailureReasons": ["DeadlineExceeded"], "action": "FailJobSet"}
    job = {
        "backoffLimit": 0,
        "completionMode": "Indexed",
        "completions": spec.nodes,
        "parallelism": spec.nodes,
        "podFailurePolicy": {"rules": [lost]},
        "podReplacementPolicy": "Failed",
        "template": pod,
    }
    return {
        "failurePolicy": {
            "maxRestarts": spec.retry.backoff_limit,
            "rules": [{"name": "deadline", **late}, {"name": "lostNode", **again}],
        },
        "replicatedJobs": [{"name": NODE, "replicas": 1, "template": {"spec": job}}],
        "successPolicy": {"operator": "All"},
    }


def _rendezvous(spec: TrainingJobSpec) -> list[dict[str, Any]]:
    """Say how many nodes there are, which one a pod is, and where the first of them listens."""
    first = f"{spec.run_name}-{NODE}-0-0.{spec.run_name}"
    values = {
        "PET_MASTER_ADDR": first,
        "PET_MASTER_PORT": str(MASTER_PORT),
        "PET_NNODES": str(spec.nodes),
        "PET_NPROC_PER_NODE": str(spec.gpus or 1),
    }
    rank = {"name": "PET_NODE_RANK", "valueFrom": {"fieldRef": {"fieldPath": INDEX}}}
    return [*({"name": name, "value": value} for name, value in values.items()), rank]
