"""Where requests from outside go: the backends of Ingresses and of the Gateway API's routes.

Finds facts; never judges them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from aurora.cluster import alb, services, workloads
from aurora.cluster.services import PodPort
from aurora.model import counts
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate
from aurora.model.resource import ResourceId

GATEWAY_GROUP = "gateway.networking.k8s.io"
HOST_KINDS = ("HTTPRoute", "GRPCRoute", "TLSRoute")
"""The routes of the Gateway API that name hosts."""
ROUTE_KINDS = (*HOST_KINDS, "TCPRoute", "UDPRoute")
Steps = tuple["Step", ...]
_DEFAULT: Steps = ("spec", "defaultBackend")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """One Service that a route sends requests to, and the steps to where it says so.

    `weight` is None where it is no whole number; an Ingress gives all requests to its one backend. Those of an action
    of a load balancer stand together in one annotation.
    """

    manifest: Manifest
    steps: Steps
    namespace: str
    service: str
    port: JsonValue | None
    weight: int | None = 1
    in_annotation: bool = False

    @property
    def place(self) -> tuple[ResourceId, Steps, str]:
        """What tells a backend from all others."""
        return self.manifest.id, self.steps, self.service

    def part(self, *steps: Step) -> Steps:
        """Give the steps to a part of what names the backend; an annotation is one text."""
        return self.steps if self.in_annotation else (*self.steps, *steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressPath:
    """One path of an Ingress; an empty host stands for every host."""

    manifest: Manifest
    steps: Steps
    host: str
    path: str
    path_type: str
    backend: Backend


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRule:
    """One rule of a Gateway API route, or one action of a load balancer, which has no body."""

    manifest: Manifest
    steps: Steps
    body: JsonObject
    backends: tuple[Backend, ...]

    @property
    def total(self) -> int:
        """The sum of the weights that are readable."""
        return sum(backend.weight or 0 for backend in self.backends)


def hosts(manifest: Manifest) -> tuple[str, ...]:
    """Give the host names of an Ingress or of a route of the Gateway API, each once; the empty one is every host."""
    if manifest.id.kind == "Ingress":
        named = [text(dig(rule, "host")) for rule in items(manifest.get("spec", "rules"))]
    else:
        named = [text(host) for host in items(manifest.get("spec", "hostnames"))] or [""]
    return tuple(dict.fromkeys(named))


def covers(name: str, host: str) -> bool:
    """Tell whether a host name is a wildcard to which another one belongs; it spans labels, as in the Gateway API."""
    return name.startswith("*.") and host.endswith(name[1:])


def serves(manifest: Manifest, host: str) -> bool:
    """Tell whether an Ingress, whose `*` is one label, or a route of the Gateway API takes requests for a host."""
    own = f"*.{host.partition('.')[2]}"
    wide = manifest.id.kind != "Ingress"
    return any(name in ("", host, own) or (wide and covers(name, host)) for name in hosts(manifest))


def ingresses(inventory: Inventory) -> Iterator[Manifest]:
    """Yield the Ingresses."""
    return inventory.of_kind("Ingress", group="networking.k8s.io")


def gateway_routes(inventory: Inventory) -> Iterator[Manifest]:
    """Yield the routes of every kind of the Gateway API."""
    for kind in ROUTE_KINDS:
        yield from inventory.of_kind(kind, group=GATEWAY_GROUP)


def ingress_paths(ingress: Manifest) -> Iterator[IngressPath]:
    """Yield the paths of an Ingress whose backend is a Service."""
    for number, rule in enumerate(items(ingress.get("spec", "rules"))):
        for index, entry in enumerate(items(dig(rule, "http", "paths"))):
            steps: Steps = ("spec", "rules", number, "http", "paths", index)
            backend = _ingress_backend(ingress, (*steps, "backend"))
            if backend is not None:
                yield IngressPath(
                    manifest=ingress,
                    steps=steps,
                    host=text(dig(rule, "host")),
                    path=text(dig(entry, "path")) or "/",
                    path_type=text(dig(entry, "pathType")),
                    backend=backend,
                )


def _ingress_backend(ingress: Manifest, steps: Steps) -> Backend | None:
    service = mapping(ingress.get(*steps, "service"))
    name = text(service.get("name"))
    if not name:
        return None
    port = mapping(service.get("port"))
    return Backend(
        manifest=ingress,
        steps=(*steps, "service"),
        namespace=workloads.namespace_of(ingress),
        service=name,
        port=text(port.get("name")) or counts.integer(port.get("number")),
    )


def actions(ingress: Manifest) -> Iterator[RouteRule]:
    """Yield the actions of a load balancer that paths of an Ingress name and that forward to Services."""
    named = {path.backend.service for path in ingress_paths(ingress) if path.backend.port == alb.PORT}
    default = _ingress_backend(ingress, _DEFAULT)
    if default is not None and default.port == alb.PORT:
        named.add(default.service)
    for name in sorted(named):
        steps: Steps = ("metadata", "annotations", f"{alb.ACTION}{name}")
        found = tuple(
            Backend(
                manifest=ingress,
                steps=steps,
                namespace=workloads.namespace_of(ingress),
                service=group.service,
                port=group.port,
                weight=group.weight,
                in_annotation=True,
            )
            for group in alb.target_groups(ingress.get(*steps))
        )
        if found:
            yield RouteRule(manifest=ingress, steps=steps, body={}, backends=found)


def route_rules(route: Manifest) -> Iterator[RouteRule]:
    """Yield the rules of a Gateway API route."""
    for number, rule in enumerate(items(route.get("spec", "rules"))):
        steps: Steps = ("spec", "rules", number)
        yield RouteRule(manifest=route, steps=steps, body=mapping(rule), backends=tuple(_route_backends(route, steps)))


def _route_backends(route: Manifest, steps: Steps) -> Iterator[Backend]:
    for index, reference in enumerate(items(route.get(*steps, "backendRefs"))):
        body = mapping(reference)
        if text(body.get("group")) or (text(body.get("kind")) or "Service") != "Service":
            continue
        # The weight of a backend that states none is 1 (Gateway API 1.6, BackendRef).
        yield Backend(
            manifest=route,
            steps=(*steps, "backendRefs", index),
            namespace=text(body.get("namespace")) or workloads.namespace_of(route),
            service=text(body.get("name")),
            port=counts.integer(body.get("port")),
            weight=counts.integer(body["weight"]) if "weight" in body else 1,
        )


def backends(inventory: Inventory) -> tuple[Backend, ...]:
    """Give every backend of every Ingress and route; those of an action stand in for the path that names it."""
    return inventory.every(_backends)


def _backends(inventory: Inventory) -> Iterator[Backend]:
    for ingress in ingresses(inventory):
        default = _ingress_backend(ingress, _DEFAULT)
        if default is not None and default.port != alb.PORT:
            yield default
        for path in ingress_paths(ingress):
            if path.backend.port != alb.PORT:
                yield path.backend
        for action in actions(ingress):
            yield from action.backends
    for route in gateway_routes(inventory):
        for rule in route_rules(route):
            yield from rule.backends


def pods_behind(inventory: Inventory, backend: Backend) -> list[PodTemplate]:
    """Give the pods that a backend's Service selects; empty where the Service is unknown."""
    service = services.find(inventory, backend.namespace, backend.service)
    return workloads.index(inventory).behind(service) if service else []


def ports_behind(inventory: Inventory, backend: Backend) -> list[PodPort]:
    """Give the ports of pods that a backend leads to."""
    service = services.find(inventory, backend.namespace, backend.service)
    return services.behind(inventory, service, backend.port) if service else []


def tracks_behind(inventory: Inventory, backend: Backend) -> frozenset[str]:
    """Give the tracks that a backend's requests reach, by its Service's pods, else by its Service's selector."""
    pods = pods_behind(inventory, backend)
    if pods:
        return frozenset(workloads.track(inventory, pod) for pod in pods)
    service = services.find(inventory, backend.namespace, backend.service)
    named = text(mapping(service.get("spec", "selector")).get(inventory.names.track)) if service else ""
    return frozenset({named}) if named else frozenset()
