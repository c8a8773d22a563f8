"""Rules about what runs training: RayJobs, MPIJobs, and runs that Kueue starts.

Source: KubeRay 1.7, ray-operator/controllers/ray; mpi-operator 0.8, pkg/controller; Kueue 0.19, pkg/controller;
docs/facts/training.md.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from aurora.cluster import queued_runs
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate, pod_templates
from aurora.model.rule import ADVICE, BROKEN, OBJECT, InventoryRule, Violation
from aurora_constructs import ray_images

RAY, KUBEFLOW = "ray.io", "kubeflow.org"
_RAY_CLUSTERS: dict[str, tuple[Step, ...]] = {"RayCluster": ("spec",), "RayJob": ("spec", "rayClusterSpec")}
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_PORT = re.compile(r"^(?:-p|-oPort=|Port=|Port )\s*([0-9]+)$")
ROOT_KEYS = "/root/.ssh"
"""Where keys are mounted unless a path is stated (mpi-operator 0.8, SetDefaults_MPIJob)."""
PRIVILEGED = 1024
"""The first port on which a process without root may listen."""


def _kept_cluster(inventory: Inventory) -> Iterator[Violation]:
    for job in inventory.of_kind("RayJob", group=RAY):
        own = isinstance(job.get("spec", "rayClusterSpec"), dict)
        ends = job.get("spec", "deletionStrategy") is not None
        if own and not ends and job.get("spec", "shutdownAfterJobFinishes") is not True:
            yield Violation(
                manifest=job,
                steps=("spec",),
                message="its cluster stays when the run has ended, and keeps its nodes and GPUs",
                hint="set `shutdownAfterJobFinishes: true`",
            )


def _ray_version(inventory: Inventory) -> Iterator[Violation]:
    for kind, steps in _RAY_CLUSTERS.items():
        for manifest in inventory.of_kind(kind, group=RAY):
            stated = text(manifest.get(*steps, "rayVersion"))
            for pod in pod_templates(manifest) if stated else ():
                found = next(filter(None, (_tagged(text(each.body.get("image"))) for each in pod.containers)), "")
                if found and _VERSION.match(stated) and _release(stated) != found:
                    yield Violation(
                        manifest=manifest,
                        steps=(*steps, "rayVersion"),
                        message=f"`rayVersion` is {stated}, and the image has Ray {found}",
                        hint=f"write `rayVersion: {found}`, or take the image of {stated}",
                    )
                    break


def _tagged(image: str) -> str:
    """Give the version of Ray that an image of Ray's own is tagged with; empty for other images."""
    repository, _, tag = image.partition("@")[0].rpartition(":")
    return ray_images.version(repository, tag) or ""


def _release(stated: str) -> str:
    found = _VERSION.match(stated)
    return found.group() if found else stated


def _mpi_jobs(inventory: Inventory) -> Iterator[Manifest]:
    return (each for each in inventory.of_kind("MPIJob", group=KUBEFLOW) if each.id.api_version.endswith("/v2beta1"))


def _ssh(inventory: Inventory) -> Iterator[Violation]:
    for job in _mpi_jobs(inventory):
        workers = [pod for pod in pod_templates(job) if "Worker" in pod.steps]
        if not any(map(_without_root, workers)):
            continue
        path = text(job.get("spec", "sshAuthMountPath")) or ROOT_KEYS
        if path.rstrip("/") == ROOT_KEYS:
            yield Violation(
                manifest=job,
                steps=("spec", "sshAuthMountPath") if job.get("spec", "sshAuthMountPath") else ("spec",),
                message=f"the keys are in `{ROOT_KEYS}`, which only root reads, and its workers run without root",
                hint="set `sshAuthMountPath` to `.ssh` in the home of the image's user",
            )
        for port, steps in _ports(workers):
            if port < PRIVILEGED:
                yield Violation(
                    manifest=job,
                    steps=steps,
                    message=f"its SSH server is to listen on port {port}, and a process without root listens below "
                    f"{PRIVILEGED} on none",
                    hint="take a port such as 2222, for the server and for the launcher",
                )


def _without_root(pod: PodTemplate) -> bool:
    contexts = [
        mapping(pod.get("securityContext")),
        *(mapping(each.body.get("securityContext")) for each in pod.containers),
    ]
    return any(each.get("runAsNonRoot") is True or (each.get("runAsUser") or 0) != 0 for each in contexts)


def _ports(workers: list[PodTemplate]) -> Iterator[tuple[int, tuple[Step, ...]]]:
    """Yield the ports that the command lines of SSH servers state."""
    for pod in workers:
        for each in pod.containers:
            words = [text(word) for key in ("command", "args") for word in items(each.body.get(key))]
            joined = [f"{one}{other}" for one, other in itertools.pairwise(words) if one == "-p"]
            found = (_PORT.match(word) for word in (*words, *joined)) if _is_server(words) else ()
            for match in filter(None, found):
                yield int(match.group(1)), each.steps


def _is_server(words: list[str]) -> bool:
    return bool(words) and words[0].rpartition("/")[2] == "sshd"


def _idle_workers(inventory: Inventory) -> Iterator[Violation]:
    for job in _mpi_jobs(inventory):
        policy = job.get("spec", "runPolicy", "cleanPodPolicy")
        if policy in (None, "None"):
            yield Violation(
                manifest=job,
                steps=("spec", "runPolicy", "cleanPodPolicy") if policy else ("spec",),
                message="its workers wait on for commands when the run has ended, with their GPUs",
                hint="set `runPolicy.cleanPodPolicy: Running`",
            )


def _two_definitions(inventory: Inventory) -> Iterator[Violation]:
    older = [each for each in inventory.of_kind("MPIJob", group=KUBEFLOW) if each.id.api_version.endswith("/v1")]
    newer = list(_mpi_jobs(inventory))
    for job in older if newer else ():
        yield Violation(
            manifest=job,
            steps=("apiVersion",),
            message=f"is of the training operator, {newer[0].id} of the MPI operator: both call their definition "
            "`mpijobs.kubeflow.org`, and the one that is applied last replaces the other",
            hint="write all MPIJobs for one operator: the MPI operator's are `kubeflow.org/v2beta1`",
        )


_SUSPEND: dict[str, tuple[Step, ...]] = {"kubeflow.org": ("spec", "runPolicy", "suspend")}


def _suspend_stated(inventory: Inventory) -> Iterator[Violation]:
    for run in filter(queued_runs.is_run, inventory.manifests):
        steps = _SUSPEND.get(run.id.group, ("spec", "suspend"))
        stated = dig(run.body, *steps)
        if run.emitted and queued_runs.queued(run) and isinstance(stated, bool):
            yield Violation(
                manifest=run,
                steps=steps,
                message=f"Kueue suspends and starts the run, Argo CD sets it back to `suspend: {str(stated).lower()}`",
                hint="leave it out: Kueue suspends a run with its label when it is made",
            )


RULES = (
    InventoryRule("scheduling/kept-cluster", ADVICE, _kept_cluster, scope=OBJECT),
    InventoryRule("scheduling/ray-version", ADVICE, _ray_version, scope=OBJECT),
    InventoryRule("scheduling/ssh-without-root", BROKEN, _ssh, scope=OBJECT),
    InventoryRule("scheduling/idle-workers", ADVICE, _idle_workers, scope=OBJECT),
    InventoryRule("scheduling/two-mpi-operators", BROKEN, _two_definitions),
    InventoryRule("scheduling/suspend-stated", BROKEN, _suspend_stated, own=True),
)
