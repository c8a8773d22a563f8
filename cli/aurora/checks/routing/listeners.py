"""Rules about how routes attach to Gateways: listeners, namespaces, host names, TLS and grants.

Source: Gateway API 1.6.1, the definitions' fields and defaults (`allowedRoutes.namespaces.from: Same`,
`parentRefs` of kind Gateway in the route's namespace) and its page on host names. That a named listener
exists is judged with the other references.
"""

from collections.abc import Iterator

from aurora.cluster import routes, surroundings, workloads
from aurora.cluster.attachments import Attachment, attachments
from aurora.model import selectors
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.rule import BROKEN, OBJECT, REFUSED, InventoryRule, Violation

GROUP = routes.GATEWAY_GROUP
_KINDS_OF_PROTOCOL = {
    "HTTP": ("HTTPRoute", "GRPCRoute"),
    "HTTPS": ("HTTPRoute", "GRPCRoute"),
    "TLS": ("TLSRoute", "TCPRoute"),
    "TCP": ("TCPRoute",),
    "UDP": ("UDPRoute",),
}


def admits(inventory: Inventory, attachment: Attachment, listener: JsonObject) -> bool:
    """Tell whether a listener takes routes of this kind from this namespace."""
    allowed = listener.get("allowedRoutes")
    kinds = [text(dig(kind, "kind")) for kind in items(dig(allowed, "kinds"))]
    usual = _KINDS_OF_PROTOCOL.get(text(listener.get("protocol")))
    if attachment.route.id.kind not in (kinds or usual or (attachment.route.id.kind,)):
        return False
    namespace = workloads.namespace_of(attachment.route)
    match text(dig(allowed, "namespaces", "from")) or "Same":
        case "All":
            return True
        case "Selector":
            seen = surroundings.namespace_labels(inventory, namespace)
            return selectors.matches(dig(allowed, "namespaces", "selector"), seen)
        case _:
            return namespace == workloads.namespace_of(attachment.gateway)


def hosts_meet(listener: str, host: str) -> bool:
    """Tell whether a listener's and a route's host names have a host in common; a wildcard spans labels."""
    return not listener or listener == host or routes.covers(listener, host) or routes.covers(host, listener)


def _refused(inventory: Inventory) -> Iterator[Violation]:
    for attachment in attachments(inventory):
        refused = [not admits(inventory, attachment, listener) for listener in attachment.listeners]
        if refused and all(refused):
            yield Violation(
                manifest=attachment.route,
                steps=attachment.steps,
                message=(
                    f"{attachment.gateway.id} takes no {attachment.route.id.kind} from the namespace "
                    f"`{workloads.namespace_of(attachment.route)}`"
                ),
                hint="let the listener's `allowedRoutes` select the namespace and the kind",
            )


def _host(inventory: Inventory) -> Iterator[Violation]:
    for attachment in attachments(inventory):
        open_listeners = [entry for entry in attachment.listeners if admits(inventory, attachment, entry)]
        for number, host in enumerate(items(attachment.route.get("spec", "hostnames"))):
            if open_listeners and not any(
                hosts_meet(text(entry.get("hostname")), text(host)) for entry in open_listeners
            ):
                yield Violation(
                    manifest=attachment.route,
                    steps=("spec", "hostnames", number),
                    message=f"no listener of {attachment.gateway.id} that takes this route serves the host `{host}`",
                    hint="give the route a host that a listener covers",
                )


def _without_tls(inventory: Inventory) -> Iterator[Violation]:
    for gateway in inventory.of_kind("Gateway", group=GROUP):
        for number, entry in enumerate(items(gateway.get("spec", "listeners"))):
            listener = mapping(entry)
            if listener.get("protocol") not in ("HTTPS", "TLS"):
                continue
            tls = mapping(listener.get("tls"))
            ends_here = tls.get("mode", "Terminate") == "Terminate"
            if not tls or (ends_here and not tls.get("certificateRefs") and not tls.get("options")):
                yield Violation(
                    manifest=gateway,
                    steps=("spec", "listeners", number, "tls"),
                    message=f"the listener `{text(listener.get('name'))}` uses TLS, but names no certificate",
                    hint="set `tls.certificateRefs`",
                )


RULES = (
    InventoryRule("routing/listener-refuses-route", REFUSED, _refused),
    InventoryRule("routing/hostname-outside-listener", REFUSED, _host),
    InventoryRule("routing/listener-without-tls", BROKEN, _without_tls, scope=OBJECT),
)
