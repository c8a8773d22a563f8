"""Simulates NetworkPolicies: whether a connection from here to there is let out and let in.

Source: the API's own words (`networking.k8s.io/v1`, types and defaults of Kubernetes 1.35): policies that
select a pod isolate it in their directions; what any of them allows is allowed; items of a list are
alternatives, fields of one item must hold together.

Where the API leaves something open, this module takes the side that the domain notes confirm: pods on the
host's network are selected by no policy, and an address block means addresses outside the pod network.
Pods that only a chart knows have no labels here (`None`): a connection counts as open when some labels
would open it. Must not know which connections are wanted.
"""

import ipaddress
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from aurora.cluster import workloads
from aurora.model import counts, selectors
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest, string_map
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate

INGRESS = "Ingress"
EGRESS = "Egress"
DIRECTIONS = (INGRESS, EGRESS)
PEERS = {INGRESS: "from", EGRESS: "to"}
"""The field of a rule that names the other end, by direction."""
_FIELDS = {INGRESS: "ingress", EGRESS: "egress"}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
EVERY_SELECTOR: JsonObject = {}


@dataclass(frozen=True, slots=True)
class Port:
    """A port that something listens on."""

    number: int
    protocol: str = "TCP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Pods of one namespace that policies cannot tell apart; `labels` is None where nobody knows them.

    `names` gives the numbers of the ports that the pods have names for, by name and protocol.
    """

    namespace: str
    labels: Mapping[str, str] | None = None
    names: Mapping[tuple[str, str], int] | None = None
    host_network: bool = False


Peer = Endpoint | Address


@dataclass(frozen=True, slots=True)
class FlowRule:
    """One rule of a policy; `peers` or `ports` are None where the rule does not restrict them."""

    steps: tuple[Step, ...]
    peers: tuple[JsonObject, ...] | None
    ports: tuple[JsonObject, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One NetworkPolicy, read."""

    manifest: Manifest
    namespace: str
    selector: JsonValue
    rules: Mapping[str, tuple[FlowRule, ...]]
    """The rules by direction; a direction that the policy does not judge is not among them."""


def read(manifest: Manifest) -> Policy:
    """Read a policy, with the API server's defaults."""
    spec = mapping(manifest.get("spec"))
    stated = [text(entry) for entry in items(spec.get("policyTypes"))]
    judged = stated or ([INGRESS, EGRESS] if items(spec.get("egress")) else [INGRESS])
    selector = spec.get("podSelector")
    return Policy(
        manifest=manifest,
        namespace=workloads.namespace_of(manifest),
        selector=EVERY_SELECTOR if selector is None else selector,
        rules={direction: _rules(spec, direction) for direction in DIRECTIONS if direction in judged},
    )


def _rules(spec: JsonObject, direction: str) -> tuple[FlowRule, ...]:
    field, peers = _FIELDS[direction], PEERS[direction]
    return tuple(
        FlowRule(("spec", field, number), _alternatives(dig(rule, peers)), _alternatives(dig(rule, "ports")))
        for number, rule in enumerate(items(spec.get(field)))
        if isinstance(rule, dict)
    )


def _alternatives(value: JsonValue | None) -> tuple[JsonObject, ...] | None:
    """A missing or empty list restricts nothing; anything else that is no list allows nothing."""
    if value is None or value == []:
        return None
    return tuple(mapping(entry) for entry in items(value))


def endpoint(pod: PodTemplate) -> Endpoint:
    """Describe the pods of a workload."""
    on_host = pod.get("hostNetwork") is True
    return Endpoint(namespace=pod.namespace, labels=pod.labels, names=pod.named_ports, host_network=on_host)


