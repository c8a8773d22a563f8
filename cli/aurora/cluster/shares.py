"""Which share of the requests each Service gets, as a route or an Ingress divides them.

Sources: Gateway API 1.6 (a weight is a part of the sum of its rule's weights, 1 by default); ingress-nginx 1.15
(a canary's weight is a part of `canary-weight-total`); AWS Load Balancer Controller 3 (weights of target groups).
Finds facts; never judges them.
"""

from collections.abc import Iterator
from fractions import Fraction

from aurora.cluster import alb, nginx, routes
from aurora.model import counts
from aurora.model.json_value import JsonObject, JsonValue, dig, items, text
from aurora.model.manifest import Manifest

Shares = dict[tuple[str, str], Fraction]
"""Share of requests by the place that divides them and the Service that gets them."""


def shares_of(manifest: Manifest) -> Shares:
    """Give every share of requests that a route or an Ingress states."""
    return dict(_divided(manifest))


def _divided(manifest: Manifest) -> Iterator[tuple[tuple[str, str], Fraction]]:
    if manifest.id.kind != "Ingress":
        yield from _rules(manifest).items()
        return
    for path in routes.ingress_paths(manifest):
        place = f"to `{path.host or '*'}{path.path}`"
        yield (place, path.backend.service), _canary_share(manifest)
    for name, value in manifest.annotations.items():
        if name.startswith(alb.ACTION):
            yield from _action(name.removeprefix(alb.ACTION), value).items()


def _canary_share(ingress: Manifest) -> Fraction:
    if not nginx.is_canary(ingress):
        return Fraction(1)
    # An unreadable weight counts as 0.
    weight = nginx.whole(nginx.annotations_of(ingress).get(nginx.WEIGHT)) or 0
    return min(Fraction(weight, nginx.weight_total(ingress)), Fraction(1))


def _rules(route: Manifest) -> Shares:
    found: Shares = {}
    for rule in routes.route_rules(route):
        place = _place(rule.body.get("matches"))
        total = sum(max(backend.weight or 0, 0) for backend in rule.backends)
        for backend in rule.backends:
            part = Fraction(max(backend.weight or 0, 0), total) if total else Fraction(0)
            found[place, backend.service] = found.get((place, backend.service), Fraction(0)) + part
    return found


def _place(matches: JsonValue | None) -> str:
    words = []
    for match in items(matches):
        headers = [
            f"{text(dig(header, 'name'))}: {text(dig(header, 'value'))}" for header in items(dig(match, "headers"))
        ]
        method = text(dig(match, "method")) if isinstance(dig(match, "method"), str) else ""
        path = text(dig(match, "path", "value")) or "/"
        words.append(" with ".join([f"{method} {path}".strip(), *(f"`{header}`" for header in headers)]))
    return f"to {' or '.join(words)}" if words else "to /"


def action_in_shares(value: str) -> JsonValue:
    """Read an action of a load balancer, with shares in place of weights; nothing where it is unreadable."""
    action, groups, weights = _forwarded(value)
    for group, weight in zip(groups, weights, strict=False):
        group["weight"] = str(Fraction(weight, sum(weights) or 1))
    return action


def _action(name: str, value: str) -> Shares:
    _, groups, weights = _forwarded(value)
    place = f"of the action `{name}`"
    return {
        (place, text(group.get("servicename"))): Fraction(weight, sum(weights) or 1)
        for group, weight in zip(groups, weights, strict=False)
        if group.get("servicename")
    }


def _forwarded(value: str) -> tuple[JsonValue, list[JsonObject], list[int]]:
    """Read an action and its target groups; there are no weights where one is unreadable or left out."""
    action = alb.action(value)
    groups = alb.groups_of(action)
    weights = [weight for group in groups if (weight := counts.integer(group.get("weight"))) is not None]
    return action, groups, [max(weight, 0) for weight in weights] if len(weights) == len(groups) else []
