"""Rules that keep the control plane out of inference's way.

They are the manifests' half of the statement in `docs/guarantees.md` that the control plane is no runtime dependency.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from aurora.cluster import dependencies, routes, workloads
from aurora.cluster.network_flows import Port, endpoint
from aurora.cluster.network_simulation import flows
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import ADVICE, InventoryRule, Violation
from aurora_constructs import labels

_USUAL_PORTS = frozenset({80, 443, 8080})
"""Asked for where the control plane's pods declare no port."""


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
                    steps=pod.metadata_at("labels"),
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
    search = lru_cache(maxsize=1024)(pattern.search)  # the pods of a platform are told much the same
    for pod in workloads.of_component(inventory, labels.INFERENCE):
        for steps, written in dependencies.settings(inventory, pod):
            found = search(written)
            if found:
                yield Violation(
                    manifest=pod.manifest,
                    steps=steps,
                    message=f"the inference pod refers to the control plane: `{found.group()}`",
                    hint="take what inference needs from its own settings or its volume",
                )


def _route_needs(inventory: Inventory) -> Iterator[Violation]:
    names = {(workloads.namespace_of(service), service.id.name) for service in _control_plane_services(inventory)}
    if names:
        yield from _gateway_routes_need(inventory, names)
        yield from _ingresses_need(inventory, names)


def _gateway_routes_need(inventory: Inventory, names: set[tuple[str, str]]) -> Iterator[Violation]:
    for route in routes.gateway_routes(inventory):
        for rule in routes.route_rules(route):
            if any(_is_inference(inventory, backend) for backend in rule.backends):
                for steps, named in _named_services(rule.body, rule.steps, workloads.namespace_of(route)):
                    if named in names:
                        yield _shared_rule(route, steps, named[1])


def _ingresses_need(inventory: Inventory, names: set[tuple[str, str]]) -> Iterator[Violation]:
    hosts = "|".join(rf"{re.escape(name)}(?:\.{re.escape(namespace)})?" for namespace, name in sorted(names))
    pattern = re.compile(rf"://({hosts})(?![\w-])")
    for ingress in routes.ingresses(inventory):
        if any(_is_inference(inventory, path.backend) for path in routes.ingress_paths(ingress)):
            for key, value in mapping(ingress.get("metadata", "annotations")).items():
                found = pattern.search(text(value))
                if found:
                    yield _shared_rule(ingress, ("metadata", "annotations", key), found[1])


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
            if key != "matches":
                yield from _named_services(entry, (*steps, key), namespace)


def _shared_rule(route: Manifest, steps: tuple[Step, ...], name: str) -> Violation:
    return Violation(
        manifest=route,
        steps=steps,
        message=f"requests for inference also need the control plane's Service `{name}`",
        hint="route inference without it: no mirror, no authorisation, no shared rule",
    )


RULES = (
    InventoryRule("network/inference-reaches-control-plane", ADVICE, _reaches, own=True),
    InventoryRule("network/inference-names-control-plane", ADVICE, _names, own=True),
    InventoryRule("network/inference-route-needs-control-plane", ADVICE, _route_needs, own=True),
)
