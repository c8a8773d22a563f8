"""A rule about what a route from outside exposes beside what it is for: the metrics of the pods behind it."""

from collections import defaultdict
from collections.abc import Iterator

from aurora.cluster import routes, scrapes
from aurora.cluster.routes import Backend
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.rule import ADVICE, InventoryRule, Violation

Identity = tuple[str, str, str, str]


def _metrics(inventory: Inventory) -> Iterator[Violation]:
    scraped: dict[tuple[Identity, int], set[str]] = defaultdict(set)
    for scrape in scrapes.scrapes(inventory):
        path = text(scrape.monitor.get(*scrape.steps, "path")) or "/metrics"
        for target in scrape.targets:
            scraped[(target.pod.manifest.id.identity, target.number)].add(path)
    for backend, path, exact in _routed(inventory) if scraped else ():
        exposed = {
            found
            for target in routes.ports_behind(inventory, backend)
            for found in scraped.get((target.pod.manifest.id.identity, target.number), ())
            if (found == path if exact else _begins(found, path))
        }
        if exposed:
            yield Violation(
                manifest=backend.manifest,
                steps=backend.steps,
                message=f"the path `{path}` of this route includes `{min(exposed)}`, which Prometheus scrapes",
                hint="route only the paths that clients call, or serve metrics on a port of their own",
            )


def _routed(inventory: Inventory) -> Iterator[tuple[Backend, str, bool]]:
    """Yield each backend with a path that leads to it, and whether only this very path does."""
    for ingress in routes.ingresses(inventory):
        for entry in routes.ingress_paths(ingress):
            yield entry.backend, entry.path, entry.path_type == "Exact"
    for route in inventory.of_kind("HTTPRoute", group=routes.GATEWAY_GROUP):
        for rule in routes.route_rules(route):
            for match in items(rule.body.get("matches")) or [None]:
                path, kind = text(dig(match, "path", "value")) or "/", text(dig(match, "path", "type"))
                if kind != "RegularExpression":
                    yield from ((backend, path, kind == "Exact") for backend in rule.backends)


def _begins(path: str, prefix: str) -> bool:
    """Tell whether a path begins with a prefix, whole segments at a time."""
    return f"{path}/".startswith(f"{prefix.rstrip('/')}/")


RULES = (InventoryRule("routing/metrics-exposed", ADVICE, _metrics),)
