"""Rules about connections that must be open: for routes, metrics, settings, and the API server."""

from collections.abc import Callable, Hashable, Iterator

from aurora.cluster.needed_flows import Need, Party, Why, blocked, of
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import BROKEN, InventoryRule, Violation

Telling = Callable[[Need], tuple[str, str]]
"""Says what is wrong where policies block a need, and what to do."""


def _rule(id_: str, why: Why, key: Callable[[Need], Hashable], tell: Telling) -> InventoryRule:
    """Make the rule about what is needed for one reason; of needs with the same key the first is told."""

    def find(inventory: Inventory) -> Iterator[Violation]:
        seen: set[Hashable] = set()
        for need in of(inventory, why):
            if need.manifest is not None and key(need) not in seen and blocked(inventory, need):
                seen.add(key(need))
                message, hint = tell(need)
                yield Violation(manifest=need.manifest, steps=need.steps, message=message, hint=hint)

    return InventoryRule(id_, BROKEN, find, softens=True)


def _object(party: Party) -> Manifest | None:
    return party.manifest if isinstance(party, PodTemplate) else None


def _target(need: Need) -> str:
    found = _object(need.target)
    return f"port {need.ports[0].number} of {found.id}" if found else "it"


def _allow(need: Need) -> str:
    out = " or ".join(f"`{source}`" for source in need.sources if isinstance(source, str))
    into = need.target.namespace if isinstance(need.target, PodTemplate) else need.target
    if not out:
        return f"let the addresses of the load balancers into `{into}`, as an `ipBlock`, at the port of the pods"
    return f"allow it at both ends: out of {out}, and into `{into}`"


def _setting(need: Need) -> tuple[str, str]:
    message = f"the setting leads these pods to {_target(need)}, but no policy lets them reach it"
    return message, "allow the connection at both ends, or remove the setting"


def _webhook(need: Need) -> tuple[str, str]:
    message = f"the API server calls {_target(need)}, and no policy lets it: its address is none of a pod"
    return message, "let the addresses of the API server in, as an `ipBlock`, at the port of the pod"


def _api(need: Need) -> tuple[str, str]:
    caller = need.manifest.id if need.manifest else "this"
    message = f"{caller} calls the Kubernetes API, but no policy lets it reach the API server"
    return message, "allow TCP 443 and 6443 to the addresses of the API server's endpoints"


def _each(need: Need) -> Hashable:
    return id(need)


def _once(need: Need) -> Hashable:
    found = _object(need.target)
    return (found.id.identity if found else None, need.ports)


def _once_for(need: Need) -> Hashable:
    return need.manifest.id.identity if need.manifest else "", _once(need)


RULES = (
    _rule(
        "network/edge-blocked",
        Why.ROUTE,
        _once,
        lambda need: (f"no policy lets the edge reach {_target(need)}", _allow(need)),
    ),
    _rule(
        "network/metrics-blocked",
        Why.SCRAPE,
        _each,
        lambda need: (f"no policy lets Prometheus reach {_target(need)}", _allow(need)),
    ),
    _rule("network/dependency-blocked", Why.SETTING, _each, _setting),
    _rule("network/api-server-blocked", Why.API, _each, _api),
    _rule("network/webhook-blocked", Why.CALL, _once_for, _webhook),
)
