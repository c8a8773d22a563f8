"""How the number of pods follows their load."""

from collections.abc import Iterator
from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs.component import Component
from aurora_constructs.scaling import Scaling, ScalingStep
from aurora_constructs.spec import Replicas


def autoscaler(owner: Component[Any], name: str, bounds: Replicas) -> None:
    """Scale the Deployment of that name by shares of its requests."""
    scaling = bounds if isinstance(bounds, Scaling) else None
    k8s.KubeHorizontalPodAutoscalerV2(
        owner,
        "autoscaler",
        metadata=owner.meta(name),
        spec=k8s.HorizontalPodAutoscalerSpecV2(
            min_replicas=bounds.minimum,
            max_replicas=bounds.maximum,
            metrics=list(_metrics(bounds.cpu_percent, scaling.memory_percent if scaling else None)),
            scale_target_ref=k8s.CrossVersionObjectReferenceV2(api_version="apps/v1", kind="Deployment", name=name),
            behavior=_behaviour(scaling) if scaling else None,
        ),
    )


def _metrics(cpu: int, memory: int | None) -> Iterator[k8s.MetricSpecV2]:
    """Of several the one that asks for most pods decides."""
    for resource, percent in (("cpu", cpu), ("memory", memory)):
        if percent is not None:
            target = k8s.MetricTargetV2(type="Utilization", average_utilization=percent)
            yield k8s.MetricSpecV2(type="Resource", resource=k8s.ResourceMetricSourceV2(name=resource, target=target))


def _behaviour(scaling: Scaling) -> k8s.HorizontalPodAutoscalerBehaviorV2 | None:
    if not (scaling.down or scaling.up):
        return None
    return k8s.HorizontalPodAutoscalerBehaviorV2(
        scale_down=_rules(scaling.down) if scaling.down else None,
        scale_up=_rules(scaling.up) if scaling.up else None,
    )


def _rules(step: ScalingStep) -> k8s.HpaScalingRulesV2:
    policy = k8s.HpaScalingPolicyV2(type="Percent", value=step.percent, period_seconds=step.seconds)
    return k8s.HpaScalingRulesV2(policies=[policy])
