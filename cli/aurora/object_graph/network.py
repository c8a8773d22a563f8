"""Builds the network of an inventory: the flows that its policies allow, beside those that it needs. Must not judge."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aurora.cluster.needed_flows import Need, Why, blocked, groups_of, needs
from aurora.cluster.needed_flows import Party as Needing
from aurora.cluster.network_flows import network
from aurora.cluster.network_groups import Group, groups
from aurora.cluster.network_reach import ALL, EVERYBODY, LAST, Block, Flow, Side, Spans, common, reach, union
from aurora.cluster.network_simulation import DNS, closed_dns, flows
from aurora.model.network_graph import NetworkFlow, NetworkGraph, Party
from aurora.model.pod_template import PodTemplate

if TYPE_CHECKING:
    from aurora.model.inventory import Inventory

ANYBODY = Party("everybody")
API_SERVER = Party("the API server")
OUTSIDE = Party("addresses outside of the cluster")
NAMES = "name resolution"


def of(inventory: Inventory) -> NetworkGraph:
    """Build the network of an inventory."""
    building = _Building(inventory)
    for flow in reach(inventory):
        building.allow(flow)
    for need in needs(inventory):
        building.need(need)
    for pod in inventory.whole_pods():
        building.resolve(pod)
    return building.graph()


@dataclass(slots=True)
class _Building:
    """Flows by their parties, and which needs they meet."""

    inventory: Inventory
    _flows: dict[tuple[Party, Party], tuple[Flow, dict[str, None]]] = field(default_factory=dict)
    _blocks: dict[Block, None] = field(default_factory=dict)
    _further: dict[tuple[Party, Party, str, bool], dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def allow(self, flow: Flow) -> None:
        """Add a flow that policies allow."""
        source, target = _party(flow.source), _party(flow.target)
        words: dict[str, None] = {}
        if isinstance(flow.target, Group) and flow.target.endpoint == DNS and flow.source is not EVERYBODY:
            words[NAMES] = None
        self._blocks.update(dict.fromkeys(side for side in (flow.source, flow.target) if isinstance(side, Block)))
        if (source, target) in self._flows:  # two pods of one workload, which policies tell apart
            other, told = self._flows[source, target]
            flow = replace(flow, ports=union([flow.ports, other.ports]), policies=(*flow.policies, *other.policies))
            words |= told
        self._flows[source, target] = (flow, words)

    def need(self, need: Need) -> None:
        """Say at the flows that meet a need who needs them; what no flow names is a flow of its own."""
        wanted: Spans = tuple((port.protocol, port.number, port.number) for port in need.ports) or ALL
        words = f"component {need.component}" if need.manifest is None else f"{need.manifest.id} {need.why}"
        met = False
        for source in need.sources:
            for key in self._keys(need, source):
                flow, told = self._flows.get(key, (None, {}))
                if flow is not None and common(flow.ports, wanted):
                    told[words] = None
                    met = True
        if not met:
            ends = (self._end(need, need.sources[0]), self._end(need, need.target)) if need.sources else None
            if ends is not None:
                self._further[(*ends, shown(wanted), blocked(self.inventory, need))][words] = None

    def resolve(self, pod: PodTemplate) -> None:
        """Add that a pod may not ask for names, which each pod needs."""
        known = groups(self.inventory)
        own, dns = known.of_pod(pod), next(group for group in known.all if group.endpoint == DNS)
        ports = closed_dns(flows(self.inventory), pod)
        if ports and own is not None:
            spans: Spans = tuple(sorted((port.protocol, port.number, port.number) for port in ports))
            self._further[_party(own), _party(dns), shown(spans), True][NAMES] = None

    def _keys(self, need: Need, source: Needing) -> list[tuple[Party, Party]]:
        sources, targets = self._parties(need, source), self._parties(need, need.target)
        return [(one, other) for one in sources for other in targets]

    def _parties(self, need: Need, end: Needing) -> list[Party]:
        if end is not None:
            return [_party(group) for group in groups_of(self.inventory, end)]
        return [_party(block) for block in self._blocks if _meets(block, need)]

    def _end(self, need: Need, end: Needing) -> Party:
        if isinstance(end, PodTemplate):
            group = groups(self.inventory).of_pod(end)
            return _party(group) if group else Party(str(end.manifest.id))
        if end is not None:
            found = groups_of(self.inventory, end)
            return _party(found[0]) if len(found) == 1 else Party(f"{end}/*", end)
        if need.why in (Why.API, Why.CALL):
            return API_SERVER
        return Party(", ".join(need.cidrs)) if need.cidrs else OUTSIDE

    def _to_everybody(self, source: Party, target: Party) -> tuple[str, ...]:
        """Give the policies whose rules for everybody allow a flow that no rule names."""
        found = [self._flows.get(key) for key in ((source, ANYBODY), (ANYBODY, target))]
        return tuple(sorted({str(policy.manifest.id) for entry in found if entry for policy in entry[0].policies}))

    def graph(self) -> NetworkGraph:
        """Give the network, ordered by the names of parties."""
        ends = {party for pair in self._flows for party in pair} | {one for key in self._further for one in key[:2]}
        parties = sorted(ends, key=lambda party: (party.namespace is None, party.namespace or "", party.name))
        numbers = {party: number for number, party in enumerate(parties)}
        flows = [
            NetworkFlow(
                numbers[source],
                numbers[target],
                shown(flow.ports),
                tuple(sorted({str(policy.manifest.id) for policy in flow.policies})),
                tuple(words),
            )
            for (source, target), (flow, words) in self._flows.items()
        ]
        flows += [
            NetworkFlow(
                numbers[source],
                numbers[target],
                ports,
                () if closed else self._to_everybody(source, target),
                tuple(words),
                closed,
            )
            for (source, target, ports, closed), words in self._further.items()
        ]
        ordered = sorted(flows, key=lambda flow: (flow.source, flow.target, flow.ports))
        return NetworkGraph(self.inventory.environment or "", tuple(parties), tuple(ordered))


def _meets(block: Block, need: Need) -> bool:
    """Tell whether a block is that of a need: what a component states holds it, a server's address is in it."""
    own, others = network(block.cidr), [network(cidr) for cidr in need.cidrs]
    alike = [each for each in others if own is not None and each is not None and each.version == own.version]
    if need.why is Why.STATED:
        return any(own.subnet_of(each) for each in alike)  # type: ignore[union-attr, arg-type]
    return not others or any(own.overlaps(each) for each in alike)  # type: ignore[union-attr]


def _party(side: Side) -> Party:
    if isinstance(side, Block):
        without = f" without {', '.join(side.without)}" if side.without else ""
        return Party(f"{side.cidr}{without}")
    if not isinstance(side, Group):
        return ANYBODY
    end = side.endpoint
    workloads = tuple(dict.fromkeys(str(pod.manifest.id) for pod in side.pods))
    names = sorted({pod.manifest.id.name for pod in side.pods})
    labels = ",".join(f"{key}={value}" for key, value in (end.labels or {}).items())
    return Party(
        f"{end.namespace}/{', '.join(names) or labels or '*'}{' on host network' if end.host_network else ''}",
        end.namespace,
        workloads,
        tuple(sorted({pod.manifest.component for pod in side.pods if pod.manifest.component})),
    )


def shown(ports: Spans) -> str:
    """Write ports, with the protocol once for all that follow it."""
    if ports == ALL:
        return "every port"
    found: dict[str, list[str]] = defaultdict(list)
    for protocol, first, last in ports:
        whole = (first, last) == (1, LAST)
        found[protocol].append("any" if whole else str(first) if first == last else f"{first}-{last}")
    return ", ".join(f"{protocol} {', '.join(numbers)}" for protocol, numbers in found.items())
