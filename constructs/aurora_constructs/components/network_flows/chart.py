"""One NetworkPolicy for each group of pods."""

from cdk8s_plus_35 import k8s

from aurora_constructs import network, services
from aurora_constructs.component import Component
from aurora_constructs.components.network_flows.spec import Flows, NetworkFlowsSpec


class NetworkFlows(Component[NetworkFlowsSpec]):
    """Emits the policies that open a closed namespace for the pods of charts."""

    def compose(self) -> None:
        """Add the policies."""
        for name, flows in sorted(self.spec.flows.items()):
            services.flows(self, name, flows.pods, ingress=self._ingress(flows), egress=self._egress(flows))

    def _ingress(self, flows: Flows) -> list[k8s.NetworkPolicyIngressRule]:
        rules = [services.callers(each.namespaces, *each.ports) for each in flows.callers]
        if flows.webhooks:
            servers = network.addresses(self.platform.api_server_cidrs)
            rules.append(k8s.NetworkPolicyIngressRule(from_=servers, ports=network.tcp(*flows.webhooks)))
        return rules

    def _egress(self, flows: Flows) -> list[k8s.NetworkPolicyEgressRule]:
        rules = services.outside(flows.egress)
        if flows.api_server:
            rules.append(network.api_server(self.platform.api_server_cidrs))
        if flows.cloud:
            rules.append(network.cloud(self.platform.cluster.cloud_cidrs))
        return rules
