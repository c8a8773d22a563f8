"""What ServiceMonitors and PodMonitors make Prometheus scrape.

Source: prometheus-operator 0.93, its definitions: a ServiceMonitor selects Services by their own labels and
names a Service's port, a PodMonitor selects pods and names a container's port. Finds facts; never judges them.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from aurora.cluster import inference, services, workloads
from aurora.cluster.services import PodPort
from aurora.model import counts, selectors
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step

GROUP = "monitoring.coreos.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """One endpoint of a monitor: what it selects, and the ports of pods that it leads to.

    `named` is the port as the monitor names it; `found` counts the selected Services or workloads that have it, or may
    have it in parts that no manifest shows.
    """

    monitor: Manifest
    steps: tuple[Step, ...]
    namespaces: tuple[str, ...] | None
    selected: int
    named: JsonValue | None
    found: int
    targets: tuple[PodPort, ...]


def scrapes(inventory: Inventory) -> tuple[Scrape, ...]:
    """Give the endpoints of every monitor."""
    return inventory.every(_scrapes)


def _scrapes(inventory: Inventory) -> Iterator[Scrape]:
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
        leading = [_behind(inventory, service, body) for service in chosen]
        yield Scrape(
            monitor=monitor,
            steps=("spec", "endpoints", number),
            namespaces=namespaces,
            selected=len(chosen),
            named=body.get("port") or body.get("targetPort"),
            found=sum(ports is not None for ports in leading),
            targets=tuple(target for ports in leading for target in ports or ()),
        )


def _behind(inventory: Inventory, service: Manifest, endpoint: JsonObject) -> list[PodPort] | None:
    """Give the ports of pods that an endpoint scrapes through a Service; None where it surely finds none.

    `port` is the name of a Service's port, `targetPort` the name or number of a container's, behind whichever port of
    the Service; without either every port is scraped. Source: `generateServiceMonitorConfig` of promcfg.go.
    """
    name, target = endpoint.get("port"), endpoint.get("targetPort")
    entries = [mapping(entry) for entry in items(service.get("spec", "ports"))]
    if name:
        entries = [entry for entry in entries if entry.get("name") == name]
    elif target is not None:
        entries = [entry for entry in entries if target in (entry.get("targetPort"), entry.get("port"))]
    found = [
        port
        for entry in entries
        for port in services.behind(inventory, service, entry.get("name") or entry.get("port"))
    ]
    by_container = target is not None and not name
    pods = workloads.index(inventory).behind(service) if by_container else []
    for pod in pods:
        for declared in pod.ports:
            number = counts.integer(declared.get("containerPort"))
            if number is not None and target in (declared.get("name"), number) and PodPort(pod, number) not in found:
                found.append(PodPort(pod, number))
    may_be = by_container and not (pods and all(services.ports_are_known(inventory, pod) for pod in pods))
    return found if entries or found or may_be else None


def _pod_scrapes(inventory: Inventory, monitor: Manifest) -> Iterator[Scrape]:
    index = workloads.index(inventory)
    namespaces = monitored_namespaces(monitor)
    looked = index.namespaces() if namespaces is None else namespaces
    chosen = [pod for namespace in looked for pod in index.selected(namespace, monitor.get("spec", "selector"))]
    for number, entry in enumerate(items(monitor.get("spec", "podMetricsEndpoints"))):
        body = mapping(entry)
        named = body.get("port") or body.get("portNumber") or body.get("targetPort")
        targets = [(pod, services.pod_port(pod, named) or inference.pod_port(inventory, pod, named)) for pod in chosen]
        found = tuple(services.PodPort(pod, port) for pod, port in targets if port is not None)
        may_be = sum(port is None and not services.ports_are_known(inventory, pod) for pod, port in targets)
        yield Scrape(
            monitor=monitor,
            steps=("spec", "podMetricsEndpoints", number),
            namespaces=namespaces,
            selected=len(chosen),
            named=named,
            found=len(found) + may_be,
            targets=found,
        )
