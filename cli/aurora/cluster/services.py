"""From a Service's port to the ports of the pods behind it. Finds facts; never judges them."""

from dataclasses import dataclass

from aurora.cluster import inference, surroundings, workloads
from aurora.kinds.entry import Selected
from aurora.kinds.table import is_builtin_group
from aurora.model import counts
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate

_OFF = ("false", "disabled")
_INJECTED = ("istio.io/rev", "dapr.io/enabled")
"""Labels and annotations that bring a sidecar, beside those with the word `inject` in their name."""


@dataclass(frozen=True, slots=True)
class PodPort:
    """A port on which pods of one workload listen."""

    pod: PodTemplate
    number: int
    protocol: str = "TCP"


def find(inventory: Inventory, namespace: str, name: str) -> Manifest | None:
    """Give the Service of that name, or the one that KServe makes; a manifest may leave the namespace `default` out."""
    found = inventory.find("Service", name, namespace=namespace)
    if found is None and namespace == "default":
        found = inventory.find("Service", name)
    return found or inference.service(inventory, namespace, name)


def port_entry(service: Manifest, port: JsonValue | None) -> JsonObject | None:
    """Give a Service's entry for a port that is named by its name or its number."""
    for entry in items(service.get("spec", "ports")):
        body = mapping(entry)
        if port is not None and port in (text(body.get("name")) or None, counts.integer(body.get("port"))):
            return body
    return None


def pod_port(pod: PodTemplate, port: JsonValue | None, protocol: str = "TCP") -> int | None:
    """Give the number of a pod's port: itself, or that of the container port with this name."""
    number = counts.integer(port)
    if number is not None:
        return number
    for declared in pod.ports:
        if (
            isinstance(port, str)
            and declared.get("name") == port
            and (text(declared.get("protocol")) or "TCP") == protocol
        ):
            return counts.integer(declared.get("containerPort"))
    return None


def behind(inventory: Inventory, service: Manifest, port: JsonValue | None) -> list[PodPort]:
    """Give the pods' ports that a Service's port leads to."""
    entry = port_entry(service, port)
    if entry is None:
        return []
    protocol = text(entry.get("protocol")) or "TCP"
    target = entry.get("targetPort") or entry.get("port")
    found: list[PodPort] = []
    for pod in workloads.index(inventory).behind(service):
        number = pod_port(pod, target, protocol)
        if number is not None:
            found.append(PodPort(pod, number, protocol))
    return found


def as_written(pod: PodTemplate) -> bool:
    """Tell whether pods are made of the template alone: operators of other kinds add containers and ports."""
    kind = pod.kind
    own = kind is not None and any(selector.of is Selected.OWN for selector in kind.selectors)
    return not pod.partial and (own or is_builtin_group(pod.manifest.id.group))


def _injected(inventory: Inventory, pod: PodTemplate) -> bool:
    """Tell whether a service mesh or another webhook is asked to put a sidecar into the pod."""
    signs = {
        **surroundings.namespace_labels(inventory, pod.namespace),
        **pod.labels,
        **mapping(dig(pod.body, "metadata", "annotations")),
    }
    return any(value not in _OFF and ("inject" in key or key in _INJECTED) for key, value in signs.items())


def ports_are_known(inventory: Inventory, pod: PodTemplate) -> bool:
    """Tell whether a pod, and others with its labels, serve no named ports but those that templates declare."""
    from_charts = inventory.once(surroundings.chart_namespaces)
    return as_written(pod) and pod.namespace not in from_charts and not _injected(inventory, pod)
