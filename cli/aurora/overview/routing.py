"""Where requests go: hosts, Services, shares, and the model versions behind them. Judges nothing."""

from collections.abc import Iterator

from aurora.cluster import nginx, routes, splits, workloads
from aurora.model.inventory import Inventory
from aurora.model.json_value import text
from aurora.model.overview import Backend, Route
from aurora.model.pod_template import PodTemplate


def routing(inventory: Inventory) -> Iterator[Route]:
    """Yield the Ingresses and routes that have a backend."""
    shares = splits.shares(inventory)
    found: dict[int, list[routes.Backend]] = {}
    for backend in routes.backends(inventory):
        found.setdefault(id(backend.manifest), []).append(backend)
    for backends in found.values():
        manifest = backends[0].manifest
        lines = tuple(
            Backend(
                service=f"{backend.namespace}/{backend.service}",
                share=shares.get(backend.place),
                condition=_condition(backend),
                versions=_versions(inventory, routes.pods_behind(inventory, backend)),
                pods=_pods(inventory, backend),
            )
            for backend in backends
        )
        yield Route(manifest.id, tuple(filter(None, routes.hosts(manifest))), tuple(dict.fromkeys(lines)))


def _condition(backend: routes.Backend) -> str:
    if splits.by_header(backend):
        return "requests with a certain header"
    header = nginx.annotations_of(backend.manifest).get(f"{nginx.CANARY}-by-header")
    if backend.manifest.id.kind == "Ingress" and nginx.is_canary(backend.manifest) and header:
        return f"also every request with the header {text(header)}"
    return ""


def _versions(inventory: Inventory, pods: list[PodTemplate]) -> tuple[str, ...]:
    key = inventory.names.model_version
    return tuple(sorted({pod.labels[key] for pod in pods if pod.labels.get(key)}))


def _pods(inventory: Inventory, backend: routes.Backend) -> str:
    """Say how many pods may answer: a number, or a range where an autoscaler decides."""
    if inventory.find("Service", backend.service, namespace=backend.namespace) is None:
        return "its Service is not among the objects"
    index = workloads.index(inventory)
    counted = [index.replicas(pod) for pod in routes.pods_behind(inventory, backend)]
    known = [count for count in counted if count is not None]
    least, most = sum(count.least for count in known), sum(count.most for count in known)
    amount = str(least) if least == most else f"{least} to {most}"
    return f"{amount} pod" if amount == "1" else f"{amount} pods"
