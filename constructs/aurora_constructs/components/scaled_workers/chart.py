"""Workers and what decides how many there are."""

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, pods, scaled_objects, services
from aurora_constructs.cloud import Queue
from aurora_constructs.component import Component
from aurora_constructs.components.language_model import front
from aurora_constructs.components.language_model.spec import LanguageModelSpec
from aurora_constructs.components.monitoring.queries import query
from aurora_constructs.components.scaled_workers.spec import Messages, Requests, ScaledWorkersSpec
from aurora_constructs.machines import NVIDIA
from aurora_constructs.scaled_objects import Bounds, CloudTrigger, Trigger
from aurora_constructs.values import int_or_string


class ScaledWorkers(Component[ScaledWorkersSpec]):
    """Emits a Deployment, the ScaledObject that owns its number of pods, identity, budget and isolation."""

    def compose(self) -> None:
        """Add the objects."""
        name, spec = self.object_name, self.spec
        selector = labels.selector(name, labels.WORKER)
        identity = self.platform.identity(spec.identity)
        services.account(self, name, identity, spec.all_needs)
        match = k8s.LabelSelector(match_labels=selector)
        k8s.KubeDeployment(
            self,
            "deployment",
            metadata=self.meta(name, labels=selector),
            spec=k8s.DeploymentSpec(
                selector=match, strategy=self._strategy(), template=pods.template(self._pod(name, selector))
            ),
        )
        k8s.KubePodDisruptionBudget(
            self,
            "budget",
            metadata=self.meta(name),
            spec=k8s.PodDisruptionBudgetSpec(
                max_unavailable=int_or_string(1), selector=match, unhealthy_pod_eviction_policy="AlwaysAllow"
            ),
        )
        scaled_objects.scaled_object(
            self,
            f"{name}-scaler",
            deployment=name,
            bounds=Bounds(
                least=spec.minimum, most=spec.maximum, idle_seconds=spec.idle_seconds, unknown=max(spec.minimum, 1)
            ),
            triggers=[self._trigger()],
        )
        egress = [*services.outside(spec.egress), *services.to_cloud(self, identity, spec.all_needs)]
        services.flows(self, name, selector, egress=egress)

    def _strategy(self) -> k8s.DeploymentStrategy:
        """End an old pod before a new one starts: a second GPU may not be there."""
        rolling = k8s.RollingUpdateDeployment(max_surge=int_or_string(0), max_unavailable=int_or_string(1))
        return k8s.DeploymentStrategy(type="RollingUpdate", rolling_update=rolling)

    def _pod(self, name: str, selector: dict[str, str]) -> pods.PodSpec:
        spec = self.spec
        pool = self.platform.pool(spec.pool) if spec.pool else None
        return pods.PodSpec(
            labels=self.pod_labels(selector, self.platform.identity(spec.identity).pod_labels),
            service_account=name,
            termination_grace_period_seconds=spec.drain_seconds,
            pool=pool.with_gpus(spec.gpus, 1) if pool and spec.gpus else pool,
            containers=[
                pods.ContainerSpec(
                    name="worker",
                    image=self.platform.image(spec.image),
                    resources=spec.resources,
                    devices={NVIDIA: spec.gpus} if spec.gpus else {},
                    args=spec.args,
                    env=pods.environment(spec.env),
                )
            ],
        )

    def _trigger(self) -> Trigger | CloudTrigger:
        demand, platform = self.spec.demand, self.platform
        if isinstance(demand, Messages):
            scaler, settings = platform.resource(demand.queue, Queue).trigger(platform.cluster.place, demand.for_each)
            identity = platform.identity(self.spec.identity)
            return CloudTrigger(name="messages", scaler=scaler, settings=settings, identity=identity)
        found = self._requests(demand) if isinstance(demand, Requests) else query(platform, "waiting-workflows")
        return Trigger(name=demand.type, query=found, threshold=demand.for_each)

    def _requests(self, demand: Requests) -> str:
        model = self.platform.component(demand.of, LanguageModelSpec)
        of = front.counted(model.namespace, f"{self.platform.names.object(demand.of)}-front")
        return query(self.platform, "requests-at-front", **of)
