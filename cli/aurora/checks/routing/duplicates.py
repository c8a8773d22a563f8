"""Rule about one path that several routes claim.

Source: the Gateway API's rules of precedence (HTTPRoute: the oldest route wins) and ingress-nginx' webhook.
"""

import json
from collections import defaultdict
from collections.abc import Iterator

from aurora.cluster import nginx, routes, splits, workloads
from aurora.cluster.attachments import attachments
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import BROKEN, InventoryRule, Violation

Claim = tuple[str, ...]
"""Who listens, on which host, for which path and further conditions."""


def _claims(inventory: Inventory) -> Iterator[tuple[Claim, Manifest, tuple[Step, ...]]]:
    yield from _ingress_claims(inventory)
    yield from _route_claims(inventory)


def _ingress_claims(inventory: Inventory) -> Iterator[tuple[Claim, Manifest, tuple[Step, ...]]]:
    for ingress in routes.ingresses(inventory):
        for path in routes.ingress_paths(ingress):
            if not nginx.is_canary(ingress):
                claim = (
                    "Ingress",
                    text(ingress.get("spec", "ingressClassName")),
                    path.host,
                    path.path_type,
                    _trim(path.path),
                )
                yield claim, ingress, path.steps


def _route_claims(inventory: Inventory) -> Iterator[tuple[Claim, Manifest, tuple[Step, ...]]]:
    entries = _entries(inventory)
    for route in inventory.of_kind("HTTPRoute", group=routes.GATEWAY_GROUP):
        hosts = list(dict.fromkeys(text(host) for host in items(route.get("spec", "hostnames")))) or [""]
        for rule in routes.route_rules(route):
            for number, match in enumerate(splits.matches(rule)):
                for entry in entries[id(route)]:
                    for host in hosts:
                        yield (*entry, host, *_conditions(match)), route, (*rule.steps, "matches", number)


def _entries(inventory: Inventory) -> dict[int, set[tuple[str, str]]]:
    """Give the listeners that each route is attached to; an unknown Gateway counts as it is named."""
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    known: set[tuple[int, tuple[Step, ...]]] = set()
    for attachment in attachments(inventory):
        known.add((id(attachment.route), attachment.steps))
        for listener in attachment.listeners:
            found[id(attachment.route)].add((str(attachment.gateway.id), text(listener.get("name"))))
    for route in inventory.of_kind("HTTPRoute", group=routes.GATEWAY_GROUP):
        for number, reference in enumerate(items(route.get("spec", "parentRefs"))):
            if (id(route), ("spec", "parentRefs", number)) not in known:
                body = mapping(reference)
                namespace = text(body.get("namespace")) or workloads.namespace_of(route)
                found[id(route)].add((f"{namespace}/{text(body.get('name'))}", text(body.get("sectionName"))))
    return found


def _conditions(match: JsonObject) -> Claim:
    path = mapping(match.get("path"))
    rest = {key: value for key, value in match.items() if key != "path"}
    return (
        text(path.get("type")) or "PathPrefix",
        _trim(text(path.get("value")) or "/"),
        json.dumps(rest, sort_keys=True) if rest else "",
    )


def _trim(path: str) -> str:
    return path.rstrip("/") or "/"


def _duplicates(inventory: Inventory) -> Iterator[Violation]:
    first: dict[Claim, Manifest] = {}
    seen: set[tuple[int, tuple[Step, ...]]] = set()
    for claim, manifest, steps in _claims(inventory):
        earlier = first.get(claim)
        if earlier is None:
            first[claim] = manifest
        elif (id(manifest), steps) not in seen:
            seen.add((id(manifest), steps))
            yield Violation(
                manifest=manifest,
                steps=steps,
                message=f"{earlier.id} already serves `{claim[2] or '*'}{claim[4]}` under the same conditions",
                hint="keep one route for each host and path",
            )


def _two_controllers(inventory: Inventory) -> Iterator[Violation]:
    served = {
        (path.host, _trim(path.path)): ingress
        for ingress in routes.ingresses(inventory)
        for path in routes.ingress_paths(ingress)
        if path.host
    }
    for route in inventory.of_kind("HTTPRoute", group=routes.GATEWAY_GROUP):
        hosts = [text(host) for host in items(route.get("spec", "hostnames"))]
        paths = {
            _conditions(match)[1]
            for rule in routes.route_rules(route)
            if rule.backends
            for match in splits.matches(rule)
        }
        for number, host in enumerate(hosts):
            for path in sorted(paths):
                ingress = served.get((host, path))
                if ingress is not None:
                    yield Violation(
                        manifest=route,
                        steps=("spec", "hostnames", number),
                        message=f"{ingress.id} serves `{host}{path}` as well, through another controller",
                        hint="remove one of the two: which one answers depends on DNS",
                    )


def _find(inventory: Inventory) -> Iterator[Violation]:
    yield from _duplicates(inventory)
    yield from _two_controllers(inventory)


RULES = (InventoryRule("routing/duplicate-path", BROKEN, _find),)
