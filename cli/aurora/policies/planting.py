"""Makes objects that violate any sane policy, so that a policy's silence about real objects can be believed.

A pod is built with everything wrong that a pod can have; any other object is a real one with its texts
replaced. Must not know any policy.
"""

from copy import deepcopy
from dataclasses import dataclass

from aurora.kinds import paths, table
from aurora.kinds.entry import Form
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text

RESERVED = "aurora-planted"
"""The beginning of the names of planted objects."""

FOREIGN = "planted.invalid/planted:latest"
"""An image of nobody's registry, without a version; `.invalid` can never be anybody's (RFC 6761)."""


@dataclass(frozen=True, slots=True, order=True)
class Route:
    """A way to a policy's verdict: kind and namespace decide which of its repetitions and selectors apply."""

    api_version: str
    kind: str
    namespace: str

    @property
    def template(self) -> tuple[str, ...] | None:
        """The steps to the pod template of the kind; None for a kind that has not exactly one."""
        known = table.find(self.api_version.rpartition("/")[0], self.kind)
        places = known.pods if known else ()
        alone = len(places) == 1 and places[0].form is Form.TEMPLATE and paths.plain(places[0].at)
        return places[0].at if alone else None

    def __str__(self) -> str:
        return f"{self.kind} in `{self.namespace}`" if self.namespace else self.kind


def _container(name: str, resources: JsonObject | None = None) -> JsonObject:
    """Build a container with every power and no limit."""
    body: JsonObject = {
        "name": name,
        "image": FOREIGN,
        "imagePullPolicy": "Never",
        "env": [{"name": "PASSWORD", "value": "planted"}],
        "ports": [{"name": "planted", "containerPort": 22, "hostPort": 22}],
        "securityContext": {
            "allowPrivilegeEscalation": True,
            "capabilities": {"add": ["ALL"]},
            "privileged": True,
            "procMount": "Unmasked",
            "readOnlyRootFilesystem": False,
            "runAsNonRoot": False,
            "runAsUser": 0,
            "seccompProfile": {"type": "Unconfined"},
        },
        "stdin": True,
        "tty": True,
        "volumeMounts": [{"name": "host", "mountPath": "/host", "mountPropagation": "Bidirectional"}],
    }
    return body if resources is None else {**body, "resources": resources}


def worst_pod() -> JsonObject:
    """Build the spec of a pod that no policy of workloads should accept."""
    return {
        "automountServiceAccountToken": True,
        "hostIPC": True,
        "hostNetwork": True,
        "hostPID": True,
        "hostUsers": True,
        "priorityClassName": "system-node-critical",
        "securityContext": {
            "runAsNonRoot": False,
            "runAsUser": 0,
            "seccompProfile": {"type": "Unconfined"},
            "sysctls": [{"name": "kernel.msgmax", "value": "1"}],
        },
        "serviceAccountName": "default",
        "shareProcessNamespace": True,
        "tolerations": [{"operator": "Exists"}],
        "volumes": [{"name": "host", "hostPath": {"path": "/"}}],
        "initContainers": [_container("planted-init")],
        "containers": [_container("planted"), _container("planted-gpu", {"requests": {"nvidia.com/gpu": "1"}})],
    }


def planted(route: Route, number: int, *, sample: JsonObject | None) -> JsonObject | None:
    """Make a violation without labels on a route; `sample` is a real object on it.

    Gives None for a kind without pods of which there is no sample.
    """
    metadata = _metadata(route, f"{RESERVED}-{number}")
    if route.template is not None:
        return _workload(route, metadata, {"spec": worst_pod()})
    return {**_scrambled(sample), "metadata": metadata} if sample is not None else None


def broken(route: Route, sample: JsonObject) -> JsonObject:
    """Break a real object but keep its names, labels and annotations: a policy may look at nothing without them."""
    if route.template is None:
        return {**_scrambled(sample), "metadata": sample.get("metadata")}
    body = deepcopy(sample)
    template = mapping(dig(body, *route.template))
    template["spec"] = worst_pod()
    return body


def specimen(route: Route, number: int, example: JsonObject) -> JsonObject | None:
    """Put an object that a policy's author planted on a route; None where it does not fit the route's kind."""
    metadata = {**mapping(example.get("metadata")), **_metadata(route, f"{RESERVED}-{number}")}
    own = (text(example.get("apiVersion")), text(example.get("kind")))
    if own == (route.api_version, route.kind):
        return {**example, "metadata": metadata}
    steps = Route(*own, "").template
    if steps is None or route.template is None:
        return None
    pod = mapping(dig(example, *steps))
    return _workload(route, metadata, {key: pod[key] for key in ("metadata", "spec") if key in pod})


def _metadata(route: Route, name: str) -> JsonObject:
    return {"name": name, "namespace": route.namespace} if route.namespace else {"name": name}


def _workload(route: Route, metadata: JsonObject, pod: JsonObject) -> JsonObject:
    """Wrap a pod into the kind of the route."""
    steps = route.template or ()
    body: JsonObject = dict(pod)
    for step in reversed(steps[1:]):
        body = {step: body}
    spec = {"replicas": 1, **body} if steps else mapping(body.get("spec"))
    labels = {} if steps else mapping(pod.get("metadata"))
    return {"apiVersion": route.api_version, "kind": route.kind, "metadata": {**labels, **metadata}, "spec": spec}


def _scrambled(sample: JsonObject) -> JsonObject:
    """Replace every text outside an object's metadata, and make a Service one that anybody can reach."""
    kept = {key: value for key, value in sample.items() if key in ("apiVersion", "kind")}
    rest = {key: _scramble(value) for key, value in sample.items() if key not in (*kept, "metadata")}
    if kept.get("kind") == "Service" and kept.get("apiVersion") == "v1":
        spec = mapping(rest.get("spec"))
        rest["spec"] = {**spec, "type": "LoadBalancer", "externalIPs": ["192.0.2.1"]}
    return {**kept, **rest}


def _scramble(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return FOREIGN
    if isinstance(value, dict):
        return {key: _scramble(entry) for key, entry in value.items()}
    return [_scramble(entry) for entry in items(value)] if isinstance(value, list) else value
