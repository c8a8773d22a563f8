"""The operator's Deployment, identity, permissions, network policy and monitor."""

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, network, pods, services
from aurora_constructs.component import Component
from aurora_constructs.components.model_serving.spec import ModelServingSpec
from aurora_constructs.components.training_job.spec import TEMPLATE_SUFFIX, TrainingJobSpec
from aurora_constructs.components.training_operator import permissions
from aurora_constructs.components.training_operator.spec import TrainingOperatorSpec
from aurora_contract import programs, variables

PROGRAM = programs.OPERATOR
METRICS = "metrics"
"""Kopf's own server answers liveness only, so the metrics have a port of their own."""


class TrainingOperator(Component[TrainingOperatorSpec]):
    """Emits one operator: two of equal priority would freeze each other or both make Jobs.

    No PodDisruptionBudget: with one replica it could only block the draining of nodes.
    """

    def compose(self) -> None:
        """Add the Deployment and what it needs."""
        name = self.object_name
        selector = labels.selector(name, labels.OPERATOR)
        services.account(self, name)
        services.cluster_permissions(self, name, permissions.cluster_rules(self.platform.names.api_group))
        for namespace in sorted(set(self.spec.training_namespaces)):
            services.namespace_permissions(
                self,
                name,
                namespace,
                permissions.namespace_rules(self._templates_in(namespace), serves=self._serves(namespace)),
            )
        self._deployment(name, selector)
        # The operator sets `job` and `namespace` itself: there they are those of a training run.
        endpoint = {"scheme": "http", "honorLabels": True}
        services.watched(
            self,
            name,
            selector,
            PROGRAM.ports[METRICS],
            scrape=services.Scrape(kind="PodMonitor", sources=("operator",), port=METRICS, endpoint=endpoint),
            egress=[network.api_server(self.platform.api_server_cidrs)],
        )

    def _templates_in(self, namespace: str) -> list[str]:
        runs = self.platform.of_kind(TrainingJobSpec)
        own = {name: spec for name, spec in runs.items() if spec.backend == "MLTrainingJob"}
        found = [component for component, spec in own.items() if spec.namespace == namespace]
        return [self.platform.names.object(component, TEMPLATE_SUFFIX) for component in found]

    def _serves(self, namespace: str) -> bool:
        return any(spec.namespace == namespace for spec in self.platform.of_kind(ModelServingSpec).values())

    def _deployment(self, name: str, selector: dict[str, str]) -> None:
        k8s.KubeDeployment(
            self,
            "deployment",
            metadata=self.meta(name, labels=selector),
            spec=k8s.DeploymentSpec(
                replicas=1,
                strategy=k8s.DeploymentStrategy(type="Recreate"),
                selector=k8s.LabelSelector(match_labels=selector),
                template=pods.template(self._pod(name, selector)),
            ),
        )

    def _pod(self, name: str, selector: dict[str, str]) -> pods.PodSpec:
        """Without readiness: nothing is routed to it. It stands alone, so Kopf needs no peering object.

        It watches the namespaces of its Roles: what it may read nowhere else, it must not ask for everywhere.
        """
        watched = [f"--namespace={namespace}" for namespace in sorted(set(self.spec.training_namespaces))]
        liveness = f"--liveness=http://0.0.0.0:{PROGRAM.ports['http']}{PROGRAM.liveness}"
        return pods.PodSpec(
            labels=self.pod_labels(selector),
            service_account=name,
            calls_api=True,
            termination_grace_period_seconds=60,
            containers=[
                pods.ContainerSpec(
                    name=PROGRAM.container,
                    image=self.platform.image(self.spec.image),
                    resources=self.spec.resources,
                    command=["kopf"],
                    args=["run", *watched, "--standalone", liveness, f"--module={self.spec.module}"],
                    env=pods.environment({variables.METRICS_PORT: str(PROGRAM.ports[METRICS])}),
                    ports=PROGRAM.ports,
                    liveness=pods.http_probe(
                        PROGRAM.liveness, services.HTTP, initial_delay_seconds=15, period_seconds=10, timeout_seconds=5
                    ),
                )
            ],
        )
