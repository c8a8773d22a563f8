"""Pods in groups that policies cannot tell apart, and the groups that each rule of a policy means.

A group has one namespace, the same values of every label that a policy asks for, and the same numbers behind
the names of ports. Pods that only a chart knows are one group of their namespace. Finds facts; never judges them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aurora.cluster import surroundings
from aurora.cluster.network_flows import DIRECTIONS, EGRESS, Endpoint, FlowRule, Policy, endpoint
from aurora.cluster.network_simulation import DNS, flows
from aurora.model import selectors
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import string_map

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aurora.model.inventory import Inventory
    from aurora.model.pod_template import PodTemplate


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Pods that policies cannot tell apart; none are listed where no manifest describes them."""

    number: int
    endpoint: Endpoint
    pods: tuple[PodTemplate, ...] = ()


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom one rule means: everybody, or groups, by number, and blocks of addresses."""

    everybody: bool = False
    groups: frozenset[int] = frozenset()
    blocks: tuple[JsonObject, ...] = ()


@dataclass(slots=True)
class Groups:
    """The groups of an inventory."""

    all: list[Group]
    _labels: Mapping[str, Mapping[str, str]]
    _of_pod: dict[int, Group] = field(default_factory=dict)
    _in: dict[str, list[Group]] = field(default_factory=lambda: defaultdict(list))
    _by_label: dict[tuple[str, str, str], list[Group]] = field(default_factory=lambda: defaultdict(list))
    _meant: dict[int, Meant] = field(default_factory=dict)
    _unknown: dict[str, list[Group]] = field(default_factory=lambda: defaultdict(list))
    _items: dict[tuple[str, str], frozenset[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for group in self.all:
            self._of_pod.update((id(pod), group) for pod in group.pods)
            self._in[group.endpoint.namespace].append(group)
            if group.endpoint.labels is None:
                self._unknown[group.endpoint.namespace].append(group)
            for pair in (group.endpoint.labels or {}).items():
                self._by_label[(group.endpoint.namespace, *pair)].append(group)

    def of_pod(self, pod: PodTemplate) -> Group | None:
        """Give the group of a pod; None for pods without a namespace."""
        return self._of_pod.get(id(pod))

    def within(self, namespace: str) -> list[Group]:
        """Give the groups of a namespace."""
        return self._in.get(namespace, [])

    def selected(self, policy: Policy) -> list[Group]:
        """Give the groups that a policy judges, or may judge where their labels are not known."""
        found = self._matching(policy.namespace, policy.selector)
        return [group for group in found if not group.endpoint.host_network]

    def meant(self, policy: Policy, rule: FlowRule, direction: str) -> Meant:
        """Give whom a rule means."""
        if id(rule) not in self._meant:
            self._meant[id(rule)] = self._find(policy, rule, direction)
        return self._meant[id(rule)]

    def _find(self, policy: Policy, rule: FlowRule, direction: str) -> Meant:
        if rule.peers is None:
            # Out to everybody at a port by its name is out to the groups that have that name.
            named = {*_named(rule)} if direction == EGRESS else set()
            having = [group for group in self.all if named and _may_have(group.endpoint, named)]
            return Meant(everybody=True, groups=frozenset(group.number for group in having))
        blocks = tuple(mapping(item["ipBlock"]) for item in rule.peers if item.get("ipBlock") is not None)
        found = [self.of_item(policy, item) for item in rule.peers if item.get("ipBlock") is None]
        return Meant(groups=frozenset[int]().union(*found), blocks=blocks)

    def of_item(self, policy: Policy, item: JsonObject) -> frozenset[int]:
        """Give the groups that one item of a rule's peers means."""
        pods, namespaces = item.get("podSelector"), item.get("namespaceSelector")
        key = ("" if namespaces is not None else policy.namespace, repr((namespaces, pods)))
        if key not in self._items:
            homes = [policy.namespace] if namespaces is None else self.homes(namespaces)
            found = (group for home in homes for group in self._of_home(home, pods, named=namespaces is not None))
            self._items[key] = frozenset(group.number for group in found if not group.endpoint.host_network)
        return self._items[key]

    def homes(self, selector: JsonValue) -> list[str]:
        """Give the namespaces with pods that a selector matches."""
        return [name for name in self._in if selectors.matches(selector, self._labels[name])]

    def _of_home(self, home: str, pods: JsonValue, *, named: bool) -> list[Group]:
        if pods is None:
            return self._in[home] if named else []
        return self._matching(home, pods)

    def _matching(self, home: str, selector: JsonValue) -> list[Group]:
        wanted = mapping(dig(selector, "matchLabels"))
        buckets = [self._by_label.get((home, key, text(value)), []) for key, value in wanted.items()]
        known = min(buckets, key=len) if buckets else self.within(home)
        found = [each for each in known if _matches(selector, each.endpoint)]
        return found + [each for each in self._unknown.get(home, ()) if isinstance(selector, dict)]


