"""Rules about how many requests the canary gets, and whether anything is there to answer them."""

from collections.abc import Iterator
from fractions import Fraction

from aurora.cluster import inference, nginx, routes, splits, workloads
from aurora.cluster.splits import Split
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.rule import ADVICE, BROKEN, OBJECT, InventoryRule, Violation
from aurora_constructs.trials import USUAL_LIMIT, WEIGHT_LIMIT


def _weights(inventory: Inventory) -> Iterator[Violation]:
    for route in routes.gateway_routes(inventory):
        for rule in routes.route_rules(route):
            for backend in rule.backends:
                if backend.weight is None or backend.weight < 0:
                    yield Violation(
                        manifest=route,
                        steps=(*backend.steps, "weight"),
                        message=f"the weight of `{backend.service}` is no whole number from 0",
                        hint="weights are proportions: 90 and 10, or 9 and 1",
                    )
            if rule.backends and all(backend.weight == 0 for backend in rule.backends):
                yield Violation(
                    manifest=route,
                    steps=(*rule.steps, "backendRefs"),
                    message="the weights of all backends are 0, so every request fails",
                    hint="give the stable backend a weight",
                )


def _limit(manifest: Manifest, key: str) -> Fraction | None:
    """Read the limit of a route; None where one is stated that cannot be read."""
    stated = nginx.annotations_of(manifest).get(key, manifest.labels.get(key))
    if stated is None:
        return Fraction(USUAL_LIMIT, 100)
    percent = nginx.whole(stated)
    return None if percent is None or percent > 100 else Fraction(percent, 100)


def _over_limit(inventory: Inventory) -> Iterator[Violation]:
    key = inventory.names.key(WEIGHT_LIMIT)
    for split in splits.splits(inventory):
        limit = _limit(split.manifest, key)
        if limit is None:
            yield Violation(
                manifest=split.manifest,
                steps=("metadata", "annotations", key),
                message=f"`{key}` is no percentage from 0 to 100 written as a string",
                hint=f"leave it out for the usual limit of {USUAL_LIMIT}",
            )
        elif split.share > limit:
            yield Violation(
                manifest=split.manifest,
                steps=split.steps,
                message=f"the canary gets {float(split.share):.3g} of all requests, its limit is {float(limit):.3g}",
                hint=f"lower the weight, or state another limit in the annotation `{key}`",
            )


def _takes_all(inventory: Inventory) -> Iterator[Violation]:
    for rule in splits.canary_rules(inventory):
        for number, match in enumerate(splits.matches(rule)):
            if not items(match.get("headers")) and not items(match.get("queryParams")):
                yield Violation(
                    manifest=rule.manifest,
                    steps=(*rule.steps, "matches", number),
                    message="every request of this path goes to the canary",
                    hint="match a header that testers send, or divide by weight",
                )


def _unreachable(inventory: Inventory) -> Iterator[Violation]:
    """Find requests that answer to nobody: a weight above 0 for a Service whose pods are scaled to 0."""
    for split in splits.splits(inventory):
        served = list(split.canary) if split.share > 0 else []
        if split.share < 1:
            served += split.stable
        for backend in served:
            pods = routes.pods_behind(inventory, backend)
            counted = [workloads.index(inventory).replicas(pod) for pod in pods]
            if pods and backend.weight and all(count is not None and count.least == 0 for count in counted):
                yield Violation(
                    manifest=backend.manifest,
                    steps=backend.steps,
                    message=f"`{backend.service}` gets requests, but {pods[0].manifest.id} may have no replica",
                    hint="keep at least one replica, or set the weight to 0",
                )


def _ignored(inventory: Inventory) -> Iterator[Violation]:
    """Source: KServe 0.20, where only `reconcilers/knative/ksvc_reconciler.go` reads the field."""
    for pod in inference.pods(inventory):
        if pod.get("canaryTrafficPercent") is not None and inference.mode(pod.manifest) in inference.DEPLOYMENTS:
            yield Violation(
                manifest=pod.manifest,
                steps=pod.at("canaryTrafficPercent"),
                message="without Knative nothing reads this: every request goes to the newest pods at once",
                hint="make the canary an InferenceService of its own, and divide requests in the route by weight",
            )


