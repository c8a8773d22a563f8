"""KServe's InferenceServices: their mode, their runtimes, and the pods behind the Services that are made of them.

Source: KServe 0.20, `pkg/constants`, `pkg/controller/v1beta1/inferenceservice` and `pkg/apis/serving/v1beta1`. Finds
facts; never judges them.
"""

from collections.abc import Iterator
from dataclasses import replace

from aurora.kinds.entry import Form
from aurora.model import counts
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
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


def ports(inventory: Inventory, pod: PodTemplate) -> list[JsonObject]:
    """Give the ports of the container that answers requests, the first for them; none where its runtime is unknown."""
    for body in servers(inventory, pod):
        declared = [mapping(port) for port in items(body.get("ports"))]
        if declared:
            return declared
    known = not pod.partial or runtime(inventory, pod) is not None
    return [{"containerPort": DEFAULT_PORT}] if known else []


def service(inventory: Inventory, namespace: str, name: str) -> Manifest | None:
    """Give the Service of that name that KServe makes of a predictor (`service_reconciler.go`, `createDefaultSvc`).

    It is nobody's manifest: its source is that of the InferenceService.
    """
    pod = inventory.once(_predictors).get((namespace, name))
    first, *others = (ports(inventory, pod) or [{}]) if pod else [{}]
    if pod is None or not first:
        return None
    maker = pod.manifest
    entries: list[JsonValue] = [{"name": text(first.get("name")) or name, "port": 80, "targetPort": _number(first)}]
    entries += [{"name": text(each.get("name")), "port": _number(each), "targetPort": _number(each)} for each in others]
    selector = {key: value.replace("$name", maker.id.name) for key, value in pod.place.labels}
    spec: JsonObject = {"selector": dict(selector), "ports": entries}
    body: JsonObject = {"apiVersion": "v1", "kind": "Service", "spec": spec}
    return replace(maker, id=replace(maker.id, api_version="v1", kind="Service", name=name), body=body, emitted=False)


def _predictors(inventory: Inventory) -> dict[tuple[str, str], PodTemplate]:
    """Give the predictors by namespace and name of the Service that is made of each; of several, the first."""
    found: dict[tuple[str, str], PodTemplate] = {}
    for pod in pods(inventory):
        if pod.steps == ("spec", "predictor"):
            found.setdefault((pod.namespace, _named(pod)), pod)
    return found


def _named(pod: PodTemplate) -> str:
    named = text(pod.get("name"))
    return f"{pod.manifest.id.name}{f'-{named}' if named else ''}-predictor"


def _number(port: JsonObject) -> JsonValue:
    return port.get("containerPort")


def pod_port(inventory: Inventory, pod: PodTemplate, named: JsonValue | None) -> int | None:
    """Give the number of a port by its name, where the runtime of a predictor declares it."""
    if pod.place.form is not Form.COMPONENT:
        return None
    return next((counts.integer(_number(port)) for port in ports(inventory, pod) if port.get("name") == named), None)
