"""What NetworkPolicies open and close: pods that lose or gain isolation, and rules that allow more or less.

Source: `networking.k8s.io/v1` of Kubernetes 1.35, as the simulation of flows reads it. Rules are compared as
written: one that covers another in every peer and port allows at least as much.
"""

import json
from collections.abc import Iterable, Iterator

from aurora.changes.consequences.row import DOWNTIME, STRONGER, WEAKER, Found, Row, listed
from aurora.changes.consequences.surroundings import Surroundings
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Pair
from aurora.cluster import workloads
from aurora.cluster.network_flows import DIRECTIONS, INGRESS, FlowRule, Policy, network, read
from aurora.model import selectors
from aurora.model.json_value import JsonObject, dig, items

OPENED = Row("security/network-opened", WEAKER)
CLOSED = Row("security/network-closed", DOWNTIME + STRONGER)
UNPROTECTED = Row("security/network-unprotected", WEAKER)
ISOLATED = Row("security/network-isolated", DOWNTIME + STRONGER)


def find(view: View) -> Iterator[Found]:
    """Yield what every changed policy opens and closes."""
    for pair in view.of("networking.k8s.io", "NetworkPolicy"):
        old, new = (read(side) if side is not None else None for side in (pair.before, pair.after))
        for direction in DIRECTIONS:
            yield from _isolation(view, pair, direction, (old, new))
            yield from _rules(view, pair, direction, (old, new))
    yield from _relabelled(view)


def _rules(view: View, pair: Pair, direction: str, sides: tuple[Policy | None, Policy | None]) -> Iterator[Found]:
    old, new = sides
    before, after = (policy.rules.get(direction, ()) if policy else () for policy in (old, new))
    way = "into" if direction == INGRESS else "out of"
    more = [rule for rule in after if not any(_covers(known, rule) for known in before)]
    less = [rule for rule in before if not any(_covers(known, rule) for known in after)]
    judging = all(policy is not None and direction in policy.rules for policy in sides)
    if more and (judging or _stay(view, view.before, new, direction=direction)):
        yield OPENED.found(pair, f"allows more {way} its pods: {_shown(more)}", steps=more[0].steps)
    if less and (judging or _stay(view, view.after, old, direction=direction)):
        yield CLOSED.found(pair, f"no longer allows {way} its pods: {_shown(less)}")


def _stay(view: View, side: Surroundings, policy: Policy | None, *, direction: str) -> bool:
    """Tell whether rules that came or went with their policy, or its direction, mean pods isolated on the other side.

    Where no policy isolates them there, isolation itself begins or ends, and that is said of it. Pods that no
    manifest knows may always be meant.
    """
    if policy is None:
        return False
    judging = _judging(side, policy.namespace, direction)
    before, after = (known.selected(policy.namespace, policy.selector) for known in (view.before, view.after))
    pods = before if side is view.before else after
    isolated = any(selectors.matches(entry.selector, pod.labels) for entry in judging for pod in pods)
    return isolated or not (before or after)


def _shown(rules: Iterable[FlowRule]) -> str:
    return listed(f"{_number(rule.peers, 'peer')} on {_ports(rule)}" for rule in rules)


def _number(entries: tuple[JsonObject, ...] | None, what: str) -> str:
    if entries is None:
        return f"every {what}"
    return f"{len(entries)} {what}{'' if len(entries) == 1 else 's'}"


def _ports(rule: FlowRule) -> str:
    if rule.ports is None:
        return "every port"
    return "port " + ", ".join(str(port.get("port", "of any number")) for port in rule.ports)


def _covers(known: FlowRule, rule: FlowRule) -> bool:
    """Tell whether everything that a rule allows is allowed by a known one."""
    return _all_in(known.peers, rule.peers) and _all_in(known.ports, rule.ports)


def _all_in(known: tuple[JsonObject, ...] | None, given: tuple[JsonObject, ...] | None) -> bool:
    if known is None:
        return True
    return given is not None and all(any(_within(entry, other) for other in known) for entry in given)


def _within(given: JsonObject, known: JsonObject) -> bool:
    if _canonical(given) == _canonical(known):
        return True
    small, large = (network(dig(entry, "ipBlock", "cidr")) for entry in (given, known))
    if small is None or large is None or small.version != large.version:
        return False
    excepted = {repr(entry) for entry in items(dig(known, "ipBlock", "except"))}
    kept = {repr(entry) for entry in items(dig(given, "ipBlock", "except"))}
    return small.subnet_of(large) and excepted <= kept  # type: ignore[arg-type]


def _canonical(entry: JsonObject) -> str:
    stated = {"protocol": "TCP", **entry} if "port" in entry or "endPort" in entry else entry
    return json.dumps(stated, sort_keys=True)


def _isolation(view: View, pair: Pair, direction: str, sides: tuple[Policy | None, Policy | None]) -> Iterator[Found]:
    judged = [policy.selector if policy and direction in policy.rules else None for policy in sides]
    if judged[0] == judged[1]:
        return
    namespace = workloads.namespace_of(pair.subject)
    before, after = _judging(view.before, namespace, direction), _judging(view.after, namespace, direction)
    lost: list[str] = []
    gained: list[str] = []
    for pod in view.after.pods(namespace):
        pair_of_pod = view.pair_of(pod.manifest)
        if pair_of_pod is not None and pair_of_pod.before is None:
            continue
        was, now = (any(selectors.matches(entry.selector, pod.labels) for entry in known) for known in (before, after))
        if was != now and pod.get("hostNetwork") is not True:
            (lost if was else gained).append(str(pod.manifest.id))
    if lost:
        yield UNPROTECTED.found(pair, f"{direction.lower()} of {listed(lost)} is no longer restricted")
    if gained:
        yield ISOLATED.found(pair, f"{direction.lower()} of {listed(gained)} is restricted to what policies allow")


def _relabelled(view: View) -> Iterator[Found]:
    """Yield changed workloads whose new labels take them out of every policy of a direction, or into the first."""
    for pair, before, after in view.updated_workloads():
        if (before.labels, before.namespace) == (after.labels, after.namespace):
            continue
        for direction in DIRECTIONS:
            was, now = (
                any(selectors.matches(entry.selector, pod.labels) for entry in _judging(side, pod.namespace, direction))
                for side, pod in ((view.before, before), (view.after, after))
            )
            if was and not now:
                yield UNPROTECTED.found(pair, f"no policy selects its pods any more: {direction.lower()} is open")
            if now and not was:
                yield ISOLATED.found(
                    pair, f"a policy selects its pods: {direction.lower()} is restricted to what it allows"
                )


def _judging(side: Surroundings, namespace: str, direction: str) -> list[Policy]:
    policies = (
        read(entry)
        for entry in side.inventory("NetworkPolicy", namespace=namespace).of_kind(
            "NetworkPolicy", group="networking.k8s.io"
        )
    )
    return [policy for policy in policies if direction in policy.rules]
