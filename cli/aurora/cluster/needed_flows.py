"""The connections that an environment needs, as it says without its NetworkPolicies.

They follow from what names another party: routes, monitors, settings of pods, webhooks, tokens for the Kubernetes
API, and what components state (`clientNamespaces`, `egress`). Finds facts; never judges them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from aurora.cluster import api_access, dependencies, routes, scrapes, services, surroundings, workloads
from aurora.cluster.network_flows import Endpoint, Flows, Port, endpoint, network
from aurora.cluster.network_groups import Group, groups
from aurora.cluster.network_simulation import flows
from aurora.cluster.references import traffic
from aurora.model import counts
from aurora.model.json_value import text
from aurora.model.pod_template import PodTemplate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.model.inventory import Inventory
    from aurora.model.json_value import JsonObject
    from aurora.model.manifest import Manifest
    from aurora.model.place import Step

Party = PodTemplate | str | None
"""Pods of a workload, all pods of a namespace, or somebody outside of the pods' network, as the API server is."""


class Why(StrEnum):
    """What needs a connection."""

    ROUTE = "routes requests"
    SCRAPE = "collects metrics"
    SETTING = "names it in a setting"
    API = "calls the Kubernetes API"
    CALL = "makes the API server call it"
    STATED = "states it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One connection that is needed; any of the sources suffices, and any of the ports.

    Without ports, any port of the target is meant. `manifest` says so at `steps`, or the specification of `component`.
    """

    why: Why
    sources: tuple[Party, ...]
    target: Party
    ports: tuple[Port, ...] = ()
    manifest: Manifest | None = None
    steps: tuple[Step, ...] = ()
    component: str = ""
    cidrs: tuple[str, ...] = ()
    """The addresses of whoever is outside of the pods' network, where they are known."""


def needs(inventory: Inventory) -> tuple[Need, ...]:
    """Give every connection that is needed."""
    return tuple(need for find in FINDERS.values() for need in inventory.every(find))


def of(inventory: Inventory, why: Why) -> tuple[Need, ...]:
    """Give the connections that are needed for one reason."""
    return inventory.every(FINDERS[why])


def _routed(inventory: Inventory) -> Iterator[Need]:
    edges = surroundings.edge_namespaces(inventory)
    for backend in routes.backends(inventory):
        # A load balancer of AWS is no pod: its requests come from addresses.
        sources = (None,) if surroundings.comes_from_outside(inventory, backend.manifest) else edges
        for target in routes.ports_behind(inventory, backend):
            need = _to(target, Why.ROUTE, (backend.manifest, backend.steps), sources)
            yield replace(need, cidrs=surroundings.edge_addresses(inventory))


def _scraped(inventory: Inventory) -> Iterator[Need]:
    collectors = surroundings.monitoring_namespaces(inventory)
    for scrape in scrapes.scrapes(inventory):
        for target in scrape.targets:
            yield _to(target, Why.SCRAPE, (scrape.monitor, scrape.steps), collectors)


def _called(inventory: Inventory) -> Iterator[Need]:
    for dependency in dependencies.dependencies(inventory):
        for target in services.behind(inventory, dependency.service, dependency.port):
            if target.pod.manifest is not dependency.pod.manifest:
                yield _to(target, Why.SETTING, (dependency.pod.manifest, dependency.steps), (dependency.pod,))


def _to(
    target: services.PodPort, why: Why, said: tuple[Manifest, tuple[Step, ...]], sources: tuple[Party, ...]
) -> Need:
    port = Port(target.number, target.protocol)
    return Need(why=why, manifest=said[0], steps=said[1], sources=sources, target=target.pod, ports=(port,))


def _asking(inventory: Inventory) -> Iterator[Need]:
    for pod in inventory.whole_pods():
        if api_access.calls(inventory, pod):
            yield Need(
                why=Why.API,
                manifest=pod.manifest,
                steps=pod.at("serviceAccountName"),
                sources=(pod,),
                target=None,
                ports=api_access.API_SERVER_PORTS,
                cidrs=_api_server(inventory),
            )


def _api_server(inventory: Inventory) -> tuple[str, ...]:
    return tuple(inventory.cluster.api_server_cidrs) if inventory.cluster else ()


