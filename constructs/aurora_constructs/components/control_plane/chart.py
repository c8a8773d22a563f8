"""The control plane: a scaled HTTP service with an API key and read access to what it shows."""

from cdk8s_plus_35 import k8s

from aurora_constructs import external_secrets, labels, network, pods, services
from aurora_constructs.component import Component
from aurora_constructs.components.control_plane.spec import ControlPlaneSpec
from aurora_constructs.components.edge import routes
from aurora_constructs.components.model_store import mounting
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_contract import programs, store, variables

PROGRAM = programs.CONTROL_PLANE
KEY = "api-key"
READ = ["get", "list", "watch"]


class ControlPlane(Component[ControlPlaneSpec]):
    """Emits the control plane; no operator runs in it, since its replicas would compete."""

    def compose(self) -> None:
        """Add the workload, its API key, its permissions and what may reach it."""
        name, spec = self.object_name, self.spec
        selector = labels.selector(name, labels.CONTROL_PLANE)
        services.account(self, name)
        self._permissions(name)
        external_secrets.external_secret(
            self, f"{name}-{KEY}", store=spec.secrets, refresh=spec.api_key.refresh_interval, values={KEY: spec.api_key}
        )
        pod = self._pod(name, selector)
        services.replicated(self, services.Replicated(name=name, selector=selector, pod=pod, replicas=spec.replicas))
        ingress = routes.through_edge(self, name, spec, paths=PROGRAM.routes, health_path=PROGRAM.readiness)
        services.watched(
            self,
            name,
            selector,
            spec.pod_port,
            clients=spec.client_namespaces,
            ingress=ingress,
            egress=[network.api_server(self.platform.api_server_cidrs)],
        )

    def _permissions(self, name: str) -> None:
        """Let it read what its two introspection paths show."""
        rules = [
            k8s.PolicyRule(api_groups=[""], resources=["nodes"], verbs=READ),
            k8s.PolicyRule(api_groups=["storage.k8s.io"], resources=["storageclasses"], verbs=READ),
        ]
        services.cluster_permissions(self, name, rules)

    def _pod(self, name: str, selector: dict[str, str]) -> pods.PodSpec:
        """Mount the models read-only twice over: the trainer is their only writer."""
        model_store = self.platform.component(self.spec.storage, ModelStoreSpec)
        port, live, ready = PROGRAM.ports["http"], PROGRAM.liveness, PROGRAM.readiness
        return pods.PodSpec(
            labels=self.pod_labels(selector),
            service_account=name,
            calls_api=True,
            spread_over=selector,
            volumes=[mounting.volume(model_store, read_only=True)],
            containers=[
                pods.ContainerSpec(
                    name=PROGRAM.container,
                    image=self.platform.image(self.spec.image),
                    resources=self.spec.resources,
                    ports=PROGRAM.ports,
                    env=[
                        *pods.environment(
                            {
                                variables.MODEL_STORE: store.ROOT,
                                variables.PORT: str(port),
                                **services.rate_limit(self.spec.rate_limit),
                            }
                        ),
                        pods.secret_variable(variables.API_KEY, secret=f"{name}-{KEY}", key=KEY),
                    ],
                    mounts=[mounting.mount(read_only=True)],
                    startup=pods.http_probe(live, services.HTTP, period_seconds=2, failure_threshold=30),
                    liveness=pods.http_probe(live, services.HTTP, period_seconds=10, timeout_seconds=2),
                    readiness=pods.http_probe(ready, services.HTTP, period_seconds=5, timeout_seconds=2),
                    lifecycle=services.drain(5),
                )
            ],
        )
