"""What ServiceMonitors and PodMonitors make Prometheus scrape.

Source: prometheus-operator 0.93, its definitions: a ServiceMonitor selects Services by their own labels and
names a Service's port, a PodMonitor selects pods and names a container's port. Finds facts; never judges them.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from aurora.cluster import services, workloads
from aurora.cluster.services import PodPort
from aurora.model import selectors
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step

GROUP = "monitoring.coreos.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """One endpoint of a monitor: what it selects, and the ports of pods that it leads to.

    `named` is the port as the monitor names it; `found` counts the selected Services or workloads that have it.
    """

    monitor: Manifest
    steps: tuple[Step, ...]
    namespaces: tuple[str, ...] | None
    selected: int
    named: JsonValue | None
    found: int
    targets: tuple[PodPort, ...]


def scrapes(inventory: Inventory) -> Iterator[Scrape]:
    """Yield the endpoints of every monitor."""
    by_namespace: dict[str, list[Manifest]] = defaultdict(list)
    for service in inventory.of_kind("Service", group=""):
        by_namespace[workloads.namespace_of(service)].append(service)
    for monitor in inventory.of_kind("ServiceMonitor", group=GROUP):
        yield from _service_scrapes(inventory, monitor, by_namespace)
    for monitor in inventory.of_kind("PodMonitor", group=GROUP):
        yield from _pod_scrapes(inventory, monitor)


def monitored_namespaces(monitor: Manifest) -> tuple[str, ...] | None:
    """Give the namespaces that a monitor looks into; None stands for all."""
    stated = mapping(monitor.get("spec", "namespaceSelector"))
    if stated.get("any") is True:
        return None
    named = tuple(text(name) for name in items(stated.get("matchNames")))
    return named or (workloads.namespace_of(monitor),)


def _service_scrapes(
    inventory: Inventory, monitor: Manifest, by_namespace: dict[str, list[Manifest]]
) -> Iterator[Scrape]:
    namespaces = monitored_namespaces(monitor)
    looked = by_namespace if namespaces is None else namespaces
    selector = monitor.get("spec", "selector")
    chosen = [
        service
        for namespace in looked
        for service in by_namespace.get(namespace, ())
        if selectors.matches(selector, service.labels)
    ]
    for number, entry in enumerate(items(monitor.get("spec", "endpoints"))):
        body = mapping(entry)
        leading = [(service, _service_port(service, body)) for service in chosen]
        yield Scrape(
            monitor=monitor,
            steps=("spec", "endpoints", number),
            namespaces=namespaces,
            selected=len(chosen),
            named=body.get("port") or body.get("targetPort"),
            found=sum(port is not None for _, port in leading),
            targets=tuple(
                target
                for service, port in leading
                if port is not None
                for target in services.behind(inventory, service, port)
            ),
        )


def _service_port(service: Manifest, endpoint: JsonObject) -> JsonValue | None:
    """Give the Service's port that an endpoint names: by the port's name, or by where it leads."""
    for entry in items(service.get("spec", "ports")):
        body = mapping(entry)
        if endpoint.get("port"):
            fits = body.get("name") == endpoint["port"]
        else:
            target = endpoint.get("targetPort")
            fits = target is not None and target in (body.get("targetPort"), body.get("port"))
        if fits:
            return body.get("name") or body.get("port")
    return None


def _pod_scrapes(inventory: Inventory, monitor: Manifest) -> Iterator[Scrape]:
    index = workloads.index(inventory)
    namespaces = monitored_namespaces(monitor)
    looked = index.namespaces() if namespaces is None else namespaces
    chosen = [pod for namespace in looked for pod in index.selected(namespace, monitor.get("spec", "selector"))]
    for number, entry in enumerate(items(monitor.get("spec", "podMetricsEndpoints"))):
        body = mapping(entry)
        named = body.get("port") or body.get("portNumber") or body.get("targetPort")
        targets = [(pod, services.pod_port(pod, named)) for pod in chosen]
        found = tuple(services.PodPort(pod, port) for pod, port in targets if port is not None)
        yield Scrape(
            monitor=monitor,
            steps=("spec", "podMetricsEndpoints", number),
            namespaces=namespaces,
            selected=len(chosen),
            named=named,
            found=len(found),
            targets=found,
        )
