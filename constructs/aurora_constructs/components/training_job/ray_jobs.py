"""A run on a Ray cluster of its own: a head that runs the command, and workers that train.

Sources: KubeRay 1.7, ray-operator/controllers/ray (utils/validation.go, common/pod.go, common/rbac.go).
"""

import shlex
from dataclasses import replace
from typing import Any

from aurora_constructs import pods
from aurora_constructs.component import Component
from aurora_constructs.components.training_job.backends import ray_version
from aurora_constructs.components.training_job.pod import run_labels, training_pod
from aurora_constructs.components.training_job.spec import TrainingJobSpec
from aurora_constructs.platform import Platform
from aurora_constructs.spec import Resources

DASHBOARD = 8265
"""The port at which the head takes jobs and says how they are."""
PORTS = {"client": 10001, "dashboard": DASHBOARD, "gcs": 6379}
SUBMITTER = Resources(cpu="500m", memory="512Mi")
AUTOSCALER = Resources(cpu="500m", memory="512Mi")

Run = Component[TrainingJobSpec]


def operators(platform: Platform) -> list[str]:
    """Give the namespaces of KubeRay's operator, which asks the head how the run is."""
    return sorted({each.namespace for each in platform.subjects() if each.kind == "kuberay-operator"})


def add_ray_job(run: Run) -> None:
    """Add the RayJob; its cluster ends with it, so that it keeps no nodes and no quota."""
    spec = run.spec
    run.custom(
        "ray-job",
        api_version="ray.io/v1",
        kind="RayJob",
        name=spec.run_name,
        namespace=run.namespace_name,
        labels=run_labels(spec, run.platform, run.object_name),
        body={
            "spec": {
                "activeDeadlineSeconds": spec.retry.active_deadline_seconds,
                "backoffLimit": spec.retry.backoff_limit,
                "entrypoint": shlex.join([*spec.command, *spec.args]),
                "rayClusterSpec": _cluster(run),
                "shutdownAfterJobFinishes": True,
                "submissionMode": "K8sJobMode",
                "submitterPodTemplate": run.plain_pod(_submitter(run)),
            }
        },
    )


def _cluster(run: Run) -> dict[str, Any]:
    spec = run.spec
    body = {
        "headGroupSpec": {
            # Nothing is scheduled on the head: it has no GPU, and a run that fills it up loses the whole cluster.
            "rayStartParams": {"dashboard-host": "0.0.0.0", "num-cpus": "0"},  # noqa: S104 - behind a NetworkPolicy
            "template": run.plain_pod(_head(run)),
        },
        "rayVersion": ray_version(spec, run.platform),
        "workerGroupSpecs": [_workers(run)],
    }
    if not spec.elastic:
        return body
    scaler = {"resources": pods.plain_requirements(AUTOSCALER), "securityContext": dict(pods.HARDENED)}
    return {**body, "autoscalerOptions": scaler, "enableInTreeAutoscaling": True}


def _workers(run: Run) -> dict[str, Any]:
    spec = run.spec
    return {
        "groupName": "workers",
        "maxReplicas": spec.elastic.maximum if spec.elastic else spec.nodes,
        "minReplicas": spec.elastic.minimum if spec.elastic else spec.nodes,
        "rayStartParams": {},
        "replicas": spec.nodes,
        "template": run.plain_pod(_ray_pod(run, spec, "ray-worker")),
    }


def _head(run: Run) -> pods.PodSpec:
    """Describe the head, whose shared memory is KubeRay's; only the autoscaler beside it calls the API server."""
    spec = run.spec.model_copy(update={"resources": run.spec.ray.head, "gpu": None, "shared_memory": None})
    pod = _ray_pod(run, spec, "ray-head")
    return replace(
        pod,
        calls_api=run.spec.elastic is not None,
        containers=[replace(pod.containers[0], ports={**PORTS, **pod.containers[0].ports})],
    )


def _ray_pod(run: Run, spec: TrainingJobSpec, container: str) -> pods.PodSpec:
    """Describe a pod of the cluster; what it runs is KubeRay's `ray start`."""
    pod = training_pod(spec, run.platform, name=run.object_name, container=container)
    return replace(pod, containers=[replace(pod.containers[0], command=(), args=())])


def _submitter(run: Run) -> pods.PodSpec:
    """Describe the pod that hands the command to the head and waits for its end."""
    pod = training_pod(run.spec, run.platform, name=run.object_name)
    container = pods.ContainerSpec(
        name="ray-job-submitter", image=run.platform.image(run.spec.image), resources=SUBMITTER
    )
    return replace(pod, containers=[container], volumes=(), tmp_size=pods.TMP_SIZE, tmp_class=None)
