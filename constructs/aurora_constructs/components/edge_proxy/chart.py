"""The settings of an edge's proxies and their network policies."""

from cdk8s_plus_35 import k8s

from aurora_constructs.component import Component
from aurora_constructs.components.edge.spec import EdgeSpec
from aurora_constructs.components.edge_proxy import flows, settings
from aurora_constructs.components.edge_proxy.spec import EdgeProxySpec


class EdgeProxy(Component[EdgeProxySpec]):
    """Emits the ConfigMap that the controller reads, the policy of its pods and those of the pods that it asks."""

    def compose(self) -> None:
        """Add the settings and the policies; nothing for a load balancer outside of the cluster."""
        edge = self.platform.component(self.spec.edge, EdgeSpec)
        name, way = self.platform.names.object(self.spec.edge), edge.way(self.platform)
        if way == "alb":
            return
        data = (
            settings.haproxy_settings(edge.scraped_port(self.platform), proxy_protocol=edge.proxy_protocol)
            if way == "gateway"
            else settings.nginx_settings(edge.addresses(self.platform), proxy_protocol=edge.proxy_protocol)
        )
        k8s.KubeConfigMap(self, "settings", metadata=self.meta(name), data=data)
        solvers = edge.solver_namespaces(self.spec.edge, self.platform)
        routed = list(edge.routed_by_host(self.spec.edge, self.platform).values())
        k8s.KubeNetworkPolicy(
            self,
            "network",
            metadata=self.meta(name),
            spec=flows.edge_policy(edge, self.platform, routed=routed, solvers=solvers),
        )
        for namespace in solvers:
            k8s.KubeNetworkPolicy(
                self,
                f"{namespace}-solver",
                metadata=self.meta(f"{name}-solver", namespace=namespace),
                spec=flows.solver_policy(self.namespace_name),
            )
