"""Rule about references over namespaces, which the Gateway API allows only with the other side's grant.

Source: Gateway API 1.6.1, ReferenceGrant.
"""

from collections import defaultdict
from collections.abc import Iterator

from aurora.cluster import routes, workloads
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import REFUSED, InventoryRule, Violation

GROUP = routes.GATEWAY_GROUP


def _references(inventory: Inventory) -> Iterator[tuple[Manifest, tuple[Step, ...]]]:
    for route in routes.gateway_routes(inventory):
        for rule in routes.route_rules(route):
            for number in range(len(items(rule.body.get("backendRefs")))):
                yield route, (*rule.steps, "backendRefs", number)
    for gateway in inventory.of_kind("Gateway", group=GROUP):
        for number, listener in enumerate(items(gateway.get("spec", "listeners"))):
            for index in range(len(items(dig(listener, "tls", "certificateRefs")))):
                yield gateway, ("spec", "listeners", number, "tls", "certificateRefs", index)


def _without_grant(inventory: Inventory) -> Iterator[Violation]:
    grants: dict[str, list[Manifest]] = defaultdict(list)
    for grant in inventory.of_kind("ReferenceGrant", group=GROUP):
        grants[workloads.namespace_of(grant)].append(grant)
    for manifest, steps in _references(inventory):
        body = mapping(manifest.get(*steps))
        there = text(body.get("namespace"))
        if not there or there == workloads.namespace_of(manifest):
            continue
        kind = text(body.get("kind")) or ("Secret" if "certificateRefs" in steps else "Service")
        wanted = (text(body.get("group")), kind, text(body.get("name")))
        if not any(_grants(grant, manifest, wanted) for grant in grants[there]):
            yield Violation(
                manifest=manifest,
                steps=(*steps, "namespace"),
                message=f"no ReferenceGrant in `{there}` lets {manifest.id} use the {kind} `{wanted[2]}`",
                hint=f"add a ReferenceGrant to the namespace `{there}`",
            )


def _grants(grant: Manifest, user: Manifest, wanted: tuple[str, str, str]) -> bool:
    group, kind, name = wanted
    origin = (user.id.group, user.id.kind, workloads.namespace_of(user))
    allowed = {
        (_named(entry, "group"), _named(entry, "kind"), _named(entry, "namespace"))
        for entry in items(grant.get("spec", "from"))
    }
    return origin in allowed and any(
        (_named(entry, "group"), _named(entry, "kind")) == (group, kind) and _named(entry, "name") in ("", name)
        for entry in items(grant.get("spec", "to"))
    )


def _named(entry: JsonValue, key: str) -> str:
    return text(mapping(entry).get(key))


RULES = (InventoryRule("routing/reference-without-grant", REFUSED, _without_grant, softens=True),)
