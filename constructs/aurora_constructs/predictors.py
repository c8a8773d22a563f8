"""What KServe is told of a model: an InferenceService in the mode `Standard`, and what guards its pods.

KServe makes a Deployment and a Service of it, called like it and `-predictor`; they are in no manifest of Git. Each
function adds objects to the component that it is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs import pods
from aurora_constructs.pools import Pool
from aurora_constructs.services import Owner
from aurora_constructs.values import int_or_string

API_VERSION = "serving.kserve.io/v1beta1"
GRACE_SECONDS = 60

SURGE = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
"""New pods serve before old ones end."""
IN_PLACE = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
"""An old pod ends before a new one starts: of a scarce device a second one may not be there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictor:
    """One model in pods of its own.

    `selector` are the labels that tell its pods from all others, `labels` those beside them. With `scaled` an
    autoscaler of Git owns the number of pods, between `least` and `most`; otherwise `least` is the number.
    """

    id: str
    name: str
    account: str
    selector: Mapping[str, str]
    labels: Mapping[str, str]
    model: Mapping[str, Any]
    least: int
    most: int
    scaled: bool
    strategy: Mapping[str, Any] = field(default_factory=lambda: SURGE)
    volumes: Sequence[Mapping[str, Any]] = ()
    pool: Pool | None = None

    @property
    def workload(self) -> str:
        """The name of the Deployment, and of the Service, that KServe makes."""
        return workload(self.name)


def workload(name: str) -> str:
    """Name what KServe makes of an InferenceService (`pkg/constants`, `PredictorServiceName`)."""
    return f"{name}-predictor"


def predictor(owner: Owner, spec: Predictor) -> None:
    """Add the InferenceService and its budget.

    The mode is literal: KServe's webhook compares the text. The class of its autoscaler says that others scale, or
    nobody: KServe's own HorizontalPodAutoscaler would know no behaviour (docs/facts/scaling.md).
    """
    labels = {**spec.selector, **spec.labels}
    owner.custom(
        f"{spec.id}-service",
        api_version=API_VERSION,
        kind="InferenceService",
        name=spec.name,
        namespace=owner.namespace_name,
        labels=labels,
        annotations={
            "serving.kserve.io/autoscalerClass": "external" if spec.scaled else "none",
            "serving.kserve.io/deploymentMode": "Standard",
        },
        body={"spec": {"predictor": _pods(owner, spec, labels)}},
    )
    # One pod at a time, whatever the number of replicas; a broken pod never blocks a node's drain.
    k8s.KubePodDisruptionBudget(
        owner,
        f"{spec.id}-budget",
        metadata=owner.meta(spec.workload, labels=spec.selector),
        spec=k8s.PodDisruptionBudgetSpec(
            max_unavailable=int_or_string(1),
            selector=k8s.LabelSelector(match_labels=dict(spec.selector)),
            unhealthy_pod_eviction_policy="AlwaysAllow",
        ),
    )


def _pods(owner: Owner, spec: Predictor, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "automountServiceAccountToken": False,
        "deploymentStrategy": dict(spec.strategy),
        "enableServiceLinks": False,
        "labels": owner.pod_labels(labels),
        "minReplicas": spec.least,
        "maxReplicas": spec.most,
        # Stated here too: a namespace's level is judged by this object, and KServe merges it with the runtime's.
        "model": {**spec.model, "securityContext": dict(pods.HARDENED)},
        "securityContext": dict(pods.HARDENED_POD),
        "serviceAccountName": spec.account,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "topologySpreadConstraints": pods.plain_spread(spec.selector),
        **({"volumes": [dict(volume) for volume in spec.volumes]} if spec.volumes else {}),
        **(_placed(spec.pool) if spec.pool else {}),
    }


def _placed(pool: Pool) -> dict[str, Any]:
    """Lead pods to the nodes of a pool."""
    terms = [{"key": each.key, "operator": each.operator, "values": list(each.values)} for each in pool.requirements]
    required = {"nodeSelectorTerms": [{"matchExpressions": terms}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
    return {
        "nodeSelector": pool.node_selector,
        "tolerations": pool.tolerations,
        **({"affinity": affinity} if terms else {}),
    }
