"""The NetworkPolicies that every namespace starts from."""

from cdk8s_plus_35 import k8s

from aurora_constructs.component import Component
from aurora_constructs.components.network_baseline.spec import NetworkBaselineSpec
from aurora_constructs.labels import NAMESPACE_NAME
from aurora_constructs.network import DNS_LABELS, DNS_NAMESPACE
from aurora_constructs.values import int_or_string

NODE_LOCAL_DNS = "169.254.20.10/32"


class NetworkBaseline(Component[NetworkBaselineSpec]):
    """Emits `default-deny` and `allow-dns` for each namespace."""

    def compose(self) -> None:
        """Add two policies per namespace."""
        for namespace in sorted(self.spec.namespaces):
            self._policy(
                "default-deny",
                namespace,
                k8s.NetworkPolicySpec(pod_selector=k8s.LabelSelector(), policy_types=["Ingress", "Egress"]),
            )
            self._policy(
                "allow-dns",
                namespace,
                k8s.NetworkPolicySpec(pod_selector=k8s.LabelSelector(), policy_types=["Egress"], egress=[self._dns()]),
            )

    def _policy(self, name: str, namespace: str, spec: k8s.NetworkPolicySpec) -> None:
        k8s.KubeNetworkPolicy(self, f"{namespace}-{name}", metadata=self.meta(name, namespace=namespace), spec=spec)

    def _dns(self) -> k8s.NetworkPolicyEgressRule:
        """Allow UDP and TCP: answers that do not fit a datagram come over TCP."""
        resolver = k8s.NetworkPolicyPeer(
            namespace_selector=k8s.LabelSelector(match_labels={NAMESPACE_NAME: DNS_NAMESPACE}),
            pod_selector=k8s.LabelSelector(match_labels=DNS_LABELS),
        )
        node = k8s.NetworkPolicyPeer(ip_block=k8s.IpBlock(cidr=NODE_LOCAL_DNS))
        return k8s.NetworkPolicyEgressRule(
            to=[resolver, node] if self.spec.node_local_dns else [resolver],
            ports=[k8s.NetworkPolicyPort(port=int_or_string(53), protocol=protocol) for protocol in ("UDP", "TCP")],
        )
