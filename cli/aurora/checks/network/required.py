"""Rules about connections that must be open: from the edge, for metrics, between services, to the API server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.cluster import dependencies, routes, scrapes, services, surroundings, workloads
from aurora.cluster.network_flows import EGRESS, Endpoint, FlowRule, Port, endpoint, ports_match
from aurora.cluster.network_simulation import flows, on_host_network, other_pods
from aurora.model.json_value import dig, items, text
from aurora.model.rule import BROKEN, InventoryRule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.cluster.services import PodPort
    from aurora.model.inventory import Inventory
    from aurora.model.pod_template import PodTemplate

API_SERVER_PORTS = (Port(443), Port(6443))
"""Policies see addresses after translation: the endpoint's port, not always that of the Service."""


def _blocked(inventory: Inventory, sources: list[Endpoint], target: PodPort) -> bool:
    """Tell whether none of the sources can reach a pod's port."""
    simulated, port = flows(inventory), Port(target.number, target.protocol)
    reached = endpoint(target.pod)
    return bool(sources) and not any(simulated.open(source, reached, port) for source in sources)


def _edge(inventory: Inventory) -> Iterator[Violation]:
    sources = other_pods(surroundings.edge_namespaces(inventory))
    seen: set[tuple[str, str, str, str, int]] = set()
    for backend in routes.backends(inventory):
        # A load balancer of AWS is no pod: its requests come from addresses.
        if surroundings.comes_from_outside(inventory, backend.manifest):
            continue
        service = services.find(inventory, backend.namespace, backend.service)
        for target in services.behind(inventory, service, backend.port) if service else ():
            key = (*target.pod.manifest.id.identity, target.number)
            if key not in seen and _blocked(inventory, sources, target):
                seen.add(key)
                yield Violation(
                    manifest=backend.manifest,
                    steps=backend.steps,
                    message=f"no policy lets the edge reach port {target.number} of {target.pod.manifest.id}",
                    hint=f"allow it at both ends: out of {_listed(sources)}, and into `{target.pod.namespace}`",
                )


def _listed(sources: list[Endpoint]) -> str:
    return " or ".join(f"`{source.namespace}`" for source in sources)


def _metrics(inventory: Inventory) -> Iterator[Violation]:
    sources = other_pods(surroundings.monitoring_namespaces(inventory))
    for scrape in scrapes.scrapes(inventory):
        for target in scrape.targets:
            if _blocked(inventory, sources, target):
                yield Violation(
                    manifest=scrape.monitor,
                    steps=scrape.steps,
                    message=f"no policy lets Prometheus reach port {target.number} of {target.pod.manifest.id}",
                    hint=f"allow it at both ends: out of {_listed(sources)}, and into `{target.pod.namespace}`",
                )


def _dependencies(inventory: Inventory) -> Iterator[Violation]:
    for dependency in dependencies.dependencies(inventory):
        source = endpoint(dependency.pod)
        for target in services.behind(inventory, dependency.service, dependency.port):
            itself = target.pod.manifest is dependency.pod.manifest
            if not itself and _blocked(inventory, [source], target):
                yield Violation(
                    manifest=dependency.pod.manifest,
                    steps=dependency.steps,
                    message=(
                        f"the setting names {dependency.service.id}, but no policy lets these pods reach "
                        f"port {target.number} of {target.pod.manifest.id}"
                    ),
                    hint="allow the connection at both ends, or remove the setting",
                )


def _api_server(inventory: Inventory) -> Iterator[Violation]:
    accounts = _bound_accounts(inventory)
    simulated = flows(inventory)
    for pod in inventory.whole_pods():
        here = endpoint(pod)
        if on_host_network(pod) or not _calls_api(inventory, pod, accounts) or not simulated.isolated(here, EGRESS):
            continue
        allowed = [rule for policy in simulated.selecting(here, EGRESS) for rule in policy.rules[EGRESS]]
        if not any(_reaches_addresses(rule) for rule in allowed):
            yield Violation(
                manifest=pod.manifest,
                steps=pod.at("serviceAccountName"),
                message=f"{pod.manifest.id} calls the Kubernetes API, but no policy lets it reach the API server",
                hint="allow TCP 443 and 6443 to the addresses of the API server's endpoints",
            )


def _reaches_addresses(rule: FlowRule) -> bool:
    """Tell whether a rule lets pods reach addresses outside the pod network on a port of the API server."""
    outside = rule.peers is None or any(peer.get("ipBlock") is not None for peer in rule.peers)
    anywhere = next(iter(other_pods(["default"])))
    return outside and any(ports_match(rule, anywhere, port) for port in API_SERVER_PORTS)


def _calls_api(inventory: Inventory, pod: PodTemplate, accounts: set[tuple[str, str]]) -> bool:
    """Tell whether a pod gets a token on purpose: it asks for one, or its account has been given rights."""
    mounted = pod.get("automountServiceAccountToken")
    name = text(pod.get("serviceAccountName")) or "default"
    if mounted is None:
        account = inventory.find("ServiceAccount", name, namespace=pod.namespace)
        mounted = account.get("automountServiceAccountToken") if account else None
    if mounted is None:
        return (pod.namespace, name) in accounts
    return mounted is True


def _bound_accounts(inventory: Inventory) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in inventory.of_kind(kind, group="rbac.authorization.k8s.io"):
            for subject in items(binding.get("subjects")):
                if dig(subject, "kind") == "ServiceAccount":
                    namespace = text(dig(subject, "namespace")) or workloads.namespace_of(binding)
                    found.add((namespace, text(dig(subject, "name"))))
    return found


RULES = (
    InventoryRule("network/edge-blocked", BROKEN, _edge, softens=True),
    InventoryRule("network/metrics-blocked", BROKEN, _metrics, softens=True),
    InventoryRule("network/dependency-blocked", BROKEN, _dependencies, softens=True),
    InventoryRule("network/api-server-blocked", BROKEN, _api_server, softens=True),
)
