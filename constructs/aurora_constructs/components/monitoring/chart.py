"""Recording rules, alerts and the dashboard."""

from collections.abc import Iterable
from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs.component import Component
from aurora_constructs.components.model_serving.spec import ModelServingSpec
from aurora_constructs.components.monitoring import dashboard
from aurora_constructs.components.monitoring.spec import MonitoringSpec
from aurora_constructs.components.tetragon_policies.spec import TetragonPoliciesSpec
from aurora_constructs.components.training_operator.spec import TrainingOperatorSpec
from aurora_constructs.filling import fill
from aurora_constructs.spec import NamespacedSpec
from aurora_contract import programs


class Monitoring(Component[MonitoringSpec]):
    """Emits PrometheusRules, about serving, what it rests on and runtime policies, and the dashboard's ConfigMap.

    The rules are the table `rules.yaml`, whose open values are filled in here.
    """

    def compose(self) -> None:
        """Add the rules for what the environment has, and the dashboard where it serves models."""
        names = self.platform.names
        jobs = self._jobs()
        if jobs:
            alerts = self._filled("inference_alerts", namespaces=_any_of(namespace for namespace, _ in jobs))
            for namespace, job in jobs:
                alerts += self._filled("target_alerts", namespace=namespace, job=job)
            self._rules("inference", {"recordings": self._filled("inference_recordings"), "alerts": alerts})
            k8s.KubeConfigMap(
                self,
                "dashboard",
                metadata=self.meta(f"{self.object_name}-dashboard", labels=dashboard.LABEL),
                data={
                    f"{names.object('inference')}.json": dashboard.dashboard_json(
                        self.platform.tables("monitoring/dashboard"), names
                    )
                },
            )
        trains = bool(jobs) or bool(self.platform.of_kind(TrainingOperatorSpec))
        own = {spec.namespace for spec in self.platform.of_kind(NamespacedSpec).values()}
        alerts = self._filled("training_alerts") if trains else []
        self._rules("platform", {"alerts": alerts + self._filled("platform_alerts", namespaces=_any_of(own))})
        watched = self._watched()
        if watched:
            policies, namespaces = (_any_of(each) for each in zip(*watched, strict=True))
            alerts = self._filled("runtime_alerts", policies=policies, namespaces=namespaces)
            self._rules("runtime", {"alerts": alerts})

    def _jobs(self) -> list[tuple[str, str]]:
        """Find what is served, by namespace; a model's monitor names the job after its pods."""
        served = self.platform.of_kind(ModelServingSpec)
        return sorted((spec.namespace, self.platform.names.object(name)) for name, spec in served.items())

    def _watched(self) -> list[tuple[str, str]]:
        """Find the tracing policies, each with every namespace that it is bound to."""
        bindings = [spec.policies for spec in self.platform.of_kind(TetragonPoliciesSpec).values()]
        return [(name, space) for each in bindings for name, binding in each.items() for space in binding.namespaces]

    def _filled(self, section: str, **values: str) -> list[dict[str, Any]]:
        """Give the rules of a section; numbers are written without a tail of zeros, as PromQL reads them."""
        limits = self.spec.thresholds
        known = {
            **{name: f"{value:g}" for name, value in limits.model_dump().items()},
            "certificate_seconds": limits.certificate_days * 24 * 3600,
            "gate": programs.MODEL_GATE.container,
            "server": programs.INFERENCE.container,
        }
        rules: list[dict[str, Any]] = fill(self.platform.tables("monitoring/rules")[section], {**known, **values})
        return rules

    def _rules(self, subject: str, groups: dict[str, list[dict[str, Any]]]) -> None:
        """Add the groups; the rules of each are evaluated one after the other, at one moment."""
        prefix = self.platform.names.object(subject)
        body = [{"name": f"{prefix}.{name}", "interval": "30s", "rules": rules} for name, rules in groups.items()]
        self.custom(
            f"{subject}-rules",
            api_version="monitoring.coreos.com/v1",
            kind="PrometheusRule",
            name=f"{self.object_name}-{subject}",
            namespace=self.namespace_name,
            labels={"release": self.platform.monitoring.release},
            body={"spec": {"groups": body}},
        )


def _any_of(values: Iterable[str]) -> str:
    """Write a matcher's regular expression for one of several names, none of which needs escaping."""
    return "|".join(sorted(set(values)))
