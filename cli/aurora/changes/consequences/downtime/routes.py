"""Whether requests from outside still find their way: backends, Gateways and certificates of routes.

Sources: networking.k8s.io/v1 Ingress of Kubernetes 1.35; Gateway API 1.6; cert-manager 1.21 and External Secrets 2.9,
which make Secrets.
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import DOWNTIME, Found, Row
from aurora.changes.consequences.surroundings import Surroundings
from aurora.changes.consequences.view import View, left
from aurora.changes.pairs import Pair
from aurora.cluster import routes, services, workloads
from aurora.cluster.references import traffic
from aurora.cluster.routes import Backend
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.manifest import Manifest

NO_SERVICE = Row("downtime/route-without-service", DOWNTIME)
NO_PORT = Row("downtime/route-without-port", DOWNTIME)
NO_GATEWAY = Row("downtime/route-without-gateway", DOWNTIME)
NO_CERTIFICATE = Row("downtime/certificate-gone", DOWNTIME)
NO_HOST = Row("downtime/host-unserved", DOWNTIME)

_ROUTES = ("Ingress", *routes.ROUTE_KINDS)
_NAMING = ("Ingress", *routes.HOST_KINDS)
_PROVIDERS = ("Certificate", "ExternalSecret", "Secret")
_SERVED = ("Gateway", "Ingress")
_TARGETS = ("Gateway", "Service")


def find(view: View) -> Iterator[Found]:
    """Yield routes that lead nowhere any more."""
    changed = {pair.resource.kind for pair in view.pairs}
    if changed & {*_ROUTES, *_TARGETS}:
        before, after = (_inventory(view, side) for side in (view.before, view.after))
        yield from _backends(view, before, after)
        yield from _gateways(view, before, after)
        yield from _hosts(view)
    for pair in view.pairs:
        gone = left(pair)
        if gone is not None and gone.id.kind in _PROVIDERS:
            yield from _certificates(view, pair, gone)


def _inventory(view: View, side: Surroundings) -> Inventory:
    """Collect the routes that changed or name what changed, and the Services and Gateways that they name."""
    sides = [(pair, manifest) for pair in view.pairs for manifest in (pair.before, pair.after) if manifest is not None]
    names = [entry.id.name for _, entry in sides if entry.id.kind in _TARGETS]
    found = {entry.id.identity: entry for entry in side.naming(_ROUTES, names)}
    for pair in view.pairs:
        own = pair.after if side is view.after else pair.before
        if own is not None and own.id.kind in _ROUTES:
            found[own.id.identity] = own
    concerned = Inventory(tuple(found.values()), closed=True)
    wanted = {("Service", backend.service, backend.namespace) for backend in routes.backends(concerned)}
    for parent in traffic.parents(concerned):
        wanted.add((parent.gateway.kind, parent.gateway.name, parent.gateway.namespace or "default"))
    for kind, name, namespace in sorted(wanted):
        target = side.find(kind, name, namespace=namespace)
        if target is not None:
            found[target.id.identity] = target
    return Inventory(tuple(found.values()), closed=True)


def _backends(view: View, before: Inventory, after: Inventory) -> Iterator[Found]:
    known = {_key(backend): _state(before, backend) for backend in routes.backends(before)}
    for backend in routes.backends(after):
        state = _state(after, backend)
        if not state or known.get(_key(backend), "") == state:
            continue
        row = NO_SERVICE if state == "service" else NO_PORT
        what = (
            f"no Service `{backend.service}`"
            if row is NO_SERVICE
            else f"no port `{backend.port}` of `{backend.service}`"
        )
        for pair in _causes(view, backend):
            own = pair.after is backend.manifest
            steps = backend.steps if own else None
            yield row.found(pair, f"leads to {what}", steps=steps, resource=backend.manifest.id)


def _key(backend: Backend) -> tuple[object, ...]:
    return (backend.manifest.id.identity, backend.namespace, backend.service, str(backend.port))


def _state(inventory: Inventory, backend: Backend) -> str:
    """Say what is missing behind a backend: nothing, its Service, or the Service's port."""
    service = services.find(inventory, backend.namespace, backend.service)
    if service is None:
        return "service"
    if service.get("spec", "type") == "ExternalName" or not backend.port:
        return ""
    return "" if services.port_entry(service, backend.port) else "port"


def _causes(view: View, backend: Backend) -> list[Pair]:
    """Give the changed pairs behind a backend that leads nowhere: its Service's, else the route's."""
    found = [
        pair
        for pair in view.of("", "Service")
        if pair.before is not None
        and (workloads.namespace_of(pair.before), pair.before.id.name) == (backend.namespace, backend.service)
    ]
    own = view.pair_of(backend.manifest)
    return found or ([own] if own else [])


def _gateways(view: View, before: Inventory, after: Inventory) -> Iterator[Found]:
    for look in (traffic.missing_parents, traffic.missing_listeners):
        known = {violation.manifest.id.identity for violation in look(before)}
        for violation in look(after):
            if violation.manifest.id.identity in known:
                continue
            own = view.pair_of(violation.manifest)
            causes = list(view.of(routes.GATEWAY_GROUP, "Gateway")) if own is None or own.before is not None else []
            for pair in [entry for entry in causes if entry.before is not None] or ([own] if own else []):
                yield NO_GATEWAY.found(pair, violation.message, resource=violation.manifest.id)


def _hosts(view: View) -> Iterator[Found]:
    naming = [pair for pair in view.pairs if pair.resource.kind in _NAMING]
    lost = [(pair, host) for pair in naming for host in sorted(_named(pair.before) - _named(pair.after))]
    there = view.after.of_kinds(*_NAMING) if lost else ()
    for pair, host in lost:
        if not any(routes.serves(route, host) for route in there):
            yield NO_HOST.found(pair, f"no route serves `{host}` any more")


def _named(route: Manifest | None) -> set[str]:
    return set(filter(None, routes.hosts(route))) if route else set()


def _certificates(view: View, pair: Pair, gone: Manifest) -> Iterator[Found]:
    name, namespace = provided_secret(gone), workloads.namespace_of(gone)
    if not name or any(
        provided_secret(entry) == name for entry in view.after.of_kinds(*_PROVIDERS, namespace=namespace)
    ):
        return
    for served in view.after.of_kinds(*_SERVED):
        if (name, namespace) in set(_wanted(served)):
            yield NO_CERTIFICATE.found(
                pair, f"is served with the Secret `{name}`, which nothing provides any more", resource=served.id
            )


def provided_secret(manifest: Manifest) -> str:
    """Give the name of the Secret that an object is or makes."""
    if manifest.id.kind == "Certificate":
        return text(manifest.get("spec", "secretName"))
    if manifest.id.kind == "ExternalSecret":
        return text(manifest.get("spec", "target", "name")) or manifest.id.name
    return manifest.id.name


def _wanted(manifest: Manifest) -> Iterator[tuple[str, str]]:
    here = workloads.namespace_of(manifest)
    for entry in items(manifest.get("spec", "tls")) if manifest.id.kind == "Ingress" else []:
        yield text(dig(entry, "secretName")), here
    for listener in items(manifest.get("spec", "listeners")):
        for entry in items(dig(listener, "tls", "certificateRefs")):
            yield text(dig(entry, "name")), text(dig(entry, "namespace")) or here
