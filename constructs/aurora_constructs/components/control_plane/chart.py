"""The control plane's workload: Deployment, Service, scaling and disruption budget."""

from __future__ import annotations

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, pods
from aurora_constructs.component import Component
from aurora_constructs.components.control_plane import access
from aurora_constructs.components.control_plane.spec import ControlPlaneSpec
from aurora_constructs.components.model_store import mounting
from aurora_constructs.components.model_store.spec import ROOT, ModelStoreSpec
from aurora_constructs.components.secret_store.spec import store_name
from aurora_constructs.values import int_or_string

PORT = 8080
HEALTH_PATH = "/health"


class ControlPlane(Component[ControlPlaneSpec]):
    """Emits the control plane; no operator runs in it, since its replicas would compete (domain, row 13)."""

    def compose(self) -> None:
        """Add the workload, its API key, its permissions and what may reach it."""
        name = f"aurora-{self.name}"
        k8s.KubeServiceAccount(self, "service-account", metadata=self.meta(name), automount_service_account_token=False)
        self._permissions(name)
        self._api_key(name)
        self._deployment(name)
        self._service(name)
        self._scaling(name)
        k8s.KubeNetworkPolicy(
            self,
            "network-policy",
            metadata=self.meta(name),
            spec=access.network_policy(
                self.spec,
                selector=labels.selector(name, labels.CONTROL_PLANE),
                port=PORT,
                api=self.platform.api_server_cidrs,
            ),
        )
        self.custom(
            "monitor",
            api_version="monitoring.coreos.com/v1",
            kind="ServiceMonitor",
            name=name,
            namespace=self.namespace_name,
            labels={"release": self.spec.release},
            body={
                "spec": access.monitor(
                    namespace=self.namespace_name, selector=labels.selector(name, labels.CONTROL_PLANE)
                )
            },
        )

    def _permissions(self, name: str) -> None:
        k8s.KubeClusterRole(self, "cluster-role", metadata=self.cluster_meta(name), rules=access.cluster_rules())
        k8s.KubeClusterRoleBinding(
            self,
            "cluster-role-binding",
            metadata=self.cluster_meta(name),
            role_ref=k8s.RoleRef(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=name),
            subjects=[k8s.Subject(kind="ServiceAccount", name=name, namespace=self.namespace_name)],
        )

    def _api_key(self, name: str) -> None:
        path = self.spec.api_key.path or f"{self.platform.environment}/{self.name}"
        self.custom(
            "api-key",
            api_version="external-secrets.io/v1",
            kind="ExternalSecret",
            name=access.secret_name(name),
            namespace=self.namespace_name,
            body={
                "spec": access.external_secret(
                    self.spec.api_key,
                    path=path,
                    target=access.secret_name(name),
                    store=store_name(self.spec.secrets),
                )
            },
        )

    def _deployment(self, name: str) -> None:
        """State no number of replicas: the autoscaler owns it."""
        selector = labels.selector(name, labels.CONTROL_PLANE)
        k8s.KubeDeployment(
            self,
            "deployment",
            metadata=self.meta(name, labels=selector),
            spec=k8s.DeploymentSpec(
                strategy=k8s.DeploymentStrategy(
                    type="RollingUpdate",
                    rolling_update=k8s.RollingUpdateDeployment(
                        max_surge=int_or_string(1), max_unavailable=int_or_string(0)
                    ),
                ),
                selector=k8s.LabelSelector(match_labels=selector),
                template=pods.template(self._pod(name)),
            ),
        )

    def _pod(self, name: str) -> pods.PodSpec:
        """Mount the models read-only twice over: the trainer is their only writer."""
        store = self.platform.component(self.spec.storage, ModelStoreSpec)
        selector = labels.selector(name, labels.CONTROL_PLANE)
        return pods.PodSpec(
            labels={**labels.common(self.platform.environment), **selector},
            service_account=name,
            calls_api=True,
            spread_over=selector,
            volumes=[mounting.volume(store, read_only=True)],
            containers=[
                pods.ContainerSpec(
                    name="control-plane",
                    image=self.platform.image(self.spec.image),
                    resources=self.spec.resources,
                    ports={"http": PORT},
                    env=[
                        *pods.environment({"MODEL_STORE": ROOT, "PORT": str(PORT)}),
                        pods.secret_variable(access.KEY_VARIABLE, secret=access.secret_name(name), key=access.KEY),
                    ],
                    mounts=[mounting.mount(read_only=True)],
                    startup=pods.http_probe(HEALTH_PATH, "http", period_seconds=2, failure_threshold=30),
                    liveness=pods.http_probe(HEALTH_PATH, "http", period_seconds=10, timeout_seconds=2),
                    readiness=pods.http_probe(HEALTH_PATH, "http", period_seconds=5, timeout_seconds=2),
                    # Endpoints are withdrawn while the pod already ends: it goes on answering meanwhile.
                    lifecycle=k8s.Lifecycle(pre_stop=k8s.LifecycleHandler(sleep=k8s.SleepAction(seconds=5))),
                )
            ],
        )

    def _service(self, name: str) -> None:
        selector = labels.selector(name, labels.CONTROL_PLANE)
        http = k8s.ServicePort(name="http", port=80, protocol="TCP", target_port=int_or_string("http"))
        k8s.KubeService(
            self,
            "service",
            metadata=self.meta(name, labels=selector),
            spec=k8s.ServiceSpec(type="ClusterIP", selector=selector, ports=[http]),
        )

    def _scaling(self, name: str) -> None:
        bounds = self.spec.replicas
        cpu = k8s.ResourceMetricSourceV2(
            name="cpu", target=k8s.MetricTargetV2(type="Utilization", average_utilization=bounds.cpu_percent)
        )
        k8s.KubeHorizontalPodAutoscalerV2(
            self,
            "autoscaler",
            metadata=self.meta(name),
            spec=k8s.HorizontalPodAutoscalerSpecV2(
                min_replicas=bounds.minimum,
                max_replicas=bounds.maximum,
                metrics=[k8s.MetricSpecV2(type="Resource", resource=cpu)],
                scale_target_ref=k8s.CrossVersionObjectReferenceV2(api_version="apps/v1", kind="Deployment", name=name),
            ),
        )
        k8s.KubePodDisruptionBudget(
            self,
            "disruption-budget",
            metadata=self.meta(name),
            spec=k8s.PodDisruptionBudgetSpec(
                max_unavailable=int_or_string(1),
                selector=k8s.LabelSelector(match_labels=labels.selector(name, labels.CONTROL_PLANE)),
                unhealthy_pod_eviction_policy="AlwaysAllow",
            ),
        )
