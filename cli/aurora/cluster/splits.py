"""Where a route divides requests between a stable and a canary track, with every kind of route.

Finds facts; never judges them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from aurora.cluster import nginx, routes
from aurora.cluster.routes import Backend, RouteRule
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.resource import ResourceId

CANARY = "canary"
STABLE = "stable"
_EVERY_PATH: JsonObject = {"path": {"type": "PathPrefix", "value": "/"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One place where requests are divided; `share` is the canary's part of them, `steps` lead to its weight."""

    manifest: Manifest
    steps: tuple[Step, ...]
    share: Fraction
    canary: tuple[Backend, ...]
    stable: tuple[Backend, ...]


def splits(inventory: Inventory) -> tuple[Split, ...]:
    """Give every division of requests, of Ingress pairs, weighted rules and actions of load balancers."""
    return inventory.every(_splits)


def _splits(inventory: Inventory) -> Iterator[Split]:
    for path, mains in nginx.pairs(inventory):
        weight = nginx.whole(nginx.annotations_of(path.manifest).get(nginx.WEIGHT))
        yield Split(
            manifest=path.manifest,
            steps=("metadata", "annotations", nginx.WEIGHT),
            share=Fraction(weight or 0, nginx.weight_total(path.manifest)),
            canary=(path.backend,),
            stable=tuple(main.backend for main in mains),
        )
    for rule in weighted_rules(inventory):
        canary = tuple(backend for backend in rule.backends if is_canary(inventory, backend))
        weight = sum(max(backend.weight or 0, 0) for backend in canary)
        yield Split(
            manifest=rule.manifest,
            steps=canary[0].part("weight"),
            share=Fraction(weight, rule.total) if rule.total > 0 else Fraction(0),
            canary=canary,
            stable=tuple(backend for backend in rule.backends if backend not in canary),
        )


def shares(inventory: Inventory) -> dict[tuple[ResourceId, tuple[Step, ...], str], Fraction]:
    """Give the part of the requests of every backend among which a route divides them, by its `place`."""
    found: dict[tuple[ResourceId, tuple[Step, ...], str], Fraction] = {}
    for split in splits(inventory):
        for group, share in ((split.canary, split.share), (split.stable, 1 - split.share)):
            total = sum(backend.weight or 0 for backend in group)
            for backend in group:
                part = Fraction(backend.weight or 0, total) if total else Fraction(1)
                found[backend.place] = share * part
    return found


def by_header(backend: Backend) -> bool:
    """Tell whether only requests with a certain header or query reach a backend of a Gateway API route."""
    depth_of_rule = 3
    found = items(backend.manifest.get(*backend.steps[:depth_of_rule], "matches"))
    return bool(found) and all(items(dig(match, "headers")) or items(dig(match, "queryParams")) for match in found)


def is_canary(inventory: Inventory, backend: Backend) -> bool:
    """Tell whether a backend's requests reach canary pods only."""
    return routes.tracks_behind(inventory, backend) == {CANARY}


def weighted_rules(inventory: Inventory) -> Iterator[RouteRule]:
    """Yield the rules and actions with a canary and another backend."""
    for owners, rules in ((routes.gateway_routes, routes.route_rules), (routes.ingresses, routes.actions)):
        for rule in (each for owner in owners(inventory) for each in rules(owner)):
            kinds = {is_canary(inventory, backend) for backend in rule.backends}
            if kinds == {True, False}:
                yield rule


def canary_rules(inventory: Inventory) -> Iterator[RouteRule]:
    """Yield the rules whose every backend that gets requests is a canary."""
    for route in routes.gateway_routes(inventory):
        for rule in routes.route_rules(route):
            served = [backend for backend in rule.backends if backend.weight]
            if served and all(is_canary(inventory, backend) for backend in served):
                yield rule


def matches(rule: RouteRule) -> list[JsonObject]:
    """Give the conditions of a rule; one without any matches every path."""
    stated = [mapping(match) for match in items(rule.body.get("matches"))]
    return stated or [_EVERY_PATH]