def _webhooks(inventory: Inventory) -> Iterator[Need]:
    for call in traffic.calls(inventory):
        for target in services.behind(inventory, call.service, call.port):
            # Where the control plane is not in the pods' network, agents in its namespace hand its calls on.
            need = _to(target, Why.CALL, (call.manifest, call.steps), (None, surroundings.SYSTEM_NAMESPACE))
            yield replace(need, cidrs=_api_server(inventory))


def _stated(inventory: Inventory) -> Iterator[Need]:
    own: dict[str, list[PodTemplate]] = defaultdict(list)
    for pod in (*inventory.pods(), *surroundings.pods_to_come(inventory)) if inventory.stated else ():
        own[pod.manifest.component or ""].append(pod)
    for stated in inventory.stated:
        labels: JsonObject = {"matchLabels": dict(stated.labels)}
        chosen = workloads.index(inventory).selected(stated.home, labels) if stated.labels else own[stated.component]
        if stated.inward and stated.port is None:  # not those that serve nothing, as a Job beside the server
            chosen = [pod for pod in chosen if _ports(pod)] or chosen
        # Pods of a chart that is not rendered may be any of their namespace.
        parties: list[Party] = [*chosen] or ([stated.home] if stated.labels else [])
        other: Party = stated.namespace or None
        # Whichever of its pods goes out; each of those that serve is called.
        ways = [((other,), party) for party in parties] if stated.inward else [(tuple(parties), other)]
        for sources, target in ways if parties else ():
            yield Need(
                why=Why.STATED,
                sources=sources,
                target=target,
                ports=(Port(stated.port),) if stated.port else (),
                component=stated.component,
                cidrs=(stated.cidr,) if stated.cidr else (),
            )


FINDERS = {
    Why.ROUTE: _routed,
    Why.SCRAPE: _scraped,
    Why.SETTING: _called,
    Why.API: _asking,
    Why.CALL: _webhooks,
    Why.STATED: _stated,
}


def groups_of(inventory: Inventory, party: Party) -> list[Group]:
    """Give the groups of a party; none for who is outside of the pods' network."""
    known = groups(inventory)
    if isinstance(party, PodTemplate):
        found = known.of_pod(party)
        return [found] if found else []
    return known.within(party) if party else []


def blocked(inventory: Inventory, need: Need) -> bool:
    """Tell whether policies surely let none of the sources reach the target."""
    simulated = flows(inventory)
    return bool(need.sources) and not any(_passes(simulated, need, source) for source in need.sources)


def _passes(simulated: Flows, need: Need, source: Party) -> bool:
    if need.target is None:
        return not isinstance(source, PodTemplate) or _leaves(simulated, need, source)
    there, here = _end(need.target), None if source is None else _end(source)
    ports = need.ports or _ports(need.target)
    return not ports or any(_open(simulated, here, there, port) for port in ports)


def _leaves(simulated: Flows, need: Need, source: PodTemplate) -> bool:
    """Tell whether a pod reaches the API server, or the network that its component states."""
    blocks = [block for cidr in need.cidrs if (block := network(cidr)) is not None]
    if need.why is Why.API or not blocks:
        return api_access.reached_by(simulated, source)
    here = endpoint(source)
    return any(
        simulated.releases(here, block.network_address, port)
        for block in blocks
        for port in need.ports or api_access.API_SERVER_PORTS
    )


def _end(party: PodTemplate | str) -> Endpoint:
    """Give the pods of a party; those of a namespace may also be others than the known ones."""
    return endpoint(party) if isinstance(party, PodTemplate) else Endpoint(namespace=party)


def _ports(target: PodTemplate | str) -> tuple[Port, ...]:
    """Give the ports that pods say that they listen on; none where nobody says so."""
    declared = target.ports if isinstance(target, PodTemplate) else ()
    return tuple(
        Port(number, text(port.get("protocol")) or "TCP")
        for port in declared
        if (number := counts.integer(port.get("containerPort"))) is not None
    )


def _open(simulated: Flows, source: Endpoint | None, target: Endpoint, port: Port) -> bool:
    if source is None:
        return api_access.admits_addresses(simulated, target, port)
    return simulated.open(source, target, port)
