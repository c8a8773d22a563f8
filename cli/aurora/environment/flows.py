"""The connections that components state in their specifications, whatever their kind."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from aurora.environment.model import Environment, LoadedComponent
from aurora.model.inventory import StatedFlow
from aurora_constructs.cloud import PostgreSql
from aurora_constructs.cluster import ClusterFacts
from aurora_constructs.components.network_flows.spec import NetworkFlowsSpec
from aurora_constructs.spec import ComponentSpec, Egress

HTTPS = 443
NEEDS = "needs"
"""The property by which every kind of component names the resources of the cloud that its pods use."""
CLIENTS = "client_namespaces"
"""The field in which every kind of component names the namespaces whose pods may call it."""


def stated(environment: Environment) -> tuple[StatedFlow, ...]:
    """Give every connection that a component of an environment states."""
    return tuple(flow for component in environment.components for flow in _of(component, environment.spec.cluster))


def _of(component: LoadedComponent, cluster: ClusterFacts) -> Iterator[StatedFlow]:
    name, spec = component.name, component.spec
    if isinstance(spec, NetworkFlowsSpec):
        yield from _for_others(name, spec, cluster)
        return
    yield from (StatedFlow(name, inward=True, namespace=client) for client in getattr(spec, CLIENTS, ()))
    for resource in map(cluster.resource, getattr(spec, NEEDS, ())):
        ways = (resource.cidrs, resource.port) if isinstance(resource, PostgreSql) else (cluster.cloud_cidrs, HTTPS)
        yield from (StatedFlow(name, inward=False, cidr=cidr, port=ways[1]) for cidr in ways[0])
    yield from _outward(name, (entry for field in type(spec).model_fields for entry in _list(spec, field)))


def _list(spec: ComponentSpec, field: str) -> list[object]:
    value = getattr(spec, field)
    return value if isinstance(value, list) else []


def _outward(name: str, entries: Iterable[object]) -> Iterator[StatedFlow]:
    for entry in entries:
        if isinstance(entry, Egress):
            yield StatedFlow(
                name, inward=False, namespace=entry.namespace or "", cidr=entry.cidr or "", port=entry.port
            )


def _for_others(name: str, spec: NetworkFlowsSpec, cluster: ClusterFacts) -> Iterator[StatedFlow]:
    """Yield the connections of pods that charts make."""
    servers = cluster.api_server_cidrs
    for flows in spec.flows.values():
        calling = (StatedFlow(name, inward=True, cidr=one, port=port) for one in servers for port in flows.webhooks)
        called = (StatedFlow(name, inward=False, cidr=one) for one in servers if flows.api_server)
        cloud = (StatedFlow(name, inward=False, cidr=one, port=HTTPS) for one in cluster.cloud_cidrs if flows.cloud)
        inward = (
            StatedFlow(name, inward=True, namespace=namespace, port=port)
            for callers in flows.callers
            for namespace in callers.namespaces
            for port in callers.ports
        )
        for flow in (*inward, *calling, *called, *cloud, *_outward(name, flows.egress)):
            yield replace(flow, home=spec.namespace, labels=tuple(sorted(flows.pods.items())))
