"""The division of a host's requests between stable and canary, in the words of each way in.

Gateway: the rules of one HTTPRoute. NGINX: a pair of Ingresses, of which the canary's annotations state its share. Load
balancer of AWS: an action of one Ingress. In each of them whoever owns the certificate is not the canary.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aurora_constructs import services
from aurora_constructs.components.edge.routes import (
    ALB,
    ALB_ACTION,
    NGINX,
    Routed,
    Target,
    WayIn,
    backend,
    http_route,
    ingress,
    load_balancer,
    rule,
)
from aurora_constructs.components.edge.spec import CanaryShare
from aurora_constructs.trials import WEIGHT_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The Services of both tracks, and what the canary gets; without a canary all requests go to stable.

    `limit` is the largest share that the canary may get, where that is more than usual.
    """

    stable: str
    canary: str | None = None
    share: CanaryShare | None = None
    limit: int | None = None


def split(
    owner: services.Owner, name: str, *, way: WayIn, host: str, paths: Sequence[str], health_path: str, tracks: Split
) -> None:
    """Route paths of a host to the tracks; a load balancer asks the pods of each for `health_path` by itself.

    Raises:
        ValueError: a load balancer of AWS is to choose by a header as well.
    """
    routed = Routed(way=way, host=host, paths=paths)
    if way.kind == "gateway":
        http_route(owner, name, way=way, host=host, rules=rules(tracks, paths), annotations=_limit(owner, tracks))
    elif way.kind == "nginx":
        _pair(owner, name, routed, tracks)
    else:
        target = _forward(name, tracks, load_balancer(way, health_path) | _limit(owner, tracks))
        ingress(owner, "ingress", name, routed=routed, target=target, tls=False)


def _limit(owner: services.Owner, tracks: Split) -> dict[str, str]:
    """State how much the canary may get, for the rule that limits it: `routing/canary-weight-limit`."""
    stated = tracks.limit if tracks.canary else None
    return {owner.platform.names.key(WEIGHT_LIMIT): str(stated)} if stated else {}


def rules(tracks: Split, paths: Sequence[str]) -> list[dict[str, Any]]:
    """Give the rules of an HTTPRoute.

    The header's rule matches more than the weighted one and therefore wins; it stays open at weight 0.
    """
    if not (tracks.canary and tracks.share):
        return [rule([backend(tracks.stable, 100)], paths)]
    weight, header = tracks.share.weight or 0, tracks.share.header
    weighted = rule([backend(tracks.stable, 100 - weight), backend(tracks.canary, weight)], paths)
    if header is None:
        return [weighted]
    matched = {"type": "Exact", "name": header.name, "value": header.value}
    return [rule([backend(tracks.canary, 1)], paths, [matched]), weighted]


def _pair(owner: services.Owner, name: str, routed: Routed, tracks: Split) -> None:
    ingress(owner, "stable-ingress", name, routed=routed, target=Target(service=tracks.stable), tls=True)
    if tracks.canary and tracks.share:
        target = Target(service=tracks.canary, annotations=_canary_annotations(tracks.share) | _limit(owner, tracks))
        ingress(owner, "canary-ingress", f"{name}-canary", routed=routed, target=target, tls=False)


def _canary_annotations(share: CanaryShare) -> dict[str, str]:
    """Give the annotations of the canary Ingress; every other setting is inherited from the main one."""
    annotations = {f"{NGINX}/canary": "true", f"{NGINX}/canary-weight": str(share.weight or 0)}
    if share.header is not None:
        annotations[f"{NGINX}/canary-by-header"] = share.header.name
        annotations[f"{NGINX}/canary-by-header-value"] = share.header.value
    return annotations


def _forward(name: str, tracks: Split, annotations: Mapping[str, str]) -> Target:
    """Name the one Service, or an action that divides the requests.

    Source: AWS Load Balancer Controller 3.5, Ingress annotations, `actions.${action-name}`.
    """
    if not (tracks.canary and tracks.share):
        return Target(service=tracks.stable, annotations=annotations)
    if tracks.share.header is not None:
        raise ValueError("an Application Load Balancer divides requests by weight, not by a header")
    weight = tracks.share.weight or 0
    weights = {tracks.stable: 100 - weight, tracks.canary: weight}
    groups = [
        {"serviceName": service, "servicePort": services.SERVICE_PORT, "weight": weight}
        for service, weight in weights.items()
    ]
    action = {"type": "forward", "forwardConfig": {"targetGroups": groups}}
    stated = {**annotations, f"{ALB}/actions.{name}-tracks": json.dumps(action)}
    return Target(service=f"{name}-tracks", port=ALB_ACTION, annotations=stated)
