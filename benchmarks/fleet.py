"""A component kind that makes any number of Deployments, through the same constructs as every other kind."""

from cdk8s_plus_35 import k8s

from aurora_constructs import pods
from aurora_constructs.component import Component
from aurora_constructs.spec import Resources
from fleet_spec import FleetSpec


class Fleet(Component[FleetSpec]):
    """Emits `count` Deployments with hardened pods, probes and spread."""

    def compose(self) -> None:
        """Add the Deployments."""
        for number in range(self.spec.count):
            name = f"service-{number:05}"
            labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/component": "api"}
            k8s.KubeDeployment(
                self,
                name,
                metadata=self.meta(name, labels=labels),
                spec=k8s.DeploymentSpec(
                    replicas=2, selector=k8s.LabelSelector(match_labels=labels), template=self._pod(labels)
                ),
            )

    def _pod(self, labels: dict[str, str]) -> k8s.PodTemplateSpec:
        resources = Resources(cpu="100m", memory="128Mi")
        image = "registry.example.com/ml/service:v1.0.0@sha256:" + "a" * 64
        probe = pods.http_probe("/health", "http", period_seconds=10)
        return pods.template(
            pods.PodSpec(
                labels=labels,
                service_account="service",
                containers=[
                    pods.ContainerSpec(
                        name="service",
                        image=image,
                        resources=resources,
                        ports={"http": 8080},
                        readiness=probe,
                        liveness=probe,
                        env=pods.environment({"LOG_LEVEL": "info", "PORT": "8080"}),
                    ),
                ],
                spread_over=labels,
            )
        )
