"""The operator's Deployment, identity, permissions, network policy and monitor."""

from __future__ import annotations

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, network, pods
from aurora_constructs.component import Component
from aurora_constructs.components.training_job.spec import TrainingJobSpec, template_name
from aurora_constructs.components.training_operator import permissions
from aurora_constructs.components.training_operator.spec import TrainingOperatorSpec

LIVENESS_PORT, METRICS_PORT = 8080, 9090
"""Kopf's own server answers liveness only, so the metrics have a port of their own."""
HEALTH_PATH = "/healthz"
RBAC_GROUP = "rbac.authorization.k8s.io"


class TrainingOperator(Component[TrainingOperatorSpec]):
    """Emits one operator: two of equal priority would freeze each other or both make Jobs (domain, section 3).

    No PodDisruptionBudget: with one replica it could only block the draining of nodes.
    """

    def compose(self) -> None:
        """Add the Deployment and what it needs."""
        name = f"aurora-{self.name}"
        k8s.KubeServiceAccount(self, "service-account", metadata=self.meta(name), automount_service_account_token=False)
        self._cluster_permissions(name)
        for namespace in sorted(set(self.spec.training_namespaces)):
            self._namespace_permissions(name, namespace)
        self._deployment(name)
        self._network_policy(name)
        self._monitor(name)

    def _subject(self, name: str) -> k8s.Subject:
        return k8s.Subject(kind="ServiceAccount", name=name, namespace=self.namespace_name)

    def _cluster_permissions(self, name: str) -> None:
        k8s.KubeClusterRole(self, "cluster-role", metadata=self.cluster_meta(name), rules=permissions.cluster_rules())
        k8s.KubeClusterRoleBinding(
            self,
            "cluster-role-binding",
            metadata=self.cluster_meta(name),
            role_ref=k8s.RoleRef(api_group=RBAC_GROUP, kind="ClusterRole", name=name),
            subjects=[self._subject(name)],
        )

    def _namespace_permissions(self, name: str, namespace: str) -> None:
        templates = [
            template_name(component)
            for component, spec in self.platform.of_kind(TrainingJobSpec).items()
            if spec.namespace == namespace
        ]
        k8s.KubeRole(
            self,
            f"{namespace}-role",
            metadata=self.meta(name, namespace=namespace),
            rules=permissions.namespace_rules(templates),
        )
        k8s.KubeRoleBinding(
            self,
            f"{namespace}-role-binding",
            metadata=self.meta(name, namespace=namespace),
            role_ref=k8s.RoleRef(api_group=RBAC_GROUP, kind="Role", name=name),
            subjects=[self._subject(name)],
        )

    def _deployment(self, name: str) -> None:
        selector = labels.selector(name, labels.OPERATOR)
        k8s.KubeDeployment(
            self,
            "deployment",
            metadata=self.meta(name, labels=selector),
            spec=k8s.DeploymentSpec(
                replicas=1,
                strategy=k8s.DeploymentStrategy(type="Recreate"),
                selector=k8s.LabelSelector(match_labels=selector),
                template=pods.template(self._pod(name)),
            ),
        )

    def _pod(self, name: str) -> pods.PodSpec:
        """Without readiness: nothing is routed to it. It stands alone, so Kopf needs no peering object."""
        liveness = f"--liveness=http://0.0.0.0:{LIVENESS_PORT}{HEALTH_PATH}"
        return pods.PodSpec(
            labels={**labels.common(self.platform.environment), **labels.selector(name, labels.OPERATOR)},
            service_account=name,
            calls_api=True,
            termination_grace_period_seconds=60,
            containers=[
                pods.ContainerSpec(
                    name="operator",
                    image=self.platform.image(self.spec.image),
                    resources=self.spec.resources,
                    command=["kopf"],
                    args=["run", "-A", "--standalone", liveness, f"--module={self.spec.module}"],
                    env=pods.environment({"METRICS_PORT": str(METRICS_PORT)}),
                    ports={"http": LIVENESS_PORT, "metrics": METRICS_PORT},
                    liveness=pods.http_probe(
                        HEALTH_PATH, "http", initial_delay_seconds=15, period_seconds=10, timeout_seconds=5
                    ),
                )
            ],
        )

    def _network_policy(self, name: str) -> None:
        scrape = k8s.NetworkPolicyIngressRule(
            from_=[network.pods_in([self.spec.monitoring_namespace])], ports=network.tcp(METRICS_PORT)
        )
        k8s.KubeNetworkPolicy(
            self,
            "network-policy",
            metadata=self.meta(name),
            spec=k8s.NetworkPolicySpec(
                pod_selector=k8s.LabelSelector(match_labels=labels.selector(name, labels.OPERATOR)),
                policy_types=["Ingress", "Egress"],
                ingress=[scrape],
                egress=[network.dns(), network.api_server(self.platform.api_server_cidrs)],
            ),
        )

    def _monitor(self, name: str) -> None:
        """Honour the labels that the operator sets: `job` and `namespace` there are those of a training run."""
        self.custom(
            "monitor",
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            name=name,
            namespace=self.namespace_name,
            labels={"release": self.spec.release},
            body={
                "spec": {
                    "namespaceSelector": {"matchNames": [self.namespace_name]},
                    "selector": {"matchLabels": labels.selector(name, labels.OPERATOR)},
                    "jobLabel": labels.NAME,
                    "podMetricsEndpoints": [
                        {
                            "port": "metrics",
                            "path": "/metrics",
                            "scheme": "http",
                            "interval": "30s",
                            "honorLabels": True,
                        }
                    ],
                }
            },
        )
