"""Rules that every namespace with pods starts from: deny by default, and name resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.cluster import workloads
from aurora.cluster.network_flows import DIRECTIONS, Flows, selects_all
from aurora.cluster.network_simulation import closed_dns, flows, on_host_network
from aurora.model.rule import ADVICE, BROKEN, InventoryRule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aurora.model.inventory import Inventory
    from aurora.model.manifest import Manifest
    from aurora.model.pod_template import PodTemplate


def _no_deny(inventory: Inventory) -> Iterator[Violation]:
    index = workloads.index(inventory)
    for namespace in index.namespaces():
        pods = [pod for pod in index.pods_in(namespace) if not on_host_network(pod)]
        for direction in DIRECTIONS:
            if pods and not _denied(flows(inventory), namespace, direction):
                yield Violation(
                    manifest=_place(inventory, namespace, pods),
                    steps=("metadata",),
                    message=f"the namespace `{namespace}` has pods and no default-deny policy for {direction.lower()}",
                    hint=f"add a NetworkPolicy with `podSelector: {{}}` and `policyTypes: [{direction}]`",
                )


def _denied(simulated: Flows, namespace: str, direction: str) -> bool:
    """Look for a policy that judges all pods and lets nobody reach everything."""
    return any(
        selects_all(policy.selector)
        and direction in policy.rules
        and all(rule.peers is not None or rule.ports is not None for rule in policy.rules[direction])
        for policy in simulated.policies(namespace)
    )


def _place(inventory: Inventory, namespace: str, pods: Sequence[PodTemplate]) -> Manifest:
    """Give the Namespace, or the first pod where there is none, or where all pods are of charts that others wrote."""
    own = any(pod.manifest.rendered_by is None for pod in pods)
    return (inventory.find("Namespace", namespace) if own else None) or pods[0].manifest


def _no_dns(inventory: Inventory) -> Iterator[Violation]:
    simulated = flows(inventory)
    for pod in inventory.whole_pods():
        closed = [port.protocol for port in closed_dns(simulated, pod)]
        if closed:
            yield Violation(
                manifest=pod.manifest,
                steps=pod.metadata_at("labels"),
                message=f"{pod.manifest.id} may not ask for names over {' and '.join(closed)}",
                hint="allow UDP and TCP port 53 to the pods of `kube-system` that are labelled `k8s-app: kube-dns`",
            )


RULES = (
    InventoryRule("network/no-default-deny", ADVICE, _no_deny, softens=True),
    InventoryRule("network/no-dns", BROKEN, _no_dns, softens=True),
)
