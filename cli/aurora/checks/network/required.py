"""Rules about connections that must be open: from the edge, for metrics, between services, to the API server."""

from collections.abc import Iterator

from aurora.cluster import api_access, dependencies, routes, scrapes, services, surroundings
from aurora.cluster.network_flows import Endpoint, Port, endpoint
from aurora.cluster.network_simulation import flows, other_pods
from aurora.cluster.services import PodPort
from aurora.model.inventory import Inventory
from aurora.model.rule import BROKEN, InventoryRule, Violation


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
        for target in routes.ports_behind(inventory, backend):
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
    for pod in inventory.whole_pods():
        if api_access.calls(inventory, pod) and not api_access.reached_by(flows(inventory), pod):
            yield Violation(
                manifest=pod.manifest,
                steps=pod.at("serviceAccountName"),
                message=f"{pod.manifest.id} calls the Kubernetes API, but no policy lets it reach the API server",
                hint="allow TCP 443 and 6443 to the addresses of the API server's endpoints",
            )


RULES = (
    InventoryRule("network/edge-blocked", BROKEN, _edge, softens=True),
    InventoryRule("network/metrics-blocked", BROKEN, _metrics, softens=True),
    InventoryRule("network/dependency-blocked", BROKEN, _dependencies, softens=True),
    InventoryRule("network/api-server-blocked", BROKEN, _api_server, softens=True),
)
