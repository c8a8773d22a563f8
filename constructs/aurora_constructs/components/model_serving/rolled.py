"""A served model whose versions Argo Rollouts tries: one Rollout in the place of two Deployments, and its analysis.

The controller makes the canary's Ingress from the main one, moves its weight, and tells the Services which pods they
select: none of that stands in Git (Argo Rollouts 1.9, `rollout/trafficrouting/nginx`, `rollout/service.go`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aurora_constructs import pods, services
from aurora_constructs.component import Component
from aurora_constructs.components.model_serving.tracks import CANARY, STABLE
from aurora_constructs.components.monitoring import queries
from aurora_constructs.components.monitoring.spec import Thresholds
from aurora_constructs.strategies import RolloutsStrategy

API_VERSION = "argoproj.io/v1alpha1"
HASH = "rollouts-pod-template-hash"
"""The label that the controller gives the pods of each version (`DefaultRolloutUniqueLabelKey`)."""
INTERVAL_SECONDS, MEASUREMENTS = 60, 5
FAILURES, INCONCLUSIVE = 1, 2
"""Of the measurements at one share: how many may fail, and of how many nothing may follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolled:
    """Equal pods of one version, replaced by those of another step by step.

    `track` is the label by which their metrics are told apart: the controller moves it while both are there.
    """

    name: str
    selector: Mapping[str, str]
    pod: pods.PodSpec
    replicas: int
    track: str
    strategy: RolloutsStrategy
    limits: Thresholds
    progress_deadline_seconds: int

    @property
    def canary_service(self) -> str:
        """The Service of the version on trial."""
        return f"{self.name}-{CANARY}"


def rolled(owner: Component[Any], spec: Rolled) -> None:
    """Add the Rollout, its analysis, a Service of each track and the budget of all pods."""
    selector = dict(spec.selector)
    owner.custom(
        "rollout",
        api_version=API_VERSION,
        kind="Rollout",
        name=spec.name,
        namespace=owner.namespace_name,
        labels=selector,
        body={
            "spec": {
                "replicas": spec.replicas,
                "revisionHistoryLimit": 5,
                "progressDeadlineSeconds": spec.progress_deadline_seconds,
                # The way back to what served before the trial takes no steps, also when the trial is over.
                "rollbackWindow": {"revisions": 1},
                "selector": {"matchLabels": selector},
                "strategy": {"canary": _canary(spec)},
                "template": _template(owner, spec.pod),
            }
        },
    )
    _analysis(owner, spec)
    for name in (spec.name, spec.canary_service):
        services.service(owner, f"{name}-service", name, selector)
    services.budget(owner, "budget", spec.name, selector, labels=selector)


def _template(owner: Component[Any], pod: pods.PodSpec) -> dict[str, Any]:
    """Give the pods, each version of them spread by itself: the controller's label tells versions apart."""
    found = owner.plain_pod(pod)
    for spread in found["spec"].get("topologySpreadConstraints", ()):
        spread["matchLabelKeys"] = [HASH]
    return found


def _canary(spec: Rolled) -> dict[str, Any]:
    return {
        "stableService": spec.name,
        "canaryService": spec.canary_service,
        "stableMetadata": {"labels": {spec.track: STABLE}},
        "canaryMetadata": {"labels": {spec.track: CANARY}},
        "maxSurge": 1,
        "maxUnavailable": 0,
        "trafficRouting": {"nginx": {"stableIngress": spec.name}},
        "steps": list(_steps(spec)),
    }


def _steps(spec: Rolled) -> Sequence[dict[str, Any]]:
    """Stop at each share, and go on where the analysis after it succeeds: the last one comes before everything."""
    found: list[dict[str, Any]] = []
    for share in spec.strategy.steps:
        found += [
            {"setWeight": share},
            {"pause": {"duration": f"{spec.strategy.minutes}m"}},
            {"analysis": {"templates": [{"templateName": spec.name}]}},
        ]
    return found


def _analysis(owner: Component[Any], spec: Rolled) -> None:
    values = {
        "namespace": owner.namespace_name,
        "name": spec.name,
        "requests_per_second": f"{spec.limits.requests_per_second:g}",
    }
    asked = queries.analyses(owner.platform, values)
    limits = {"errors": spec.limits.canary_errors, "latency": spec.limits.canary_latency}
    metrics = [_metric(name, asked[name], limit, owner.platform.monitoring.address) for name, limit in limits.items()]
    owner.custom(
        "analysis",
        api_version=API_VERSION,
        kind="AnalysisTemplate",
        name=spec.name,
        namespace=owner.namespace_name,
        body={"spec": {"metrics": metrics}},
    )


def _metric(name: str, query: str, limit: float, address: str) -> dict[str, Any]:
    """Compare a query with its limit; no answer, or one that is no number, is neither success nor failure.

    Sources: Argo Rollouts 1.9, `utils/evaluate/evaluate.go`, `metricproviders/prometheus/prometheus.go`.
    """
    answered = "len(result) > 0 && !isNaN(result[0])"
    return {
        "name": name,
        "interval": f"{INTERVAL_SECONDS}s",
        "count": MEASUREMENTS,
        "failureLimit": FAILURES,
        "inconclusiveLimit": INCONCLUSIVE,
        "successCondition": f"{answered} && result[0] <= {limit:g}",
        "failureCondition": f"{answered} && result[0] > {limit:g}",
        "provider": {"prometheus": {"address": address, "query": query}},
    }
