"""Rules about single NetworkPolicies: what they say must be what they do.

Source: Kubernetes 1.35, types, defaults and validation of `networking.k8s.io/v1`; docs/facts/network.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.cluster import surroundings, workloads
from aurora.cluster.network_flows import EGRESS, INGRESS, FlowRule, read, selects_all
from aurora.cluster.network_simulation import DNS_PORTS
from aurora.model import selectors
from aurora.model.finding import Severity
from aurora.model.json_value import JsonObject, items, text
from aurora.model.rule import ADVICE, BROKEN, OBJECT, REFUSED, InventoryRule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.model.inventory import Inventory
    from aurora.model.manifest import Manifest

_FIELDS = {INGRESS: "ingress", EGRESS: "egress"}


def policies(inventory: Inventory) -> Iterator[Manifest]:
    """Yield the NetworkPolicies."""
    return inventory.of_kind("NetworkPolicy", group="networking.k8s.io")


def _ignored_rules(inventory: Inventory) -> Iterator[Violation]:
    for policy in policies(inventory):
        judged = read(policy).rules
        for direction, field in _FIELDS.items():
            if items(policy.get("spec", field)) and direction not in judged:
                yield Violation(
                    manifest=policy,
                    steps=("spec", field),
                    message=f"`policyTypes` does not name {direction}, so these rules do nothing",
                    hint=f"add {direction} to `policyTypes`",
                )


def _implicit_types(inventory: Inventory) -> Iterator[Violation]:
    for policy in policies(inventory):
        if not items(policy.get("spec", "policyTypes")):
            judged = " and ".join(read(policy).rules)
            yield Violation(
                manifest=policy,
                steps=("spec", "policyTypes"),
                message=f"`policyTypes` is left out, which means {judged}",
                hint="state the directions that the policy judges",
            )


def _dead(inventory: Inventory) -> Iterator[Violation]:
    idle = [policy for policy in policies(inventory) if _selects_nothing(inventory, policy)]
    to_come = surroundings.pods_to_come(inventory) if idle else ()
    for policy in idle:
        selector, namespace = read(policy).selector, workloads.namespace_of(policy)
        if not any(pod.namespace == namespace and selectors.matches(selector, pod.labels) for pod in to_come):
            yield Violation(
                manifest=policy,
                steps=("spec", "podSelector"),
                message=f"the policy selects no pod of the namespace `{namespace}`",
                hint="select labels that the pods carry, or remove the policy",
            )


def _selects_nothing(inventory: Inventory, policy: Manifest) -> bool:
    index, namespace = workloads.index(inventory), workloads.namespace_of(policy)
    selector = read(policy).selector
    if not index.pods_in(namespace) or index.selected(namespace, selector):
        return False
    if selects_all(selector) or namespace in surroundings.chart_namespaces(inventory):
        return False
    return not surroundings.made_by_controller(selector)


def rules_of(inventory: Inventory, direction: str) -> Iterator[tuple[Manifest, FlowRule]]:
    """Yield every rule of a direction with its policy."""
    for policy in policies(inventory):
        for rule in read(policy).rules.get(direction, ()):
            yield policy, rule


def _open_to_all(inventory: Inventory) -> Iterator[Violation]:
    for policy, rule in rules_of(inventory, INGRESS):
        if rule.peers is None:
            yield Violation(
                manifest=policy,
                steps=rule.steps,
                message="a rule without `from` lets every source in, from outside the cluster as well",
                hint="name the sources; for nobody leave the rule out",
            )


def _open_to_everywhere(inventory: Inventory) -> Iterator[Violation]:
    for policy, rule in rules_of(inventory, EGRESS):
        only_dns = rule.ports is not None and all(_is_dns(port) for port in rule.ports)
        if rule.peers is None and not only_dns:
            yield Violation(
                manifest=policy,
                steps=rule.steps,
                message="a rule without `to` lets the pods reach every address, the metadata service as well",
                hint="name the destinations",
            )


def _is_dns(port: JsonObject) -> bool:
    protocol = text(port.get("protocol")) or "TCP"
    alone = port.get("endPort") in (None, port.get("port"))
    return alone and any((port.get("port"), protocol) == (known.number, known.protocol) for known in DNS_PORTS)


RULES = (
    InventoryRule("network/ignored-rules", REFUSED, _ignored_rules, scope=OBJECT),
    InventoryRule("network/implicit-types", ADVICE, _implicit_types, severity=Severity.WARNING, scope=OBJECT),
    InventoryRule("network/dead-policy", BROKEN, _dead, severity=Severity.WARNING, softens=True),
    InventoryRule("network/open-to-all-sources", ADVICE, _open_to_all, scope=OBJECT),
    InventoryRule("network/open-to-everywhere", ADVICE, _open_to_everywhere, scope=OBJECT),
)
