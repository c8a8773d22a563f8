"""The simulated network of an inventory, and the peers in it that no manifest describes.

Finds facts; never judges them.
"""

import ipaddress
from collections.abc import Iterable

from aurora.cluster import surroundings
from aurora.cluster.network_flows import EGRESS, Endpoint, Flows, Port, endpoint
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate

DNS = Endpoint(namespace=surroundings.DNS_NAMESPACE, labels=surroundings.DNS_LABELS)
DNS_PORTS = (Port(53, "UDP"), Port(53, "TCP"))
NODE_LOCAL_DNS = ipaddress.ip_address("169.254.20.10")
METADATA = ipaddress.ip_address("169.254.169.254")
"""Where clouds hand out a node's credentials to whoever asks (docs/facts/network.md)."""
UNKNOWN_NAMESPACE = "namespace-of-somebody-else"
"""Stands for every namespace that the manifests do not know; it has no label but its name."""


def flows(inventory: Inventory) -> Flows:
    """Give the simulation of an inventory's policies, building it at the first call."""
    return inventory.once(_flows)


def _flows(inventory: Inventory) -> Flows:
    return flows_of(inventory, inventory.of_kind("NetworkPolicy", group="networking.k8s.io"))


def flows_of(inventory: Inventory, policies: Iterable[Manifest]) -> Flows:
    """Give the simulation of some policies of an inventory."""
    labels = {name: surroundings.namespace_labels(inventory, name) for name in inventory.namespaces()}

    def namespace_labels(name: str) -> dict[str, str]:
        return labels.get(name, {surroundings.NAMESPACE_NAME: name})

    return Flows(policies, namespace_labels)


def closed_dns(simulated: Flows, pod: PodTemplate) -> tuple[Port, ...]:
    """Give the ports at which a pod may not ask for names, neither the cluster's DNS nor its node's cache."""
    here = endpoint(pod)
    if pod.get("dnsPolicy") == "None" or not simulated.isolated(here, EGRESS):
        return ()
    return tuple(
        port
        for port in DNS_PORTS
        if not simulated.releases(here, DNS, port) and not simulated.releases(here, NODE_LOCAL_DNS, port)
    )


def other_pods(namespaces: Iterable[str]) -> list[Endpoint]:
    """Describe the unknown pods of namespaces: they may carry any labels."""
    return [Endpoint(namespace=namespace) for namespace in namespaces]


def on_host_network(pod: PodTemplate) -> bool:
    """Tell whether a pod uses its node's network, which no policy judges."""
    return pod.get("hostNetwork") is True
