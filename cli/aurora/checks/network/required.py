"""Rules about connections that must be open: from the edge, for metrics, between services, to the API server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.checks.network.examples import CLOSED, FROM_EDGE, MODEL, ROUTE, SERVICE
from aurora.cluster import dependencies, routes, scrapes, services, surroundings, workloads
from aurora.cluster.network_flows import EGRESS, Port, endpoint, ports_match
from aurora.cluster.network_simulation import flows, on_host_network, strangers
from aurora.model.examples import altered, stream
from aurora.model.finding import Severity
from aurora.model.json_value import dig, items, text
from aurora.model.rule import InventoryRule, Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.cluster.network_flows import Endpoint, FlowRule
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
    sources = strangers(surroundings.edge_namespaces(inventory))
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
    sources = strangers(surroundings.monitoring_namespaces(inventory))
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
    anywhere = next(iter(strangers(["default"])))
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


_ROUTED = stream(MODEL, SERVICE, ROUTE, CLOSED)
_MONITOR = """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: model, namespace: ml}
spec: {selector: {matchLabels: {app.kubernetes.io/name: model}}, endpoints: [{port: http}]}
"""
_FROM_PROMETHEUS = altered(
    altered(FROM_EDGE, "name: aurora-edge", "name: monitoring"), "name: from-edge", "name: from-prometheus"
)
_SCRAPED = stream(MODEL, SERVICE, CLOSED, _MONITOR)
_CLIENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: client, namespace: web}
spec:
  template:
    metadata: {labels: {app.kubernetes.io/name: client}}
    spec:
      containers: [{name: web, image: r.example.com/web:1, env: [{name: MODEL_URL, value: http://model.ml}]}]
"""
_FROM_WEB = altered(altered(FROM_EDGE, "name: aurora-edge", "name: web"), "name: from-edge", "name: from-web")
_CALLED = stream(_CLIENT, MODEL, SERVICE, CLOSED)
_OPERATOR = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: operator, namespace: ml}
spec:
  template:
    metadata: {labels: {app.kubernetes.io/name: operator}}
    spec:
      serviceAccountName: operator
      automountServiceAccountToken: true
      containers: [{name: operator, image: r.example.com/operator:1}]
"""
_TO_API = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: operator-to-api, namespace: ml}
spec:
  podSelector: {matchLabels: {app.kubernetes.io/name: operator}}
  policyTypes: [Egress]
  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/24}}], ports: [{port: 443}, {port: 6443}]}]
"""

RULES = (
    InventoryRule(
        rule=Rule(
            id="network/edge-blocked",
            severity=Severity.ERROR,
            summary="a routed Service whose pods the edge may not reach",
            why="The route is accepted and every request is answered with 502 or 504 after a time-out.",
            bad=_ROUTED,
            good=stream(_ROUTED, FROM_EDGE),
        ),
        find=_edge,
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="network/metrics-blocked",
            severity=Severity.ERROR,
            summary="a monitored port that Prometheus may not reach",
            why="Without metrics alerts on values stay silent, and failures are noticed by users first.",
            bad=_SCRAPED,
            good=stream(_SCRAPED, _FROM_PROMETHEUS),
        ),
        find=_metrics,
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="network/dependency-blocked",
            severity=Severity.ERROR,
            summary="a Service that pods are told to call and may not reach",
            why="The setting says that the call is meant, and the policies let it time out.",
            bad=_CALLED,
            good=stream(_CALLED, _FROM_WEB),
        ),
        find=_dependencies,
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="network/api-server-blocked",
            severity=Severity.ERROR,
            summary="pods that call the Kubernetes API and may not reach its server",
            why="The API server's endpoints are addresses outside the pod network: default-deny shuts them off too.",
            bad=stream(_OPERATOR, CLOSED),
            good=stream(_OPERATOR, CLOSED, _TO_API),
        ),
        find=_api_server,
        softens=True,
    ),
)
