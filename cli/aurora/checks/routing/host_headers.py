"""A rule about servers that answer only to names that they know: MLflow refuses requests with another `Host`."""

import fnmatch
from collections.abc import Iterator

from aurora.cluster import routes, services
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import BROKEN, InventoryRule, Violation

VARIABLE = "MLFLOW_SERVER_ALLOWED_HOSTS"
USUAL_PORTS = (80, 443)
"""Clients leave these out of the header where the scheme implies them."""


def _refused(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.pods():
        for container in pod.containers:
            for steps, variable in container.variables:
                allowed = text(variable.get("value"))
                if variable.get("name") != VARIABLE or not allowed:
                    continue
                missing = [host for host in _called(inventory, pod) if not _answers(allowed, host)]
                if missing:
                    yield Violation(
                        manifest=pod.manifest,
                        steps=(*steps, "value"),
                        message=f"MLflow answers 403 to requests for {', '.join(f'`{host}`' for host in missing)}",
                        hint=f"add the names to `{VARIABLE}`, as clients write them",
                    )


def _answers(allowed: str, host: str) -> bool:
    """Compare as MLflow does: patterns with `*`, and whole names with their port."""
    return any(fnmatch.fnmatchcase(host, entry.strip()) for entry in allowed.split(","))


def _called(inventory: Inventory, pod: PodTemplate) -> list[str]:
    """Give the names under which routes and Services lead to a pod, as they stand in the header."""
    found = {
        host
        for backend in routes.backends(inventory)
        if any(each is pod for each in routes.pods_behind(inventory, backend))
        for host in _hosts(backend.manifest)
    }
    for service in inventory.of_kind("Service", group=""):
        for entry in items(service.get("spec", "ports")):
            if any(target.pod is pod for target in services.behind(inventory, service, dig(entry, "port"))):
                port = dig(entry, "port")
                suffix = "" if port in USUAL_PORTS else f":{port}"
                name = f"{service.id.name}.{service.id.namespace}"
                found |= {f"{each}{suffix}" for each in (name, f"{name}.svc", f"{name}.svc.cluster.local")}
    return sorted(found)


def _hosts(route: Manifest) -> Iterator[str]:
    """Give the hosts of an Ingress or of a route, without those with a wildcard."""
    named = [dig(rule, "host") for rule in items(route.get("spec", "rules"))]
    for host in map(text, [*named, *items(route.get("spec", "hostnames"))]):
        if host and not host.startswith("*"):
            yield host


RULES = (InventoryRule("routing/host-refused", BROKEN, _refused),)
