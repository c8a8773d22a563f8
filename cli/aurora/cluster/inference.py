"""KServe's InferenceServices: their mode, their runtimes, and the pods behind the Services that are made of them.

Source: KServe 0.20, `pkg/constants`, `pkg/controller/v1beta1/inferenceservice` and `pkg/apis/serving/v1beta1`. Finds
facts; never judges them.
"""

from collections.abc import Iterator

from aurora.cluster.references.lookup import Reference, makers
from aurora.model import counts
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_forms import KSERVE_CONTAINER
from aurora.model.pod_template import Container, PodTemplate

GROUP = "serving.kserve.io"
MODE = f"{GROUP}/deploymentMode"
DEPLOYMENTS = ("Standard", "RawDeployment")
"""The mode without Knative, by its name and its old one."""
DEFAULT_PORT = 8080
"""Where KServe probes and sends requests to, if the server's container declares no port."""


def mode(service: Manifest) -> str:
    """Give the mode that an InferenceService states; empty where the configuration of KServe decides."""
    return service.annotations.get(MODE, "")


def pods(inventory: Inventory) -> Iterator[PodTemplate]:
    """Yield the pods that InferenceServices describe, workers of several nodes left out."""
    for pod in inventory.pods():
        if (pod.manifest.id.group, pod.manifest.id.kind) == (
            GROUP,
            "InferenceService",
        ) and "workerSpec" not in pod.steps:
            yield pod


def runtime(inventory: Inventory, pod: PodTemplate) -> Manifest | None:
    """Give the runtime that a predictor names: of its namespace, else of the cluster."""
    name, namespace = text(pod.get("model", "runtime")), pod.manifest.id.namespace
    return (
        inventory.find("ServingRuntime", name, group=GROUP, namespace=namespace)
        or inventory.find("ClusterServingRuntime", name, group=GROUP)
        if name
        else None
    )


def server(pod: PodTemplate) -> Container | None:
    """Give the container that answers requests: that of a model, else the one of its name, else a single one."""
    running = [container for container in pod.containers if container.runs_on]
    named = [container for container in running if container.name == KSERVE_CONTAINER]
    return named[0] if named else running[0] if len(running) == 1 else None


def servers(inventory: Inventory, pod: PodTemplate) -> tuple[JsonObject, ...]:
    """Give what the container that answers requests is made of: its own fields, then those of its runtime."""
    own, found = server(pod), runtime(inventory, pod)
    merged = items(found.get("spec", "containers")) if found else []
    theirs = [mapping(each) for each in merged if dig(each, "name") == KSERVE_CONTAINER]
    return (*([own.body] if own else []), *theirs)


def port(inventory: Inventory, pod: PodTemplate) -> int | None:
    """Give the port that the Service of a predictor leads to; None where its runtime is not known."""
    for body in servers(inventory, pod):
        declared = items(body.get("ports"))
        if declared:
            return counts.integer(dig(declared[0], "containerPort"))
    return DEFAULT_PORT if not pod.partial or runtime(inventory, pod) else None


def pods_behind(inventory: Inventory, namespace: str, service: str) -> list[PodTemplate]:
    """Give the pods behind a Service that KServe makes."""
    made = next(inventory.of_kind("InferenceService", group=GROUP), None)
    if made is None:
        return []
    reference = Reference(manifest=made, steps=(), kind="Service", name=service, namespace=namespace)
    parts = {(id(maker), steps) for maker, steps in makers(inventory, reference)}
    return [pod for pod in pods(inventory) if (id(pod.manifest), pod.steps) in parts]
