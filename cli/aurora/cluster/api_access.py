"""Which pods call the Kubernetes API, and whether policies let them reach its server. Must not judge."""

from aurora.cluster import workloads
from aurora.cluster.network_flows import EGRESS, INGRESS, Endpoint, FlowRule, Flows, Port, endpoint, ports_match
from aurora.cluster.network_simulation import on_host_network
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.pod_template import PodTemplate

API_SERVER_PORTS = (Port(443), Port(6443))
"""Policies see addresses after translation: the endpoint's port, not always that of the Service."""
_ANY_POD = Endpoint(namespace="default")


def calls(inventory: Inventory, pod: PodTemplate) -> bool:
    """Tell whether a pod gets a token on purpose: it asks for one, or its account has been given rights."""
    mounted = pod.get("automountServiceAccountToken")
    name = text(pod.get("serviceAccountName")) or "default"
    if mounted is None:
        account = inventory.find("ServiceAccount", name, namespace=pod.namespace)
        mounted = account.get("automountServiceAccountToken") if account else None
    return mounted is True or (mounted is None and (pod.namespace, name) in inventory.once(_bound_accounts))


def _bound_accounts(inventory: Inventory) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in inventory.of_kind(kind, group="rbac.authorization.k8s.io"):
            for subject in items(binding.get("subjects")):
                if dig(subject, "kind") == "ServiceAccount":
                    namespace = text(dig(subject, "namespace")) or workloads.namespace_of(binding)
                    found.add((namespace, text(dig(subject, "name"))))
    return found


def reached_by(flows: Flows, pod: PodTemplate) -> bool:
    """Tell whether a pod reaches the API server: nothing isolates it, or a policy allows addresses outside of pods."""
    here = endpoint(pod)
    if on_host_network(pod) or not flows.isolated(here, EGRESS):
        return True
    return any(_reaches_addresses(rule) for policy in flows.selecting(here, EGRESS) for rule in policy.rules[EGRESS])


def _reaches_addresses(rule: FlowRule) -> bool:
    return _means_addresses(rule) and any(ports_match(rule, _ANY_POD, port) for port in API_SERVER_PORTS)


def admits_addresses(flows: Flows, target: Endpoint, port: Port) -> bool:
    """Tell whether some address outside of pods, such as that of the API server, may reach a port of pods."""
    return not flows.isolated(target, INGRESS) or any(
        _means_addresses(rule) and ports_match(rule, target, port)
        for policy in flows.selecting(target, INGRESS)
        for rule in policy.rules[INGRESS]
    )


def _means_addresses(rule: FlowRule) -> bool:
    return rule.peers is None or any(peer.get("ipBlock") is not None for peer in rule.peers)
