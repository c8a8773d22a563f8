"""Where requests come in: what clients speak to an edge, and what the edge speaks to the pods behind it.

Sources: AWS Load Balancer Controller 3.5 (IngressClassParams `certificateArn`, annotations `certificate-arn` and
`backend-protocol`), ingress-nginx 1.15 (`tls`, `backend-protocol`), Gateway API 1.6 (listeners, BackendTLSPolicy, and
`appProtocol: https` of a Service's port is no promise of it). Finds facts; never judges them.
"""

from __future__ import annotations

from collections.abc import Iterator

from aurora.cluster import nginx, routes, services, surroundings, workloads
from aurora.cluster.attachments import by_route
from aurora.model.encryption import Encrypted, Hop
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora_constructs.cluster.encryption import CLIENTS, LOAD_BALANCER

YES, NO = Encrypted.YES, Encrypted.NO
CONTROLLER = "Ingress controller"
_ALB, _NGINX = "alb.ingress.kubernetes.io", "nginx.ingress.kubernetes.io"
_TLS_PROTOCOLS = frozenset({"HTTPS", "GRPCS"})


def entries(inventory: Inventory) -> Iterator[Hop]:
    """Yield what clients speak to each edge, for every route with a backend."""
    for manifest in {id(each.manifest): each.manifest for each in routes.backends(inventory)}.values():
        if manifest.id.kind == "Ingress" and nginx.is_canary(manifest):
            continue  # it has neither hosts nor certificates of its own
        if manifest.id.kind == "Ingress":
            tls, says = _ingress(inventory, manifest)
            for name in names_of(inventory, manifest):
                yield Hop(
                    source=CLIENTS, target=name, tls=tls, ends=name if tls is YES else "", says=says, manifest=manifest
                )
        else:
            yield from _listeners(inventory, manifest)


def names_of(inventory: Inventory, manifest: Manifest) -> tuple[str, ...]:
    """Name the edges that serve an Ingress or a route."""
    if manifest.id.kind == "Ingress":
        return (LOAD_BALANCER if surroundings.comes_from_outside(inventory, manifest) else CONTROLLER,)
    attached = by_route(inventory).get(id(manifest), ())
    return tuple(dict.fromkeys(str(each.gateway.id) for each in attached)) or ("edge",)


def _ingress(inventory: Inventory, ingress: Manifest) -> tuple[Encrypted, str]:
    if surroundings.comes_from_outside(inventory, ingress):
        parameters = _parameters(inventory, ingress)
        if ingress.annotations.get(f"{_ALB}/certificate-arn"):
            return YES, f"the certificate that {ingress.id} names"
        if parameters is not None and items(parameters.get("spec", "certificateArn")):
            return YES, f"the certificates of {parameters.id}"
    if items(ingress.get("spec", "tls")):
        return YES, f"`tls` of {ingress.id}"
    return NO, f"{ingress.id} has no certificate"


def _parameters(inventory: Inventory, ingress: Manifest) -> Manifest | None:
    name = text(ingress.get("spec", "ingressClassName"))
    found = inventory.find("IngressClass", name, group="networking.k8s.io")
    wanted = mapping(found.get("spec", "parameters")) if found else {}
    return inventory.find(text(wanted.get("kind")), text(wanted.get("name")), group=text(wanted.get("apiGroup")))


def _listeners(inventory: Inventory, route: Manifest) -> Iterator[Hop]:
    for attachment in by_route(inventory).get(id(route), ()):
        gateway = str(attachment.gateway.id)
        for listener in attachment.listeners:
            protocol, name = text(listener.get("protocol")), text(listener.get("name"))
            passes = dig(listener, "tls", "mode") == "Passthrough"
            safe = protocol in ("HTTPS", "TLS")
            yield Hop(
                source=CLIENTS,
                target=gateway,
                tls=YES if safe else NO,
                ends="the pods" if passes else gateway if safe else "",
                says=f"`protocol: {protocol}` of the listener `{name}`",
                manifest=route,
                steps=("spec", "parentRefs"),
            )


def to_backend(inventory: Inventory, backend: routes.Backend) -> tuple[Encrypted, str]:
    """Tell what an edge speaks to a backend, and what says so."""
    manifest = backend.manifest
    if manifest.id.kind == "TLSRoute":
        return YES, f"{manifest.id} hands TLS on"
    if manifest.id.kind != "Ingress":
        policy = _policy(inventory, backend)
        return (YES, f"{policy.id}") if policy else (NO, "no BackendTLSPolicy")
    service = services.find(inventory, backend.namespace, backend.service)
    outside = surroundings.comes_from_outside(inventory, manifest)
    key = f"{_ALB if outside else _NGINX}/backend-protocol"
    own = service.annotations.get(key) if service and outside else None
    protocol = (own or manifest.annotations.get(key) or "HTTP").upper()
    return (
        YES if protocol in _TLS_PROTOCOLS else NO
    ), f"`backend-protocol: {protocol}`" if protocol != "HTTP" else "HTTP, the default"


def _policy(inventory: Inventory, backend: routes.Backend) -> Manifest | None:
    for policy in inventory.of_kind("BackendTLSPolicy", group=routes.GATEWAY_GROUP):
        if workloads.namespace_of(policy) == backend.namespace:
            for target in items(policy.get("spec", "targetRefs")):
                if dig(target, "name") == backend.service:
                    return policy
    return None
