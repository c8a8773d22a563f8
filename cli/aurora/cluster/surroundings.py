"""What an inventory says about the parts of the cluster whose objects it does not hold.

Charts bring pods that no manifest here describes: the edge's proxies, Prometheus, controllers. An environment
states where they are; for foreign manifests, Gateways and Argo CD Applications tell. Finds facts; never judges them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from aurora.cluster import workloads
from aurora.kinds import table
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest, identify
from aurora.model.pod_template import PodTemplate, pod_templates
from aurora.yamlio import reading
from aurora_constructs.cluster import EdgeFacts, MonitoringFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aurora.model.inventory import Inventory

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that the API server gives every namespace: its own name."""
SYSTEM_NAMESPACE = "kube-system"
"""Where the control plane has its static pods, accounts and Services, which no manifest describes."""
DNS_NAMESPACE = SYSTEM_NAMESPACE
DNS_LABELS = {"k8s-app": "kube-dns"}
"""Where every common distribution runs CoreDNS, and how it labels it (docs/facts/network.md)."""
API_SERVICE_LABELS = {"component": "apiserver", "provider": "kubernetes"}
"""Labels of the Service `kubernetes` in `default` (Kubernetes 1.35, controlplane/controller/kubernetesservice)."""

EDGE_CHARTS = frozenset({"ingress-nginx", "haproxy-ingress", "kubernetes-ingress", "gateway-helm", "traefik", "istiod"})
MONITORING_CHARTS = frozenset({"kube-prometheus-stack", "prometheus", "prometheus-operator"})

ALB = "alb"
ALB_CONTROLLERS = frozenset({"eks.amazonaws.com/alb", "ingress.k8s.aws/alb"})
"""The usual class, and the controllers, of AWS Application Load Balancers."""

PRIVATE = ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
"""Networks that are on no Internet (RFC 1918, 4193, 6598): the subnets of such a load balancer are of these."""

_TEMPLATE = re.compile(r"\bcontainers\b")
"""What every text with a pod in it has; dashboards and scripts need not be read."""


def charts(inventory: Inventory) -> Iterator[tuple[str, str]]:
    """Yield the name and the target namespace of every Helm chart that an Argo CD Application installs."""
    return _charts(inventory.of_kind("Application", group="argoproj.io"))


def _charts(applications: Iterable[Manifest]) -> Iterator[tuple[str, str]]:
    for application in applications:
        namespace = text(application.get("spec", "destination", "namespace"))
        sources = [application.get("spec", "source"), *items(application.get("spec", "sources"))]
        for source in sources:
            chart = text(dig(source, "chart"))
            if chart:
                yield chart, namespace


def chart_namespaces(inventory: Inventory) -> frozenset[str]:
    """Give the namespaces that hold objects which only a chart knows that is not rendered."""
    applications = inventory.of_kind("Application", group="argoproj.io")
    unknown = [entry for entry in applications if entry.id.identity not in inventory.rendered]
    return frozenset(namespace for _, namespace in _charts(unknown) if namespace)


def edge_namespaces(inventory: Inventory) -> tuple[str, ...]:
    """Give the namespaces whose pods bring requests from outside; empty where nothing tells."""
    found = {
        workloads.namespace_of(gateway) for gateway in inventory.of_kind("Gateway", group="gateway.networking.k8s.io")
    }
    if edge_addresses(inventory):
        return tuple(sorted(found))
    stated = inventory.cluster.edge if inventory.cluster else EdgeFacts()
    return _stated_or_found(inventory, found, EDGE_CHARTS, stated.namespace)


def edge_addresses(inventory: Inventory) -> tuple[str, ...]:
    """Give the networks from which a load balancer outside the cluster sends requests straight to pods."""
    cluster = inventory.cluster
    if cluster:
        return tuple(cluster.edge.load_balancers) if cluster.way_in == "alb" else ()
    ingresses = inventory.of_kind("Ingress", group="networking.k8s.io")
    return PRIVATE if any(comes_from_outside(inventory, ingress) for ingress in ingresses) else ()


def comes_from_outside(inventory: Inventory, ingress: Manifest) -> bool:
    """Tell whether an Ingress is that of a load balancer outside the cluster, which sends requests straight to pods."""
    name = text(ingress.get("spec", "ingressClassName"))
    known = inventory.find("IngressClass", name, group="networking.k8s.io")
    return name == ALB or (known is not None and text(known.get("spec", "controller")) in ALB_CONTROLLERS)


def monitoring_namespaces(inventory: Inventory) -> tuple[str, ...]:
    """Give the namespaces whose pods scrape metrics; empty where nothing tells."""
    found = {workloads.namespace_of(prometheus) for prometheus in inventory.of_kind("Prometheus")}
    stated = inventory.cluster.monitoring if inventory.cluster else MonitoringFacts()
    return _stated_or_found(inventory, found, MONITORING_CHARTS, stated.namespace)


def _stated_or_found(inventory: Inventory, found: set[str], known: frozenset[str], stated: str) -> tuple[str, ...]:
    """Take what objects show, else what the environment states; charts' names are looked at where none is stated."""
    if inventory.cluster is None:
        found |= {namespace for chart, namespace in charts(inventory) if chart in known}
    named = {namespace for namespace in found if namespace}
    if not named and inventory.closed:
        named = {stated}
    return tuple(sorted(named))


def namespace_labels(inventory: Inventory, namespace: str) -> dict[str, str]:
    """Give the labels that selectors see on a namespace: its own, and its name."""
    manifest = inventory.find("Namespace", namespace)
    own = manifest.labels if manifest else {}
    return {**own, NAMESPACE_NAME: namespace}


def pods_to_come(inventory: Inventory) -> tuple[PodTemplate, ...]:
    """Give the pods of workloads that ConfigMaps hold as templates, for controllers to create."""
    return inventory.every(_pods_to_come)


def _pods_to_come(inventory: Inventory) -> Iterator[PodTemplate]:
    for config_map in inventory.of_kind("ConfigMap", group=""):
        for key, written in mapping(config_map.get("data")).items():
            if key.endswith((".json", ".yaml", ".yml")) and _TEMPLATE.search(text(written)):
                body = _object(text(written))
                if body:
                    here = identify(body)
                    placed = replace(here, namespace=here.namespace or config_map.id.namespace)
                    yield from pod_templates(replace(config_map, id=placed, body=body))


def _object(written: str) -> JsonObject:
    try:
        return mapping(reading.parse(written).value)
    except reading.YamlError:
        return {}


def made_by_controller(selector: JsonValue | None) -> bool:
    """Tell whether a selector, or a plain map, asks for a label that controllers give to pods which they create."""
    keys = [*mapping(selector), *mapping(dig(selector, "matchLabels"))]
    keys += [text(dig(entry, "key")) for entry in items(dig(selector, "matchExpressions"))]
    return any(key.startswith(table.pod_labels()) for key in keys)
