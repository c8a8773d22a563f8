"""Rules that keep inference on its own: no way to the control plane, no way out, no way in but the edge's.

They are the manifests' half of the chaos report's claim that the control plane is no runtime dependency.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aurora.checks import dependencies, routes, services, surroundings, workloads
from aurora.checks.examples import altered, stream
from aurora.checks.network.examples import CLOSED, CONTROL_PLANE, DENY, DNS, FROM_EDGE, MODEL, ROUTE
from aurora.checks.network.simulation import METADATA, NODE_LOCAL_DNS, STRANGER, flows, strangers
from aurora.checks.network_flows import EGRESS, INGRESS, Endpoint, Port, block_holds, endpoint, network
from aurora.model import counts
from aurora.model.finding import Severity
from aurora.model.json_value import JsonObject, JsonValue, mapping, text
from aurora.model.rule import InventoryRule, Rule, Violation
from aurora_constructs import labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.checks.network_flows import Flows, FlowRule, Policy
    from aurora.model.inventory import Inventory
    from aurora.model.manifest import Manifest
    from aurora.model.place import Step
    from aurora.model.pod_template import PodTemplate

_USUAL_PORTS = frozenset({80, 443, 8080})
"""Asked for where the control plane's pods declare no port."""
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
        if any(volume.get("persistentVolumeClaim") for _, volume in pod.volumes())
    ]


def _egress(inventory: Inventory) -> Iterator[Violation]:
    pods = _mounting(inventory)
    for pod in pods:
        if not flows(inventory).isolated(endpoint(pod), EGRESS):
            yield Violation(
                manifest=pod.manifest,
                steps=(*pod.steps, "metadata", "labels"),
                message=f"{pod.manifest.id} may reach everything: no policy isolates its egress",
                hint="add a default-deny policy to its namespace",
            )
    for policy, rule in _judging(inventory, pods, EGRESS):
        if not _only_dns(flows(inventory), policy, rule):
            yield Violation(
                manifest=policy.manifest,
                steps=rule.steps,
                message="inference that mounts its model may reach more than name resolution",
                hint="allow port 53 to the cluster's DNS only",
            )


def _only_dns(simulated: Flows, policy: Policy, rule: FlowRule) -> bool:
    if rule.ports is None or rule.peers is None:
        return False
    if any(counts.integer(port.get("port")) != _DNS_PORT or port.get("endPort") for port in rule.ports):
        return False
    return all(_is_resolver(simulated, policy, peer) for peer in rule.peers)


def _is_resolver(simulated: Flows, policy: Policy, peer: JsonObject) -> bool:
    """Tell whether a peer is the cluster's DNS, by namespace or by labels, or the resolver of a node."""
    block = peer.get("ipBlock")
    if block is not None:
        cidr = network(mapping(block).get("cidr"))
        single = cidr is not None and cidr.num_addresses == 1
        return single and block_holds(block, NODE_LOCAL_DNS) and not block_holds(block, METADATA)
    elsewhere = Endpoint(namespace=STRANGER)
    unlabelled = Endpoint(namespace=STRANGER, labels={})
    named = mapping(mapping(peer.get("podSelector")).get("matchLabels"))
    resolver = all(named.get(key) == value for key, value in surroundings.DNS_LABELS.items())
    own = simulated.item_matches(policy, peer, Endpoint(namespace=policy.namespace, labels={}))
    return not own and (
        not simulated.item_matches(policy, peer, elsewhere)
        or (resolver and not simulated.item_matches(policy, peer, unlabelled))
    )


def _reaches(inventory: Inventory) -> Iterator[Violation]:
    simulated = flows(inventory)
    controllers = workloads.of_component(inventory, labels.CONTROL_PLANE)
    for pod in workloads.of_component(inventory, labels.INFERENCE):
        for target in controllers:
            reached = endpoint(target)
            ports = sorted({*(reached.names or {}).values()} or _USUAL_PORTS)
            if any(simulated.open(endpoint(pod), reached, Port(number)) for number in ports):
                yield Violation(
                    manifest=pod.manifest,
                    steps=(*pod.steps, "metadata", "labels"),
                    message=f"{pod.manifest.id} can connect to {target.manifest.id}",
                    hint="deny it: inference must serve while the control plane is down",
                )


def _control_plane_services(inventory: Inventory) -> list[Manifest]:
    found: dict[tuple[str, str, str, str], Manifest] = {}
    for pod in workloads.of_component(inventory, labels.CONTROL_PLANE):
        for service in workloads.index(inventory).services_of(pod):
            found[service.id.identity] = service
    return list(found.values())


def _names(inventory: Inventory) -> Iterator[Violation]:
    known = _control_plane_services(inventory)
    if not known:
        return
    names = "|".join(re.escape(service.id.name) for service in known)
    variables = "|".join(re.escape(service.id.name.upper().replace("-", "_")) for service in known)
    pattern = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])|(?<!\w)(?:{variables})_(?:SERVICE_HOST|PORT)")
    for pod in workloads.of_component(inventory, labels.INFERENCE):
        for steps, written in dependencies.settings(inventory, pod):
            found = pattern.search(written)
            if found:
                yield Violation(
                    manifest=pod.manifest,
                    steps=steps,
                    message=f"inference is told about the control plane: `{found.group()}`",
                    hint="take what inference needs from its own settings or its volume",
                )


def _route_needs(inventory: Inventory) -> Iterator[Violation]:
    names = {(workloads.namespace_of(service), service.id.name) for service in _control_plane_services(inventory)}
    for route in routes.gateway_routes(inventory):
        for rule in routes.route_rules(route):
            if any(_is_inference(inventory, backend) for backend in rule.backends):
                for steps, name in _named_services(rule.body, rule.steps, workloads.namespace_of(route)):
                    if name in names:
                        yield _shared_rule(route, steps, name[1])
    for ingress in routes.ingresses(inventory):
        if not any(_is_inference(inventory, path.backend) for path in routes.ingress_paths(ingress)):
            continue
        for key, value in mapping(ingress.get("metadata", "annotations")).items():
            for namespace, name in sorted(names):
                if re.search(rf"://{re.escape(name)}(?:\.{re.escape(namespace)})?(?![\w-])", text(value)):
                    yield _shared_rule(ingress, ("metadata", "annotations", key), name)


def _is_inference(inventory: Inventory, backend: routes.Backend) -> bool:
    return any(workloads.component(pod) == labels.INFERENCE for pod in routes.pods_behind(inventory, backend))


def _named_services(
    value: JsonValue, steps: tuple[Step, ...], namespace: str
) -> Iterator[tuple[tuple[Step, ...], tuple[str, str]]]:
    """Yield every reference to a Service in a route's rule, those of mirrors and authorisation included."""
    if isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _named_services(entry, (*steps, number), namespace)
    elif isinstance(value, dict):
        if "name" in value and (text(value.get("kind")) or "Service") == "Service":
            yield (*steps, "name"), (text(value.get("namespace")) or namespace, text(value.get("name")))
        for key, entry in value.items():
            yield from _named_services(entry, (*steps, key), namespace)


def _shared_rule(route: Manifest, steps: tuple[Step, ...], name: str) -> Violation:
    return Violation(
        manifest=route,
        steps=steps,
        message=f"requests for inference also need the control plane's Service `{name}`",
        hint="route inference without it: no mirror, no authorisation, no shared rule",
    )
