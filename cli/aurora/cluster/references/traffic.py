"""What routes name: Services and their ports, Gateways and their listeners, classes and their parameters.

Source of the fields: networking.k8s.io/v1, and gateway.networking.k8s.io/v1 1.6 with its defaults for group
and kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from aurora.cluster import routes, services
from aurora.cluster.references.fields import needed
from aurora.cluster.references.lookup import Reference, Steps, absent, exists, find
from aurora.kinds.paths import follow
from aurora.model import counts
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.rule import Violation

INGRESS = "networking.k8s.io"
GATEWAY = routes.GATEWAY_GROUP


def backend_services(inventory: Inventory) -> Iterator[Reference]:
    """Yield every Service that an Ingress or a route of the Gateway API sends traffic to."""
    for backend in routes.backends(inventory):
        if backend.service:
            yield Reference(
                manifest=backend.manifest,
                steps=backend.part("name"),
                kind="Service",
                name=backend.service,
                namespace=backend.namespace,
            )


def closed_ports(inventory: Inventory) -> Iterator[Violation]:
    """Find routes to a port that their Service does not have."""
    for backend in routes.backends(inventory):
        service = services.find(inventory, backend.namespace, backend.service)
        if service is None or backend.port in {None, ""} or service.get("spec", "type") == "ExternalName":
            continue
        if services.port_entry(service, backend.port) is None:
            known = [f"`{port}`" for port in _ports(items(service.get("spec", "ports"))[:10])]
            yield Violation(
                manifest=backend.manifest,
                steps=_port_steps(backend),
                message=f"Service `{backend.service}` has no port `{backend.port}`",
                hint=f"it has {', '.join(known)}" if known else "it has no ports",
            )


_CALLS = (
    ("webhooks", "*", "clientConfig", "service"),
    ("spec", "conversion", "webhook", "clientConfig", "service"),
    ("spec", "service"),
)
_CALLERS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "CustomResourceDefinition", "APIService")


def uncalled_ports(inventory: Inventory) -> Iterator[Violation]:
    """Find webhooks and aggregated APIs at a port that their Service does not have; 443 where none is stated.

    Source: Kubernetes 1.35, k8s.io/apiserver/pkg/util/proxy (`findServicePort`).
    """
    for call in calls(inventory):
        open_ports = [dig(entry, "port") for entry in items(call.service.get("spec", "ports"))]
        if call.port not in open_ports and call.service.get("spec", "type") != "ExternalName":
            yield Violation(
                manifest=call.manifest,
                steps=call.steps,
                message=f"the API server calls port {call.port} of {call.service.id}, which has no such port",
                hint=f"state `port`: it has {', '.join(map(str, open_ports)) or 'none'}",
            )


@dataclass(frozen=True, slots=True)
class Call:
    """A Service that the API server calls, for a webhook, a conversion or an aggregated API, and who makes it do so."""

    manifest: Manifest
    steps: Steps
    service: Manifest
    port: int


def calls(inventory: Inventory) -> Iterator[Call]:
    """Yield the Services that the API server is told to call; at 443 where no port is stated."""
    for manifest in (each for kind in _CALLERS for each in inventory.of_kind(kind)):
        for steps, called in (found for path in _CALLS for found in follow(manifest.body, path)):
            service = services.find(inventory, text(dig(called, "namespace")), text(dig(called, "name")))
            if service is not None:
                port = counts.integer(dig(called, "port"))
                yield Call(manifest, (*steps, "port") if port else steps, service, port or 443)


def _ports(entries: list[JsonValue]) -> Iterator[str]:
    for entry in entries:
        for field in ("port", "name"):
            value = dig(entry, field)
            if isinstance(value, str | int) and value != "":
                yield str(value)


def _port_steps(backend: routes.Backend) -> Steps:
    if backend.manifest.id.kind != "Ingress":
        return backend.part("port")
    return backend.part("port", "name" if isinstance(backend.port, str) else "number")


@dataclass(frozen=True, slots=True)
class Parent:
    """What a route attaches to, and the section of it; empty for all sections."""

    gateway: Reference
    section: str
    steps: Steps


def parents(inventory: Inventory) -> Iterator[Parent]:
    """Yield what routes attach to, of whatever kind."""
    for manifest in routes.gateway_routes(inventory):
        for index, entry in enumerate(items(manifest.get("spec", "parentRefs"))):
            steps: Steps = ("spec", "parentRefs", index)
            group = dig(entry, "group")
            gateway = Reference(
                manifest=manifest,
                steps=(*steps, "name"),
                kind=text(dig(entry, "kind")) or "Gateway",
                name=text(dig(entry, "name")),
                group=group if isinstance(group, str) else GATEWAY,
                namespace=text(dig(entry, "namespace")) or manifest.id.namespace,
            )
            if gateway.name:
                yield Parent(gateway, text(dig(entry, "sectionName")), steps)


def missing_parents(inventory: Inventory) -> Iterator[Violation]:
    """Find routes, and what else attaches to a Gateway, whose parent does not exist."""
    wanted = (parent.gateway for parent in parents(inventory))
    for gateway in (*wanted, *needed(inventory, (GATEWAY, "Gateway"))):
        if not exists(inventory, gateway):
            yield absent(inventory, gateway)


def missing_listeners(inventory: Inventory) -> Iterator[Violation]:
    """Find routes to a listener that their Gateway does not have; a Service's sections are its ports."""
    for parent in parents(inventory):
        gateway = find(inventory, parent.gateway)
        if gateway is None or not parent.section:
            continue
        field = "ports" if gateway.id.kind == "Service" else "listeners"
        names = [text(dig(entry, "name")) for entry in items(gateway.get("spec", field))]
        if parent.section not in names:
            yield Violation(
                manifest=parent.gateway.manifest,
                steps=(*parent.steps, "sectionName"),
                message=f"{parent.gateway} has no listener `{parent.section}`",
                hint=f"it has {', '.join(f'`{name}`' for name in names[:10])}" if names else "it has no listeners",
            )