class Flows:
    """The policies of a cluster, ready for questions."""

    def __init__(self, policies: Iterable[Manifest], namespace_labels: Callable[[str], Mapping[str, str]]) -> None:
        self._policies: dict[str, list[Policy]] = defaultdict(list)
        self._by_label: dict[tuple[str, str, str], list[Policy]] = defaultdict(list)
        self._unlabelled: dict[str, list[Policy]] = defaultdict(list)
        known = [read(manifest) for manifest in policies]
        shared = Counter(key for policy in known for key in _label_keys(policy))
        for policy in known:
            self._policies[policy.namespace].append(policy)
            # Most labels are those of a whole platform; the one that fewest policies ask for tells most.
            rarest = min(_label_keys(policy), key=lambda key: shared[key], default=None)
            if rarest is None:
                self._unlabelled[policy.namespace].append(policy)
            else:
                self._by_label[rarest].append(policy)
        self._namespace_labels = namespace_labels
        self._seen: dict[str, Mapping[str, str]] = {}

    def policies(self, namespace: str | None = None) -> tuple[Policy, ...]:
        """Give the policies of a namespace, or all."""
        if namespace is None:
            return tuple(policy for policies in self._policies.values() for policy in policies)
        return tuple(self._policies.get(namespace, ()))

    def selecting(self, target: Endpoint, direction: str, *, surely: bool = False) -> list[Policy]:
        """Give the policies that judge these pods in a direction; `surely` only those that do whatever the labels."""
        if target.host_network:
            return []
        return [
            policy
            for policy in self._candidates(target)
            if direction in policy.rules and _selects(policy.selector, target.labels, surely=surely)
        ]

    def _candidates(self, target: Endpoint) -> Iterator[Policy]:
        """Yield the policies that may select these pods: not each of the namespace, where labels tell."""
        if target.labels is None:
            yield from self._policies.get(target.namespace, ())
            return
        yield from self._unlabelled.get(target.namespace, ())
        for pair in target.labels.items():
            yield from self._by_label.get((target.namespace, *pair), ())

    def isolated(self, target: Endpoint, direction: str) -> bool:
        """Tell whether some policy denies these pods what no policy allows."""
        return bool(self.selecting(target, direction, surely=True))

    def admits(self, target: Endpoint, source: Peer, port: Port) -> bool:
        """Tell whether a connection is let in at its target."""
        return self._passes(target, INGRESS, source, port)

    def releases(self, source: Endpoint, target: Peer, port: Port) -> bool:
        """Tell whether a connection is let out at its source."""
        return self._passes(source, EGRESS, target, port)

    def _passes(self, end: Endpoint, direction: str, other: Peer, port: Port) -> bool:
        """Tell whether the policies of one end let a connection pass."""
        selecting = self.selecting(end, direction)
        # With labels known, whoever may be selected surely is.
        isolated = bool(selecting) if end.labels is not None else self.isolated(end, direction)
        target = end if direction == INGRESS else other
        return not isolated or any(
            self.peer_matches(policy, rule, other) and ports_match(rule, target, port)
            for policy in selecting
            for rule in policy.rules[direction]
        )

    def open(self, source: Endpoint, target: Endpoint, port: Port) -> bool:
        """Tell whether pods can connect to pods."""
        return self.releases(source, target, port) and self.admits(target, source, port)

    def peer_matches(self, policy: Policy, rule: FlowRule, peer: Peer) -> bool:
        """Tell whether a rule means this peer."""
        return rule.peers is None or any(self.item_matches(policy, item, peer) for item in rule.peers)

    def item_matches(self, policy: Policy, item: JsonObject, peer: Peer) -> bool:
        """Tell whether one item of a rule's peers means this peer."""
        if not isinstance(peer, Endpoint):
            return block_holds(item.get("ipBlock"), peer)
        if peer.host_network:
            # Their addresses are those of nodes, which only a block of addresses can mean.
            return item.get("ipBlock") is not None
        return item.get("ipBlock") is None and self._selects_pods(policy, item, peer)

    def _selects_pods(self, policy: Policy, item: JsonObject, peer: Endpoint) -> bool:
        pods, namespaces = item.get("podSelector"), item.get("namespaceSelector")
        if pods is None and namespaces is None:
            return False
        if namespaces is None:
            if peer.namespace != policy.namespace:
                return False
        elif not selectors.matches(namespaces, self._labels(peer.namespace)):
            return False
        return pods is None or _selects(pods, peer.labels, surely=False)

    def _labels(self, namespace: str) -> Mapping[str, str]:
        if namespace not in self._seen:
            self._seen[namespace] = self._namespace_labels(namespace)
        return self._seen[namespace]


def _label_keys(policy: Policy) -> list[tuple[str, str, str]]:
    labels = string_map(dig(policy.selector, "matchLabels"))
    return [(policy.namespace, name, value) for name, value in labels.items()]


def selects_all(selector: JsonValue) -> bool:
    """Tell whether a selector matches every pod."""
    return isinstance(selector, dict) and not any(selector.get(key) for key in ("matchLabels", "matchExpressions"))


def _selects(selector: JsonValue, labels: Mapping[str, str] | None, *, surely: bool) -> bool:
    if labels is not None:
        return selectors.matches(selector, labels)
    return selects_all(selector) if surely else isinstance(selector, dict)


def ports_match(rule: FlowRule, target: Peer, port: Port) -> bool:
    """Tell whether a rule means this port of the target; names are looked up in the target's pods."""
    return rule.ports is None or any(_port_matches(entry, target, port) for entry in rule.ports)


def _port_matches(entry: JsonObject, target: Peer, port: Port) -> bool:
    if (text(entry.get("protocol")) or "TCP") != port.protocol:
        return False
    wanted = entry.get("port")
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return _named(wanted, target, port)
    first = counts.integer(wanted)
    last = counts.integer(entry.get("endPort"))
    return first is not None and first <= port.number <= (first if last is None else last)


def _named(name: str, target: Peer, port: Port) -> bool:
    if not isinstance(target, Endpoint):
        return False
    return target.names is None or target.names.get((name, port.protocol)) == port.number


def network(value: JsonValue | None) -> Network | None:
    """Read a block of addresses; None where it is none."""
    try:
        return ipaddress.ip_network(text(value), strict=False) if text(value) else None
    except ValueError:
        return None


def block_holds(block: JsonValue | None, address: Address) -> bool:
    """Tell whether an `ipBlock` means an address: inside its block, outside of all its exceptions."""
    cidr = network(dig(block, "cidr"))
    if cidr is None or address not in cidr:
        return False
    exceptions = [network(entry) for entry in items(dig(block, "except"))]
    return not any(exception is not None and address in exception for exception in exceptions)
