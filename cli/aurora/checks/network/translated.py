"""Rules about policies that mean a Service where a policy sees the pod behind it.

Source: Kubernetes documentation, network policies (a policy's ports are those of pods; names are looked up in the
pods; whether the address of a Service is seen is left open), and kube-proxy, which translates address and port of a
Service before the packet leaves the node.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from aurora.checks.network.policies import policies
from aurora.cluster import services, workloads
from aurora.cluster.network_flows import (
    DIRECTIONS,
    INGRESS,
    PEERS,
    Endpoint,
    FlowRule,
    Network,
    Policy,
    Port,
    endpoint,
    network,
    ports_match,
    read,
)
from aurora.cluster.network_simulation import flows
from aurora.model import counts
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import BROKEN, InventoryRule, Violation

Translated = dict[tuple[int | None, str], list[tuple["Manifest", "PodTemplate", int]]]


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule of a policy, in its direction."""

    policy: Policy
    direction: str
    flow: FlowRule

    def pods(self, inventory: Inventory) -> list[PodTemplate]:
        """Give the pods whose ports the rule is about: those of its policy, or the peers that labels describe."""
        if self.direction == INGRESS:
            return workloads.index(inventory).selected(self.policy.namespace, self.policy.selector)
        if not self.flow.peers or any(peer.get("ipBlock") is not None for peer in self.flow.peers):
            return []
        index, matches, ends = workloads.index(inventory), flows(inventory).item_matches, inventory.once(_ends)
        found: dict[int, PodTemplate] = {}
        for peer in self.flow.peers:
            homes = (self.policy.namespace,) if peer.get("namespaceSelector") is None else index.namespaces()
            chosen = (pod for home in homes for pod in index.selected(home, peer.get("podSelector") or {}))
            found |= {id(pod): pod for pod in chosen if matches(self.policy, peer, ends[id(pod)])}
        return list(found.values())


def _ends(inventory: Inventory) -> dict[int, Endpoint]:
    return {id(pod): endpoint(pod) for pod in inventory.pods()}


def _rules(inventory: Inventory) -> Iterator[_Rule]:
    for manifest in policies(inventory):
        policy = read(manifest)
        for direction in DIRECTIONS:
            for flow in policy.rules.get(direction, ()):
                yield _Rule(policy, direction, flow)


def _translated(inventory: Inventory) -> Translated:
    """Give the pods behind each port of a Service, or of the nodes, that leads to another port of theirs."""
    found: Translated = defaultdict(list)
    for service in inventory.of_kind("Service", group=""):
        for entry in items(service.get("spec", "ports")) if service.get("spec", "clusterIP") != "None" else ():
            for target in services.behind(inventory, service, dig(entry, "port")):
                ports = {counts.integer(dig(entry, field)) for field in ("port", "nodePort")}
                for port in ports - {target.number, None}:
                    found[port, target.protocol].append((service, target.pod, target.number))
    return found


def _service_ports(inventory: Inventory) -> Iterator[Violation]:
    translated = inventory.once(_translated)
    for rule in _rules(inventory) if translated else ():
        for number, entry in enumerate(rule.flow.ports or ()):
            protocol, port = text(entry.get("protocol")) or "TCP", counts.integer(entry.get("port"))
            leading = translated.get((port, protocol), ()) if entry.get("endPort") is None else ()
            pods = rule.pods(inventory) if leading else []
            meant = {id(pod.parts) for pod in pods}
            behind = [found for found in leading if id(found[1].parts) in meant]
            open_too = any(ports_match(rule.flow, endpoint(pod), Port(target, protocol)) for _, pod, target in behind)
            if behind and not open_too and not any(_declares(pod, port) for pod in pods):
                service, pod, target = behind[0]
                yield Violation(
                    manifest=rule.policy.manifest,
                    steps=(*rule.flow.steps, "ports", number, "port"),
                    message=f"{port} is a port of {service.id}; policies see the port of {pod.manifest.id}, {target}",
                    hint=f"write {target}, or the name of the container's port",
                )


def _declares(pod: PodTemplate, port: int | None) -> bool:
    return any(declared.get("containerPort") == port for declared in pod.ports)


def _names(inventory: Inventory) -> Iterator[Violation]:
    for rule in _rules(inventory):
        for number, entry in enumerate(rule.flow.ports or ()):
            name, protocol = entry.get("port"), text(entry.get("protocol")) or "TCP"
            meant = rule.pods(inventory) if isinstance(name, str) else []
            known = all(services.ports_are_known(inventory, pod) for pod in meant)
            if meant and known and not any(services.pod_port(pod, name, protocol) for pod in meant):
                yield Violation(
                    manifest=rule.policy.manifest,
                    steps=(*rule.flow.steps, "ports", number, "port"),
                    message=f"no container of {meant[0].manifest.id} has a {protocol} port named `{name}`: "
                    "the rule opens nothing",
                    hint="name the container's port, or write its number",
                )


def _addresses(inventory: Inventory) -> Iterator[Violation]:
    known = {
        text(address): service
        for service in inventory.of_kind("Service", group="")
        for address in (
            *(service.get("spec", field) for field in ("clusterIP", "loadBalancerIP")),
            *(each for field in ("clusterIPs", "externalIPs") for each in items(service.get("spec", field))),
        )
        if network(address) is not None
    }
    ranges = inventory.once(_ranges)
    for rule in _rules(inventory) if known or ranges else ():
        for number, peer in enumerate(rule.flow.peers or ()):
            block = network(dig(peer, "ipBlock", "cidr"))
            what = _of_services(block, known, ranges) if block else ""
            if what:
                yield Violation(
                    manifest=rule.policy.manifest,
                    steps=(*rule.flow.steps, PEERS[rule.direction], number, "ipBlock", "cidr"),
                    message=f"{what}; most networks see the addresses of the pods behind",
                    hint="select the pods by their labels",
                )


def _of_services(block: Network, known: Mapping[str, Manifest], ranges: Iterable[Network]) -> str:
    """Say of which Services a block holds the addresses, and nothing else; a wider block may mean other things."""
    if block.num_addresses == 1 and (service := known.get(str(block.network_address))):
        return f"this is the address of {service.id}"
    around = next((each for each in ranges if block.version == each.version and block.subnet_of(each)), None)  # type: ignore[arg-type]  # of one version
    return f"all addresses in this block are those of Services (`{around}`)" if around else ""


def _ranges(inventory: Inventory) -> tuple[Network, ...]:
    """Give the ranges from which Services get their addresses, as far as they are stated."""
    stated = list(inventory.cluster.service_cidrs) if inventory.cluster else []
    for manifest in inventory.of_kind("ServiceCIDR", group="networking.k8s.io"):
        stated += map(text, items(manifest.get("spec", "cidrs")))
    return tuple(found for each in stated if (found := network(each)) is not None)


RULES = (
    InventoryRule("network/service-port", BROKEN, _service_ports),
    InventoryRule("network/port-name", BROKEN, _names),
    InventoryRule("network/service-address", BROKEN, _addresses, severity=Severity.WARNING),
)
