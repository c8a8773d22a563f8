"""Autoscaling by metrics of Prometheus, down to no pod at all: KEDA's ScaledObjects. Adds objects to a component."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aurora_constructs.cluster import Identity
from aurora_constructs.services import Owner

API_VERSION = "keda.sh/v1alpha1"
POLLING_SECONDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A number that a query of Monitoring gives, and how much of it is for one pod; above 0 it wakes the first."""

    name: str
    query: str
    threshold: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudTrigger:
    """A scaler of KEDA that asks the cloud, as an identity of it."""

    name: str
    scaler: str
    settings: Mapping[str, str]
    identity: Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many pods there are, and how long the last one stays idle; without metrics there are `unknown`."""

    least: int
    most: int
    idle_seconds: int
    unknown: int = 1


def scaled_object(
    owner: Owner, name: str, *, deployment: str, bounds: Bounds, triggers: Sequence[Trigger | CloudTrigger]
) -> None:
    """Add the ScaledObject of a Deployment, and the authentication of triggers that ask the cloud.

    A query without a result counts as 0 only where it says so itself: KEDA's own 0 would hide that Prometheus is gone,
    for which there is `fallback` (KEDA 2.20, scalers/prometheus_scaler.go, `ignoreNullValues`).
    """
    owner.custom(
        "scaled-object",
        api_version=API_VERSION,
        kind="ScaledObject",
        name=name,
        namespace=owner.namespace_name,
        body={
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": deployment},
                "minReplicaCount": bounds.least,
                "maxReplicaCount": bounds.most,
                "pollingInterval": POLLING_SECONDS,
                "cooldownPeriod": bounds.idle_seconds,
                "fallback": {"failureThreshold": 3, "replicas": bounds.unknown},
                "triggers": [_trigger(owner, trigger) for trigger in triggers],
            }
        },
    )


def _trigger(owner: Owner, trigger: Trigger | CloudTrigger) -> dict[str, object]:
    if isinstance(trigger, CloudTrigger):
        name = f"{owner.object_name}-{trigger.name}"
        owner.custom(
            f"{trigger.name}-authentication",
            api_version=API_VERSION,
            kind="TriggerAuthentication",
            name=name,
            namespace=owner.namespace_name,
            body={"spec": {"podIdentity": dict(trigger.identity.keda)}},
        )
        return {
            "type": trigger.scaler,
            "name": trigger.name,
            "metricType": "AverageValue",
            "metadata": dict(trigger.settings),
            "authenticationRef": {"name": name},
        }
    return {
        "type": "prometheus",
        "name": trigger.name,
        "metricType": "AverageValue",
        "metadata": {
            "serverAddress": owner.platform.monitoring.address,
            "query": trigger.query,
            "threshold": str(trigger.threshold),
            "activationThreshold": "0",
            "ignoreNullValues": "false",
        },
    }
