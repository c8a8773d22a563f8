"""Rules about openings that nobody needs: to no pod, refused at the other end, or asked for by nobody.

Only what manifests decide is judged: the pods of charts that are not rendered, and addresses, may be anybody's.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aurora.cluster import api_access, dependencies, services, surroundings, workloads
from aurora.cluster.needed_flows import groups_of, needs
from aurora.cluster.network_flows import DIRECTIONS, EGRESS, INGRESS, PEERS, FlowRule, Policy
from aurora.cluster.network_groups import Group, groups
from aurora.cluster.network_reach import ALL, Spans, common, reach, spans
from aurora.cluster.network_simulation import flows
from aurora.cluster.pod_references import references_to
from aurora.model import counts
from aurora.model.finding import Severity
from aurora.model.json_value import JsonObject
from aurora.model.rule import ADVICE, BROKEN, InventoryRule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aurora.model.inventory import Inventory
    from aurora.model.pod_template import PodTemplate

_WAYS = {INGRESS: "in from", EGRESS: "out to"}
_Partners = dict[tuple[str, int], dict[int, list[Spans]]]
"""By direction and number of a group: the groups at the other end, and the ports in question."""


@dataclass(frozen=True, slots=True)
class _Opening:
    """One item of a rule's peers that means pods, with the groups at its two ends, by their numbers."""

    policy: Policy
    direction: str
    rule: FlowRule
    number: int
    item: JsonObject
    own: frozenset[int]
    others: frozenset[int]

    def violation(self, message: str, hint: str) -> Violation:
        """Say what is wrong with the item."""
        steps = (*self.rule.steps, PEERS[self.direction], self.number)
        return Violation(manifest=self.policy.manifest, steps=steps, message=message, hint=hint)

    def met(self, all_: list[Group], partners: _Partners) -> set[int]:
        """Give the groups at the other end with which one of the own ones has a port in common that the rule opens."""
        return {
            other
            for number in self.own
            for other, ports in partners.get((self.direction, number), {}).items()
            if other in self.others and other != number
            for part in ports
            if common(part, spans(self.rule, all_[number if self.direction == INGRESS else other].endpoint))
        }

    def names_a_port(self, all_: list[Group]) -> bool:
        """Tell whether the rule opens any port at all: a name may be that of no target."""
        if self.rule.ports is None or any(not isinstance(entry.get("port"), str) for entry in self.rule.ports):
            return True
        targets = self.own if self.direction == INGRESS else self.others
        return any(spans(self.rule, all_[target].endpoint) for target in targets)


def _openings(inventory: Inventory) -> Iterator[_Opening]:
    known = groups(inventory)
    for policy in flows(inventory).policies():
        own = frozenset(group.number for group in known.selected(policy))
        for direction in DIRECTIONS:
            for rule in policy.rules.get(direction, ()):
                for number, item in enumerate(rule.peers or ()):
                    if item.get("ipBlock") is None:
                        yield _Opening(policy, direction, rule, number, item, own, known.of_item(policy, item))


def _nobody(inventory: Inventory) -> Iterator[Violation]:
    """Find items that select no pod, where every pod that they could mean is known.

    Other projects' policies are often written for more than one way to install them: there a whole rule has to be idle.
    """
    to_come = {pod.namespace for pod in surroundings.pods_to_come(inventory)}
    for opening in inventory.every(_openings):
        if opening.others or surroundings.made_by_controller(opening.item.get("podSelector")):
            continue
        homes = _homes(inventory, opening) if inventory.closed or _idle(inventory, opening) else ()
        if homes and not to_come & {*homes}:
            yield opening.violation(
                f"no pod of {_listed(homes)} carries these labels", "select labels that pods carry, or remove the peer"
            )


def _idle(inventory: Inventory, opening: _Opening) -> bool:
    meant = groups(inventory).meant(opening.policy, opening.rule, opening.direction)
    return not (meant.groups or meant.blocks)


def _homes(inventory: Inventory, opening: _Opening) -> tuple[str, ...]:
    """Give the namespaces that an item means; none where one of them may have pods that no manifest describes."""
    selector, index = opening.item.get("namespaceSelector"), workloads.index(inventory)
    homes = groups(inventory).homes(selector) if selector is not None else [opening.policy.namespace]
    unknown = inventory.once(surroundings.chart_namespaces)
    if not all(index.pods_in(home) and home not in unknown for home in homes):
        return ()
    return tuple(homes)


