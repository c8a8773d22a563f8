"""The parts that NetworkPolicies are made of.

Items of a `from` or `to` list are alternatives, fields within one item must hold together
(docs/facts/network.md): a peer here is always one item. Adds no objects.
"""

from collections.abc import Iterable, Mapping

from cdk8s_plus_35 import k8s

from aurora_constructs.cloud import PostgreSql
from aurora_constructs.labels import NAMESPACE_NAME
from aurora_constructs.values import int_or_string

DNS_NAMESPACE = "kube-system"
DNS_LABELS = {"k8s-app": "kube-dns"}
"""The labels of CoreDNS in every common distribution (docs/facts/network.md)."""

API_SERVER_PORTS = (443, 6443)
"""Policies see addresses after translation: the endpoint's port, not always that of the Service."""


EVERYWHERE, LINK_LOCAL = "0.0.0.0/0", "169.254.0.0/16"
"""All addresses of IPv4, and those that only a node itself answers at, such as its metadata."""


def pods_in(namespaces: Iterable[str], labels: Mapping[str, str] | None = None) -> k8s.NetworkPolicyPeer:
    """Select the pods of namespaces, those that carry the labels where any are given.

    Raises:
        ValueError: no namespace is given.
    """
    names = sorted(set(namespaces))
    if not names:
        raise ValueError("a network policy opens the way to pods of no namespace")
    return k8s.NetworkPolicyPeer(
        namespace_selector=k8s.LabelSelector(
            match_expressions=[k8s.LabelSelectorRequirement(key=NAMESPACE_NAME, operator="In", values=names)]
        ),
        pod_selector=k8s.LabelSelector(match_labels=dict(labels)) if labels else None,
    )


def addresses(cidrs: Iterable[str]) -> list[k8s.NetworkPolicyPeer]:
    """Select addresses outside the pod network.

    Raises:
        ValueError: no address is given: a rule with an empty list would mean every address.
    """
    networks = sorted(set(cidrs))
    if not networks:
        raise ValueError("a network policy opens the way to a list of addresses that is empty")
    return [k8s.NetworkPolicyPeer(ip_block=k8s.IpBlock(cidr=cidr)) for cidr in networks]


def tcp(*ports: int | str) -> list[k8s.NetworkPolicyPort]:
    """Name TCP ports by number, or by the name that the pods give them."""
    return [k8s.NetworkPolicyPort(port=int_or_string(port), protocol="TCP") for port in ports]


def dns() -> k8s.NetworkPolicyEgressRule:
    """Allow name resolution, over UDP and TCP: answers that do not fit a datagram come over TCP."""
    return k8s.NetworkPolicyEgressRule(
        to=[pods_in([DNS_NAMESPACE], DNS_LABELS)],
        ports=[k8s.NetworkPolicyPort(port=int_or_string(53), protocol=protocol) for protocol in ("UDP", "TCP")],
    )


def database(server: PostgreSql) -> k8s.NetworkPolicyEgressRule:
    """Allow the server of a database."""
    return k8s.NetworkPolicyEgressRule(to=addresses(server.cidrs), ports=tcp(server.port))


def cloud(cidrs: Iterable[str]) -> k8s.NetworkPolicyEgressRule:
    """Allow the services of a cloud over HTTPS, but not the node's own metadata, which is link-local.

    Raises:
        ValueError: no address is given: a rule without peers would allow every destination.
    """
    known = sorted(set(cidrs))
    if not known:
        raise ValueError("the addresses of the cloud's services are not known")
    blocks = [k8s.IpBlock(cidr=cidr, except_=[LINK_LOCAL] if cidr == EVERYWHERE else None) for cidr in known]
    return k8s.NetworkPolicyEgressRule(to=[k8s.NetworkPolicyPeer(ip_block=block) for block in blocks], ports=tcp(443))


def api_server(cidrs: Iterable[str]) -> k8s.NetworkPolicyEgressRule:
    """Allow the API server's endpoints.

    Raises:
        ValueError: no address is given: a rule without peers would allow every destination.
    """
    known = tuple(cidrs)
    if not known:
        raise ValueError("the API server's addresses are not known: `cluster.apiServerCidrs` must list them")
    return k8s.NetworkPolicyEgressRule(to=addresses(known), ports=tcp(*API_SERVER_PORTS))
