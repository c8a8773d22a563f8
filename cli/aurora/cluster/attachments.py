"""Which Gateways the routes of the Gateway API attach to, and to which of their listeners.

Source: Gateway API 1.6.1, the defaults of `parentRefs`. Finds facts; never judges them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aurora.cluster.routes import GATEWAY_GROUP, gateway_routes
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One reference of a route to a known Gateway, and the listeners that it names."""

    route: Manifest
    steps: tuple[Step, ...]
    gateway: Manifest
    listeners: tuple[JsonObject, ...]


def attachments(inventory: Inventory) -> Iterator[Attachment]:
    """Yield the references of all routes to Gateways that are among the objects."""
    for route in gateway_routes(inventory):
        for number, reference in enumerate(items(route.get("spec", "parentRefs"))):
            gateway = _gateway(inventory, route, mapping(reference))
            if gateway is not None:
                yield Attachment(
                    route=route,
                    steps=("spec", "parentRefs", number),
                    gateway=gateway,
                    listeners=tuple(_named(gateway, mapping(reference))),
                )


def by_route(inventory: Inventory) -> Mapping[int, Sequence[Attachment]]:
    """Give the attachments of each route, by the identity of its manifest."""
    return inventory.once(_by_route)


def _by_route(inventory: Inventory) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = defaultdict(list)
    for attachment in attachments(inventory):
        found[id(attachment.route)].append(attachment)
    return found


def _gateway(inventory: Inventory, route: Manifest, reference: JsonObject) -> Manifest | None:
    kind = text(reference.get("kind")) or "Gateway"
    group = reference.get("group", GATEWAY_GROUP)
    if (group, kind) != (GATEWAY_GROUP, "Gateway"):
        return None
    namespace = text(reference.get("namespace")) or route.id.namespace
    return inventory.find("Gateway", text(reference.get("name")), group=GATEWAY_GROUP, namespace=namespace)


def _named(gateway: Manifest, reference: JsonObject) -> Iterator[JsonObject]:
    section, port = reference.get("sectionName"), reference.get("port")
    for entry in items(gateway.get("spec", "listeners")):
        listener = mapping(entry)
        if section in (None, listener.get("name")) and port in (None, listener.get("port")):
            yield listener
