"""Recording rules, alerts and the dashboard."""

from __future__ import annotations

from cdk8s_plus_35 import k8s

from aurora_constructs.component import Component
from aurora_constructs.components.model_serving.spec import ModelServingSpec
from aurora_constructs.components.monitoring import alerts, dashboard, recordings, rules, runtime_alerts
from aurora_constructs.components.monitoring.spec import MonitoringSpec
from aurora_constructs.components.tetragon_policies.spec import TetragonPoliciesSpec
from aurora_constructs.components.training_operator.spec import TrainingOperatorSpec
from aurora_constructs.spec import NamespacedSpec


class Monitoring(Component[MonitoringSpec]):
    """Emits PrometheusRules, about serving, what it rests on and runtime policies, and the dashboard's ConfigMap."""

    def compose(self) -> None:
        """Add the rules for what the environment has, and the dashboard where it serves models."""
        limits, names = self.spec.thresholds, self.platform.names
        jobs = self._jobs()
        if jobs:
            self._rules(
                "inference",
                [
                    rules.Group(names.object("inference.recordings"), recordings.recordings()),
                    rules.Group(names.object("inference.alerts"), alerts.serving_alerts(limits, jobs)),
                ],
            )
            k8s.KubeConfigMap(
                self,
                "dashboard",
                metadata=self.meta(f"{self.object_name}-dashboard", labels=dashboard.LABEL),
                data={f"{names.object('inference')}.json": dashboard.dashboard_json(names)},
            )
        platform = alerts.platform_alerts(limits, self._namespaces(), training=bool(jobs) or self._trains())
        self._rules("platform", [rules.Group(names.object("platform.alerts"), platform)])
        watched = self._watched()
        if watched:
            self._rules(
                "runtime", [rules.Group(names.object("runtime.alerts"), runtime_alerts.runtime_alerts(watched))]
            )

    def _jobs(self) -> dict[str, list[str]]:
        """Find what is served, by namespace; a model's monitor names the job after its pods."""
        jobs: dict[str, list[str]] = {}
        for name, spec in self.platform.of_kind(ModelServingSpec).items():
            jobs.setdefault(spec.namespace, []).append(self.platform.names.object(name))
        return jobs

    def _trains(self) -> bool:
        return bool(self.platform.of_kind(TrainingOperatorSpec))

    def _watched(self) -> dict[str, list[str]]:
        """Find the tracing policies of each namespace."""
        watched: dict[str, list[str]] = {}
        for spec in self.platform.of_kind(TetragonPoliciesSpec).values():
            for name, binding in spec.policies.items():
                for namespace in binding.namespaces:
                    watched.setdefault(namespace, []).append(name)
        return watched

    def _namespaces(self) -> list[str]:
        return sorted({spec.namespace for spec in self.platform.of_kind(NamespacedSpec).values()})

    def _rules(self, subject: str, groups: list[rules.Group]) -> None:
        self.custom(
            f"{subject}-rules",
            api_version=rules.API_VERSION,
            kind="PrometheusRule",
            name=f"{self.object_name}-{subject}",
            namespace=self.namespace_name,
            labels={"release": self.platform.monitoring.release},
            body={"spec": {"groups": [group.body() for group in groups]}},
        )
