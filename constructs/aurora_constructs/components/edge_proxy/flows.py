"""Who may talk to the edge, and whom the edge may talk to.

Every pod of the edge's namespace is meant: the controller's chart chooses its own labels.
"""

from collections.abc import Sequence

from cdk8s_plus_35 import k8s

from aurora_constructs import network
from aurora_constructs.components.edge.certificates import SOLVER_LABELS, SOLVER_PORT
from aurora_constructs.components.edge.spec import EdgeSpec, RoutedSpec
from aurora_constructs.platform import Platform


def edge_policy(
    spec: EdgeSpec, platform: Platform, *, routed: Sequence[RoutedSpec], solvers: Sequence[str]
) -> k8s.NetworkPolicySpec:
    """Let the load balancers in, and the edge out to what it routes to.

    Args:
        spec: the edge's specification.
        platform: the environment; its cluster says who may connect, and who collects metrics.
        routed: the components that hosts are routed to.
        solvers: namespaces in which challenges are answered.
    """
    api, port = platform.api_server_cidrs, spec.scraped_port(platform)
    return k8s.NetworkPolicySpec(
        pod_selector=k8s.LabelSelector(),
        policy_types=["Ingress", "Egress"],
        ingress=[
            _from(network.addresses(spec.addresses(platform)), *spec.pod_ports),
            *([_from([network.pods_in([platform.monitoring.namespace])], port)] if port else []),
            *([_from(network.addresses(api), spec.webhook_port)] if spec.way(platform) == "nginx" else []),
        ],
        egress=[
            *_backends(routed),
            *_solvers(solvers),
            network.dns(),
            network.api_server(api),
        ],
    )


def solver_policy(edge_namespace: str) -> k8s.NetworkPolicySpec:
    """Let the edge reach the pods that answer challenges: default-deny would let certificates expire."""
    return k8s.NetworkPolicySpec(
        pod_selector=k8s.LabelSelector(match_labels=SOLVER_LABELS),
        policy_types=["Ingress"],
        ingress=[_from([network.pods_in([edge_namespace])], SOLVER_PORT)],
    )


def _from(peers: Sequence[k8s.NetworkPolicyPeer], *ports: int) -> k8s.NetworkPolicyIngressRule:
    return k8s.NetworkPolicyIngressRule(from_=list(peers), ports=network.tcp(*ports))


def _solvers(namespaces: Sequence[str]) -> list[k8s.NetworkPolicyEgressRule]:
    if not namespaces:
        return []
    pods = network.pods_in(namespaces, SOLVER_LABELS)
    return [k8s.NetworkPolicyEgressRule(to=[pods], ports=network.tcp(SOLVER_PORT))]


def _backends(routed: Sequence[RoutedSpec]) -> list[k8s.NetworkPolicyEgressRule]:
    """Open one way per kind of pod and port, in all the namespaces where that kind is routed to."""
    ways: dict[tuple[tuple[tuple[str, str], ...], int], set[str]] = {}
    for spec in routed:
        ways.setdefault((tuple(sorted(spec.routed_pods.items())), spec.pod_port), set()).add(spec.namespace)
    return [
        k8s.NetworkPolicyEgressRule(to=[network.pods_in(namespaces, dict(pods))], ports=network.tcp(port))
        for (pods, port), namespaces in sorted(ways.items())
    ]
