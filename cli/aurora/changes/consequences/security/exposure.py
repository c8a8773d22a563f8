"""What becomes reachable from outside the cluster, and whether the way there is encrypted.

Sources: Kubernetes 1.35, Service types and `externalIPs`; networking.k8s.io/v1 Ingress; Gateway API 1.6.
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import STRONGER, WEAKER, Found, Row, listed, quoted
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Pair
from aurora.cluster.network_flows import network
from aurora.cluster.routes import GATEWAY_GROUP, HOST_KINDS, hosts
from aurora.model.json_value import JsonValue, dig, items, text
from aurora.model.manifest import Manifest

_OUTSIDE = frozenset({"LoadBalancer", "NodePort"})

EXPOSED = Row("security/service-exposed", WEAKER)
HIDDEN = Row("security/service-hidden", STRONGER)
PUBLISHED = Row("security/host-published", WEAKER)
UNPUBLISHED = Row("security/host-withdrawn", STRONGER)
PLAIN = Row("security/tls-removed", WEAKER)
ENCRYPTED = Row("security/tls-added", STRONGER)


def find(view: View) -> Iterator[Found]:
    """Yield what outsiders reach now, and what no longer."""
    for pair in view.of("", "Service"):
        yield from _service(pair)
    for pair in [*view.of("networking.k8s.io", "Ingress"), *view.of(GATEWAY_GROUP, *HOST_KINDS)]:
        old, new = _hosts(pair.before), _hosts(pair.after)
        if new - old:
            yield PUBLISHED.found(pair, f"serves {quoted(sorted(new - old))}", steps=("spec",))
        if old - new:
            yield UNPUBLISHED.found(pair, f"no longer serves {quoted(sorted(old - new))}")
    for group, kind in (("networking.k8s.io", "Ingress"), (GATEWAY_GROUP, "Gateway")):
        for pair, before, after in view.updated(group, kind):
            yield from _encryption(pair, before, after)


def _service(pair: Pair) -> Iterator[Found]:
    old, new = _entries(pair.before), _entries(pair.after)
    more = [entry for entry in new if not any(_leads_through(known, entry) for known in old)]
    less = [entry for entry in old if not any(_leads_through(known, entry) for known in new)]
    if more:
        yield EXPOSED.found(pair, f"reachable by {listed(_entry(entry) for entry in more)}", steps=("spec",))
    if less:
        yield HIDDEN.found(pair, f"no longer reachable by {listed(_entry(entry) for entry in less)}")


_Entry = tuple[str, str]
"""A way to a Service from outside: its type or an external address, and the addresses that it is open to."""


def _entries(service: Manifest | None) -> list[_Entry]:
    if service is None:
        return []
    found = [(f"external address {text(entry)}", "") for entry in items(service.get("spec", "externalIPs"))]
    kind = text(service.get("spec", "type"))
    if kind in _OUTSIDE:
        ranges = items(service.get("spec", "loadBalancerSourceRanges")) if kind == "LoadBalancer" else []
        found += [(kind, text(entry)) for entry in ranges or [""]]
    return list(dict.fromkeys(found))


def _leads_through(known: _Entry, entry: _Entry) -> bool:
    """Tell whether a client of this entry could use the known one; no addresses mean every one."""
    if known[0] != entry[0] or not known[1] or known == entry:
        return known[0] == entry[0]
    small, large = network(entry[1]), network(known[1])
    if small is None or large is None or small.version != large.version:
        return False
    return small.subnet_of(large)  # type: ignore[arg-type]


def _entry(entry: _Entry) -> str:
    return f"`{entry[0]}` from {f'`{entry[1]}`' if entry[1] else 'everywhere'}"


def _hosts(manifest: Manifest | None) -> set[str]:
    return {host or "*" for host in hosts(manifest)} if manifest else set()


def _encryption(pair: Pair, before: Manifest, after: Manifest) -> Iterator[Found]:
    old, new = _encrypted(before), _encrypted(after)
    plain, safe = (old - new) & _served(after), (new - old) & _served(before)
    if plain:
        yield PLAIN.found(pair, f"{quoted(sorted(plain))} without TLS", steps=("spec",))
    if safe:
        yield ENCRYPTED.found(pair, f"{quoted(sorted(safe))} with TLS", steps=("spec",))


def _encrypted(manifest: Manifest) -> set[str]:
    if manifest.id.kind == "Ingress":
        return {
            text(host) or "*" for entry in items(manifest.get("spec", "tls")) for host in items(dig(entry, "hosts"))
        }
    return {_listener(entry) for entry in items(manifest.get("spec", "listeners")) if _safe(entry)}


def _served(manifest: Manifest) -> set[str]:
    if manifest.id.kind == "Ingress":
        return _hosts(manifest)
    return {_listener(entry) for entry in items(manifest.get("spec", "listeners"))}


def _listener(entry: JsonValue) -> str:
    return text(dig(entry, "name"))


def _safe(entry: JsonValue) -> bool:
    return dig(entry, "protocol") in ("HTTPS", "TLS")
