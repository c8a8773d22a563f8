"""Rules that keep inference on its own: no way out but name resolution, no way in but the edge's."""

from collections.abc import Iterator

from aurora.cluster import dependencies, surroundings, workloads
from aurora.cluster.network_flows import EGRESS, INGRESS, FlowRule, Flows, Policy, block_holds, endpoint, network
from aurora.cluster.network_simulation import DNS as DNS_PODS
from aurora.cluster.network_simulation import NODE_LOCAL_DNS, UNKNOWN_NAMESPACE, flows, other_pods
from aurora.model import counts
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import ADVICE, InventoryRule, Violation
from aurora_constructs import labels

_DNS_PORT = 53


def _judging(inventory: Inventory, pods: list[PodTemplate], direction: str) -> Iterator[tuple[Policy, FlowRule]]:
    """Yield the rules of every policy that judges one of these pods in a direction, each once."""
    seen: set[int] = set()
    for pod in pods:
        for policy in flows(inventory).selecting(endpoint(pod), direction):
            if id(policy) not in seen:
                seen.add(id(policy))
                yield from ((policy, rule) for rule in policy.rules[direction])


def _mounting(inventory: Inventory) -> list[PodTemplate]:
    """Give the inference pods that read their model from a volume, and so need nothing from the network."""
    return [
        pod
        for pod in workloads.of_component(inventory, labels.INFERENCE)
        if any(volume.get("persistentVolumeClaim") for _, volume in pod.volumes)
    ]


def _egress(inventory: Inventory) -> Iterator[Violation]:
    pods = _mounting(inventory)
    for pod in pods:
        if not flows(inventory).isolated(endpoint(pod), EGRESS):
            yield Violation(
                manifest=pod.manifest,
                steps=pod.metadata_at("labels"),
                message=f"{pod.manifest.id} may reach everything: no policy isolates its egress",
                hint="add a default-deny policy to its namespace",
            )
    for policy, rule in _judging(inventory, pods, EGRESS):
        if not _only_dns(inventory, policy, rule):
            yield Violation(
                manifest=policy.manifest,
                steps=rule.steps,
                message="inference that mounts its model may reach more than name resolution",
                hint="allow port 53 to the cluster's DNS only",
            )


def _only_dns(inventory: Inventory, policy: Policy, rule: FlowRule) -> bool:
    if rule.ports is None or rule.peers is None:
        return False
    if any(counts.integer(port.get("port")) != _DNS_PORT or port.get("endPort") for port in rule.ports):
        return False
    return all(_is_resolver(inventory, policy, peer) for peer in rule.peers)


def _is_resolver(inventory: Inventory, policy: Policy, peer: JsonObject) -> bool:
    """Tell whether a peer is the cluster's DNS, by labels or by namespace, or the resolver of a node."""
    block = peer.get("ipBlock")
    if block is not None:
        cidr = network(mapping(block).get("cidr"))
        return cidr is not None and cidr.num_addresses == 1 and block_holds(block, NODE_LOCAL_DNS)
    named = mapping(mapping(peer.get("podSelector")).get("matchLabels"))
    if peer.get("namespaceSelector") is not None and surroundings.DNS_LABELS.items() <= named.items():
        return True
    others = {UNKNOWN_NAMESPACE, policy.namespace, *inventory.namespaces()} - {surroundings.DNS_NAMESPACE}
    simulated = flows(inventory)
    return simulated.item_matches(policy, peer, DNS_PODS) and not any(
        simulated.item_matches(policy, peer, other) for other in other_pods(sorted(others))
    )


def _open_to_others(inventory: Inventory) -> Iterator[Violation]:
    pods = workloads.of_component(inventory, labels.INFERENCE)
    edges, outside = surroundings.edge_namespaces(inventory), surroundings.edge_addresses(inventory)
    if not pods or not (edges or outside):
        return
    welcome = {*edges, *surroundings.monitoring_namespaces(inventory), *_callers(inventory)}
    for pod in pods:
        if not flows(inventory).isolated(endpoint(pod), INGRESS):
            yield Violation(
                manifest=pod.manifest,
                steps=pod.metadata_at("labels"),
                message=f"everybody may reach {pod.manifest.id}: no policy isolates its ingress",
                hint="add a default-deny policy to its namespace",
            )
    for policy, rule in _judging(inventory, pods, INGRESS):
        others = sorted({UNKNOWN_NAMESPACE, *inventory.namespaces(), *_mentioned(rule)} - welcome - {policy.namespace})
        for steps, who in _intruders(flows(inventory), policy, rule, others=others, outside=outside):
            yield Violation(
                manifest=policy.manifest,
                steps=steps,
                message=f"inference may be reached by {who}",
                hint="let in the edge, Prometheus, and the pods that name its Service",
            )


def _intruders(
    simulated: Flows, policy: Policy, rule: FlowRule, *, others: list[str], outside: tuple[str, ...]
) -> Iterator[tuple[tuple[Step, ...], str]]:
    if rule.peers is None:
        yield rule.steps, "everybody"
    for number, peer in enumerate(rule.peers or ()):
        if peer.get("ipBlock") is not None:
            if not _within(peer, outside):
                yield (*rule.steps, "from", number), "addresses outside the cluster, past the edge"
            continue
        found = [other.namespace for other in other_pods(others) if simulated.item_matches(policy, peer, other)]
        if UNKNOWN_NAMESPACE in found:
            yield (*rule.steps, "from", number), "pods of namespaces that nobody knows"
        elif found:
            yield (*rule.steps, "from", number), f"pods of {', '.join(f'`{name}`' for name in found)}"


def _within(peer: JsonObject, outside: tuple[str, ...]) -> bool:
    """Tell whether a block of addresses is part of the networks of the load balancers."""
    block = network(dig(peer, "ipBlock", "cidr"))
    known = [network(cidr) for cidr in outside]
    return block is not None and any(
        other is not None and other.version == block.version and block.subnet_of(other)  # type: ignore[arg-type]
        for other in known
    )


def _mentioned(rule: FlowRule) -> set[str]:
    """Give the namespaces that a rule selects by name, known or not."""
    found: set[str] = set()
    for peer in rule.peers or ():
        selector = peer.get("namespaceSelector")
        found.add(text(dig(selector, "matchLabels", surroundings.NAMESPACE_NAME)))
        for expression in items(dig(selector, "matchExpressions")):
            if dig(expression, "key") == surroundings.NAMESPACE_NAME:
                found.update(text(value) for value in items(dig(expression, "values")))
    return found - {""}


def _callers(inventory: Inventory) -> set[str]:
    """Give the namespaces whose pods name an inference Service: they are meant to call it."""
    return {
        dependency.pod.namespace
        for dependency in dependencies.dependencies(inventory)
        if any(
            workloads.component(pod) == labels.INFERENCE
            for pod in workloads.index(inventory).behind(dependency.service)
        )
    }


RULES = (
    InventoryRule("network/inference-egress", ADVICE, _egress, own=True),
    InventoryRule("network/inference-open-to-others", ADVICE, _open_to_others, own=True),
)