def _header_among_weights(inventory: Inventory) -> Iterator[Violation]:
    for rule in splits.weighted_rules(inventory):
        for number, match in enumerate(splits.matches(rule)):
            if items(match.get("headers")):
                yield Violation(
                    manifest=rule.manifest,
                    steps=(*rule.steps, "matches", number, "headers"),
                    message="requests with this header are divided by weight like all others",
                    hint="put the header into a rule of its own, whose only backend is the canary",
                )


def _shadowed(inventory: Inventory) -> Iterator[Violation]:
    weighted = list(splits.weighted_rules(inventory))
    for rule in splits.canary_rules(inventory):
        rivals = [match for other in weighted if other.manifest is rule.manifest for match in splits.matches(other)]
        for number, match in enumerate(splits.matches(rule)):
            if any(_wins(rival, match) for rival in rivals):
                yield Violation(
                    manifest=rule.manifest,
                    steps=(*rule.steps, "matches", number, "path"),
                    message="the weighted rule has a more specific path, so this header changes nothing there",
                    hint="give both rules the same path",
                )


def _wins(rival: JsonObject, match: JsonObject) -> bool:
    """Tell whether a rival's path lies within a match's path and is more specific: longer, or exact."""
    rival_kind, rival_path = _path(rival)
    kind, path = _path(match)
    if kind != "PathPrefix" or rival_kind not in ("PathPrefix", "Exact"):
        return False
    inside = path in ("/", rival_path) or rival_path.startswith(f"{path}/")
    return inside and (len(rival_path), rival_kind == "Exact") > (len(path), False)


def _path(match: JsonObject) -> tuple[str, str]:
    kind = text(dig(match, "path", "type")) or "PathPrefix"
    return kind, (text(dig(match, "path", "value")) or "/").rstrip("/") or "/"


def _no_failover(inventory: Inventory) -> Iterator[Violation]:
    seen: set[int] = set()
    for split in splits.splits(inventory):
        if id(split.manifest) in seen or not split.stable:
            continue
        seen.add(id(split.manifest))
        yield Violation(
            manifest=split.manifest,
            steps=("spec", "rules"),
            message=f"not guaranteed: {_outage(inventory, split)}",
            hint="keep the stable track alive: several replicas, spread over hosts, with a PodDisruptionBudget",
        )


def _outage(inventory: Inventory, split: Split) -> str:
    """Say what the route's controller does, in the same words for every route.

    HAProxy Ingress 0.15 makes one backend of both tracks: its weights are those of the pods.
    """
    if split.manifest.id.kind == "Ingress" and nginx.is_canary(split.manifest):
        return "without a ready stable pod requests are answered with 503; the canary does not take over"
    classes = inventory.of_kind("GatewayClass", group=routes.GATEWAY_GROUP)
    if any(text(each.get("spec", "controllerName")).startswith("haproxy-ingress.") for each in classes):
        return "without a ready stable pod HAProxy sends all requests to the canary, whatever the weights say"
    return (
        "without a ready stable pod the stable share is answered with 5xx, and so is the canary's without a ready "
        "canary pod: neither takes over for the other"
    )


RULES = (
    InventoryRule("routing/weights", BROKEN, _weights, scope=OBJECT),
    InventoryRule("routing/canary-weight-limit", ADVICE, _over_limit, own=True),
    InventoryRule("routing/canary-takes-all", ADVICE, _takes_all, own=True),
    InventoryRule("routing/backend-without-replicas", BROKEN, _unreachable),
    InventoryRule("routing/split-ignored", BROKEN, _ignored),
    InventoryRule("routing/header-among-weights", ADVICE, _header_among_weights, severity=Severity.WARNING),
    InventoryRule("routing/override-shadowed", BROKEN, _shadowed),
    InventoryRule("routing/no-failover-to-canary", ADVICE, _no_failover, severity=Severity.NOTE, own=True),
)
