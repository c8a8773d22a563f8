"""A run under MPI, as Horovod wants it: a launcher that starts the processes over SSH, and workers that train.

Sources: mpi-operator 0.8, pkg/controller/mpi_job_controller.go, build/base; Horovod 0.28, horovod/runner/launch.py.
"""

from dataclasses import replace
from typing import Any

from aurora_constructs import pods
from aurora_constructs.component import Component
from aurora_constructs.components.training_job.pod import run_labels, training_pod, variables
from aurora_constructs.components.training_job.spec import TrainingJobSpec

SSH_PORT = 2222
"""The port of the workers' SSH servers: without root nobody listens below 1024."""
HOSTS = "/etc/mpi/discover_hosts.sh"
"""The script of the operator that prints the workers which run."""

Run = Component[TrainingJobSpec]


def add_mpi_job(run: Run) -> None:
    """Add the MPIJob."""
    spec = run.spec
    body: dict[str, Any] = {
        "launcherCreationPolicy": "WaitForWorkersReady",
        "mpiImplementation": "OpenMPI",
        "mpiReplicaSpecs": {
            "Launcher": {"replicas": 1, "restartPolicy": "Never", "template": _template(run, _launcher(run))},
            "Worker": {"replicas": _workers(spec), "restartPolicy": "Never", "template": _template(run, _worker(run))},
        },
        "runPolicy": {
            "activeDeadlineSeconds": spec.retry.active_deadline_seconds,
            "backoffLimit": spec.retry.backoff_limit,
            # Workers wait for commands without end: what still runs after the launcher holds GPUs.
            "cleanPodPolicy": "Running",
        },
        "slotsPerWorker": _slots(spec),
        "sshAuthMountPath": spec.mpi.ssh_path,
    }
    run.custom(
        "mpi-job",
        api_version="kubeflow.org/v2beta1",
        kind="MPIJob",
        name=spec.run_name,
        namespace=run.namespace_name,
        labels=run_labels(spec, run.platform, run.object_name),
        body={"spec": body},
    )


def _slots(spec: TrainingJobSpec) -> int:
    """Give the number of processes on each node: one for each GPU."""
    return spec.gpus or 1


def _workers(spec: TrainingJobSpec) -> int:
    return spec.elastic.maximum if spec.elastic else spec.nodes


def _template(run: Run, pod: pods.PodSpec) -> dict[str, Any]:
    """Give a pod; the operator takes the restart policy of the replicas, and warns of another one in the pod."""
    found = run.plain_pod(pod)
    del found["spec"]["restartPolicy"]
    return found


def _worker(run: Run) -> pods.PodSpec:
    spec = run.spec
    pod = training_pod(spec, run.platform, name=run.object_name, container="worker")
    keys = spec.mpi.ssh_path
    options = {
        "AuthorizedKeysFile": f"{keys}/authorized_keys",
        "HostKey": f"{keys}/id_rsa",
        "PidFile": "none",
        "Port": str(SSH_PORT),
        # The keys come from a Secret, whose files others may read.
        "StrictModes": "no",
    }
    written = [part for key, value in options.items() for part in ("-o", f"{key}={value}")]
    server = replace(pod.containers[0], command=("/usr/sbin/sshd",), args=("-De", *written))
    return replace(pod, containers=[server])


def _launcher(run: Run) -> pods.PodSpec:
    spec = run.spec.model_copy(update={"resources": run.spec.mpi.launcher, "gpu": None, "shared_memory": None})
    pod = training_pod(spec, run.platform, name=run.object_name, container="launcher")
    command, *args = _elastic(run.spec) if run.spec.elastic else _fixed(run.spec)
    container = replace(pod.containers[0], command=(command,), args=(*args, *run.spec.command, *run.spec.args))
    return replace(pod, containers=[container], tmp_size=pods.TMP_SIZE, tmp_class=None)


def _fixed(spec: TrainingJobSpec) -> list[str]:
    """Start all processes by `mpirun`; SSH carries no variables, and every pod's host key is the run's own."""
    ssh = f"-p {SSH_PORT} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectionAttempts=10"
    carried = [part for name in sorted(variables(spec)) for part in ("-x", name)]
    count = str(spec.nodes * _slots(spec))
    return ["mpirun", "-np", count, "--bind-to", "none", "--mca", "plm_rsh_args", ssh, *carried]


def _elastic(spec: TrainingJobSpec) -> list[str]:
    """Start by `horovodrun`, which goes on with the workers that the operator's script prints."""
    slots, bounds = _slots(spec), spec.elastic
    least, most = (bounds.minimum, bounds.maximum) if bounds else (spec.nodes, spec.nodes)
    numbers = {
        "-np": spec.nodes * slots,
        "--min-np": least * slots,
        "--max-np": most * slots,
        "--slots-per-host": slots,
    }
    written = [part for name, value in numbers.items() for part in (name, str(value))]
    return ["horovodrun", "--gloo", *written, "--host-discovery-script", HOSTS, "--ssh-port", str(SSH_PORT)]
