"""A rule about Services of type LoadBalancer: on own machines, somebody has to give them their addresses.

Source: Kubernetes 1.35, the service controller of k8s.io/cloud-provider, which only clouds run; docs of MetalLB.
"""

from collections.abc import Iterator

from aurora.model.inventory import Inventory
from aurora.model.rule import BROKEN, InventoryRule, Violation


def _without_address(inventory: Inventory) -> Iterator[Violation]:
    """Find Services that wait for an address; what has a class of its own is its controller's."""
    stated = inventory.cluster is not None and inventory.cluster.gives_addresses
    pools = next(iter(inventory.of_kind("IPAddressPool", group="metallb.io")), None)
    if not inventory.closed or stated or pools:
        return
    for service in inventory.of_kind("Service", group=""):
        if service.get("spec", "type") == "LoadBalancer" and not service.get("spec", "loadBalancerClass"):
            yield Violation(
                manifest=service,
                steps=("spec", "type"),
                message="nobody is known to give this Service an address: it is never healthy for Argo CD",
                hint="state who does: `cluster.loadBalancer`; or use another type",
            )


RULES = (InventoryRule("network/no-load-balancer", BROKEN, _without_address),)