def _listed(names: Iterable[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)


def _refused(inventory: Inventory) -> Iterator[Violation]:
    """Find namespaces of an item whose own policies let nothing of it through."""
    all_, open_ = groups(inventory).all, inventory.once(_open)
    unknown = inventory.once(surroundings.chart_namespaces)
    homes: dict[frozenset[int], frozenset[str]] = {}
    for opening in inventory.every(_openings):
        everywhere = opening.item.get("namespaceSelector") == {}
        if not opening.own or opening.others <= opening.own or everywhere:
            continue
        if opening.others not in homes:
            homes[opening.others] = _namespaces(all_, opening.others)
        closed = homes[opening.others] - unknown - _namespaces(all_, opening.met(all_, open_))
        for home in sorted(closed) if opening.names_a_port(all_) else ():
            where, way = ("from", "out") if opening.direction == INGRESS else ("to", "in")
            yield opening.violation(
                f"nothing passes {where} `{home}`: no policy there lets it {way}",
                "open the other end as well, or close this one",
            )


def _namespaces(all_: list[Group], numbers: Iterable[int]) -> frozenset[str]:
    return frozenset(all_[number].endpoint.namespace for number in numbers)


def _open(inventory: Inventory) -> _Partners:
    """Give the ports that are open between groups of which one end names the other."""
    found: _Partners = defaultdict(lambda: defaultdict(list))
    for flow in reach(inventory):
        if isinstance(flow.source, Group) and isinstance(flow.target, Group):
            found[EGRESS, flow.source.number][flow.target.number].append(flow.ports)
            found[INGRESS, flow.target.number][flow.source.number].append(flow.ports)
    return found


def _needed(inventory: Inventory) -> _Partners:
    """Give the ports that are needed between groups; the end of a need may be all groups of a namespace."""
    found: _Partners = defaultdict(lambda: defaultdict(list))
    for need in needs(inventory):
        ports = tuple((port.protocol, port.number, port.number) for port in need.ports) or ALL
        for source in (one.number for party in need.sources for one in groups_of(inventory, party)):
            for target in (other.number for other in groups_of(inventory, need.target)):
                found[EGRESS, source][target].append(ports)
                found[INGRESS, target][source].append(ports)
    return found


def _unneeded(inventory: Inventory) -> Iterator[Violation]:
    """Find items that open connections which nothing needs, where manifests say all that the source needs."""
    all_, needed, telling = groups(inventory).all, inventory.once(_needed), inventory.once(_telling)
    bare = frozenset(group.number for group in all_ if not group.pods)
    for opening in inventory.every(_openings) if inventory.closed else ():
        sources, targets = opening.own, opening.others
        if opening.direction == INGRESS:
            sources, targets = targets, sources
        judged = opening.own and not opening.others <= opening.own and sources <= telling
        if judged and targets.isdisjoint(bare) and not opening.met(all_, needed):
            far = sorted(_namespaces(all_, opening.others))
            yield opening.violation(
                f"nothing says that these pods need the way {_WAYS[opening.direction]} {_listed(far)}",
                "remove the opening, or state it where it is needed (`clientNamespaces`, `egress`)",
            )


def _telling(inventory: Inventory) -> frozenset[int]:
    """Give the groups of which manifests say what they connect to."""
    collecting = {*surroundings.edge_namespaces(inventory), *surroundings.monitoring_namespaces(inventory)}
    secretive = {id(reference.pod) for reference in references_to(inventory, "Secret")}
    return frozenset(
        group.number
        for group in groups(inventory).all
        if (all(_tells(inventory, pod, secretive) for pod in group.pods) if group.pods else _serves(group, collecting))
    )


def _serves(group: Group, namespaces: set[str]) -> bool:
    """Tell whether unknown pods are those of the edge or of Prometheus, to which routes and monitors tell all."""
    return group.endpoint.labels is None and group.endpoint.namespace in namespaces


def _tells(inventory: Inventory, pod: PodTemplate, secretive: set[int]) -> bool:
    """Tell whether nothing but its manifest says what a pod connects to: no Secret, no API server, no controller."""
    known = id(pod) not in secretive and services.ports_are_known(inventory, pod)
    return known and not api_access.calls(inventory, pod)


def _silent(inventory: Inventory) -> Iterator[Violation]:
    """Find numbers of ports on which no pod that the rule means listens, as far as anything says."""
    known, heard = groups(inventory), _Heard(inventory)
    for policy in flows(inventory).policies():
        own = frozenset(group.number for group in known.selected(policy))
        for direction in DIRECTIONS:
            for rule in policy.rules.get(direction, ()):
                meant = known.meant(policy, rule, direction)
                targets = own if direction == INGRESS else meant.groups
                only_pods = direction == INGRESS or not (meant.everybody or meant.blocks)
                for number, entry in enumerate(rule.ports or () if targets and only_pods else ()):
                    port = None if entry.get("endPort") else counts.integer(entry.get("port"))
                    if port is not None and not any(heard(known.all[target], port) for target in targets):
                        yield Violation(
                            manifest=policy.manifest,
                            steps=(*rule.steps, "ports", number, "port"),
                            message=f"nothing says that these pods listen on {port}",
                            hint="open the port of the container, or declare it there",
                        )


class _Heard:
    """Whether pods may listen on a port, found once for each group and port."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._found: dict[tuple[int, int], bool] = {}

    def __call__(self, group: Group, port: int) -> bool:
        key = (group.number, port)
        if key not in self._found:
            self._found[key] = not group.pods or any(_may_listen(self._inventory, pod, port) for pod in group.pods)
        return self._found[key]


def _may_listen(inventory: Inventory, pod: PodTemplate, port: int) -> bool:
    """Tell whether a pod declares or mentions a port, or declares none, or is not known to the end.

    A port of its Service counts too: `network/service-port` says what is wrong with that.
    """
    if not services.ports_are_known(inventory, pod) or not any(pod.ports):
        return True
    behind = workloads.index(inventory).services_of(pod)
    return (
        any(str(port) in str(container.body) for container in pod.containers)
        or any(str(port) in str(service.get("spec", "ports")) for service in behind)
        or any(str(port) in written for _, written in dependencies.settings(inventory, pod))
    )


RULES = (
    InventoryRule("network/peer-selects-nothing", ADVICE, _nobody, severity=Severity.WARNING, softens=True),
    InventoryRule("network/half-open", BROKEN, _refused, severity=Severity.WARNING, softens=True),
    InventoryRule("network/unneeded-opening", ADVICE, _unneeded, severity=Severity.WARNING, own=True),
    InventoryRule("network/unused-port", ADVICE, _silent, severity=Severity.WARNING),
)