def _matches(selector: JsonValue, end: Endpoint) -> bool:
    return end.labels is not None and selectors.matches(selector, end.labels)


def _may_have(end: Endpoint, named: set[str]) -> bool:
    return end.names is None or any(name in named for name, _ in end.names)


def groups(inventory: Inventory) -> Groups:
    """Give the groups of an inventory, found at the first call."""
    return inventory.once(_groups)


def _groups(inventory: Inventory) -> Groups:
    read = flows(inventory).policies()
    keys = {key for policy in read for selector in _pod_selectors(policy) for key in _keys(selector)}
    ports = {port for policy in read for rule in _rules(policy) for port in _named(rule)}
    members: dict[str, tuple[Endpoint, list[PodTemplate]]] = {}
    for pod in (*inventory.pods(), *surroundings.pods_to_come(inventory)):
        if not pod.anywhere:
            end = _reduced(endpoint(pod), keys, ports)
            members.setdefault(repr(end), (end, []))[1].append(pod)
    known = [members[key] for key in sorted(members)]
    unknown: list[tuple[Endpoint, list[PodTemplate]]] = [(end, []) for end in _undescribed(inventory, read)]
    found = [Group(number, end, tuple(pods)) for number, (end, pods) in enumerate([*known, *unknown])]
    spaces = {group.endpoint.namespace for group in found}
    return Groups(found, {name: surroundings.namespace_labels(inventory, name) for name in spaces})


def _reduced(end: Endpoint, keys: set[str], ports: set[str]) -> Endpoint:
    """Leave of pods what policies ask for."""
    labels = {key: value for key, value in sorted((end.labels or {}).items()) if key in keys}
    names = {name: number for name, number in sorted((end.names or {}).items()) if name[0] in ports}
    return Endpoint(namespace=end.namespace, labels=labels, names=names, host_network=end.host_network)


def _undescribed(inventory: Inventory, read: tuple[Policy, ...]) -> Iterator[Endpoint]:
    """Yield the pods that no manifest describes: the cluster's DNS, those of charts, controllers, named namespaces."""
    described = {pod.namespace for pod in inventory.pods()}
    named = {name for policy in read for rule in _rules(policy) for name in namespaces_named(rule)}
    named |= {*surroundings.edge_namespaces(inventory), *surroundings.monitoring_namespaces(inventory)}
    yield DNS
    for name in sorted((named - described - {DNS.namespace}) | surroundings.chart_namespaces(inventory)):
        yield Endpoint(namespace=name)
    made = {
        (policy.namespace, repr(labels)): labels
        for policy in read
        if surroundings.made_by_controller(policy.selector)
        and (labels := string_map(dig(policy.selector, "matchLabels")))
    }
    for (namespace, _), labels in sorted(made.items()):
        yield Endpoint(namespace=namespace, labels=labels)


def namespaces_named(rule: FlowRule) -> set[str]:
    """Give the namespaces that a rule selects by name, known or not."""
    found: set[str] = set()
    for peer in rule.peers or ():
        selector = peer.get("namespaceSelector")
        found.add(text(dig(selector, "matchLabels", surroundings.NAMESPACE_NAME)))
        for expression in items(dig(selector, "matchExpressions")):
            if dig(expression, "key") == surroundings.NAMESPACE_NAME and dig(expression, "operator") == "In":
                found.update(text(value) for value in items(dig(expression, "values")))
    return found - {""}


def _rules(policy: Policy) -> Iterator[FlowRule]:
    for direction in DIRECTIONS:
        yield from policy.rules.get(direction, ())


def _pod_selectors(policy: Policy) -> Iterator[JsonValue]:
    yield policy.selector
    for rule in _rules(policy):
        yield from (item.get("podSelector") for item in rule.peers or ())


def _keys(selector: JsonValue) -> Iterator[str]:
    yield from mapping(dig(selector, "matchLabels"))
    yield from (text(dig(entry, "key")) for entry in items(dig(selector, "matchExpressions")))


def _named(rule: FlowRule) -> Iterator[str]:
    return (port for entry in rule.ports or () if isinstance(port := entry.get("port"), str))
