"""Effects of changing autoscalers and disruption budgets, those of KEDA and the vertical autoscaler included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.effects.conditions import becomes
from aurora.changes.effects.row import Row, Subject, When
from aurora.model.change import Effect

if TYPE_CHECKING:
    from aurora.changes.effects.leaves import Leaf
    from aurora.changes.pairs import Pair

_hpa = Subject(
    "horizontalpodautoscaler",
    (("autoscaling", "HorizontalPodAutoscaler"),),
    """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: inference, namespace: aurora}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: inference}
  minReplicas: 2
  maxReplicas: 10
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
  behavior: {scaleDown: {stabilizationWindowSeconds: 300}}
""",
)
_budget = Subject(
    "poddisruptionbudget",
    (("policy", "PodDisruptionBudget"),),
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: inference, namespace: aurora}
spec:
  minAvailable: 2
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector: {matchLabels: {app: inference}}
""",
)
_object = Subject(
    "scaledobject",
    (("keda.sh", "ScaledObject"),),
    """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: inference, namespace: aurora, annotations: {autoscaling.keda.sh/paused: "false"}}
spec:
  scaleTargetRef: {name: inference}
  minReplicaCount: 1
  maxReplicaCount: 10
  pollingInterval: 30
  triggers:
  - {type: prometheus, metadata: {serverAddress: "http://prometheus:9090", query: "sum(up)", threshold: "5"}}
""",
)
_job = Subject(
    "scaledjob",
    (("keda.sh", "ScaledJob"),),
    """\
apiVersion: keda.sh/v1alpha1
kind: ScaledJob
metadata: {name: features, namespace: aurora, annotations: {autoscaling.keda.sh/paused: "false"}}
spec:
  rollout: {strategy: immediate}
  maxReplicaCount: 10
  jobTargetRef:
    template:
      spec:
        restartPolicy: Never
        containers: [{name: features, image: "registry.example.com/features:v1"}]
  triggers:
  - {type: prometheus, metadata: {serverAddress: "http://prometheus:9090", query: "sum(up)", threshold: "5"}}
""",
)
_authentication = Subject(
    "triggerauthentication",
    tuple(("keda.sh", kind) for kind in ("TriggerAuthentication", "ClusterTriggerAuthentication")),
    """\
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata: {name: cloud, namespace: aurora}
spec: {podIdentity: {provider: azure-workload}}
""",
)
_vertical = Subject(
    "verticalpodautoscaler",
    (("autoscaling.k8s.io", "VerticalPodAutoscaler"),),
    """\
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: trainer, namespace: aurora}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: trainer}
  updatePolicy: {updateMode: "Off"}
  resourcePolicy: {containerPolicies: [{containerName: "*", maxAllowed: {cpu: "4"}}]}
""",
)
_CONTROLLER = "pkg/controller/podautoscaler/horizontal.go: reconcileAutoscaler"
_KEDA = "keda.sh: reference, ScaledObject specification"
_VPA = "Kubernetes autoscaler: vertical-pod-autoscaler, docs, quickstart and features"


def _gradual(pair: Pair, _leaf: Leaf) -> bool:
    """Read both spellings: the older one wins where it is given."""
    older = pair.subject.get("spec", "rolloutStrategy")
    return (older or pair.subject.get("spec", "rollout", "strategy")) == "gradual"


ROWS: tuple[Row, ...] = (
    _hpa.row(
        "bounds",
        "spec.minReplicas",
        "spec.maxReplicas",
        effect=Effect.SCALE,
        words="the number of pods is moved between the new bounds at once where it is outside, and stays within them",
        source=_CONTROLLER,
        swap=("maxReplicas: 10", "maxReplicas: 20"),
    ),
    _hpa.row(
        "metrics",
        "spec.metrics.**",
        "spec.targetCPUUtilizationPercentage",
        effect=Effect.SCALE,
        words="the wanted number of pods is computed from the new metrics and targets from the next round on",
        source=_CONTROLLER,
        swap=("averageUtilization: 70", "averageUtilization: 50"),
    ),
    _hpa.row(
        "target",
        "spec.scaleTargetRef.**",
        effect=Effect.SCALE,
        words="another workload is scaled from now on; the old one keeps the number of pods that it has",
        source=_CONTROLLER,
        swap=("name: inference}\n  minReplicas", "name: inference-2}\n  minReplicas"),
    ),
    _hpa.row(
        "behavior",
        "spec.behavior.**",
        effect=Effect.IN_PLACE,
        words="the next scaling goes at the new pace",
        source="kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale: configurable scaling behavior",
        swap=("stabilizationWindowSeconds: 300", "stabilizationWindowSeconds: 600"),
    ),
    _budget.row(
        "budget",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="evictions are allowed by the new budget: drains and node updates wait for it or no longer do",
        source="pkg/controller/disruption/disruption.go: trySync",
        swap=("minAvailable: 2", "minAvailable: 1"),
    ),
    _object.row(
        "scale",
        "spec.minReplicaCount",
        "spec.maxReplicaCount",
        "spec.idleReplicaCount",
        "spec.triggers.**",
        "spec.scaleTargetRef.**",
        "metadata.annotations[autoscaling.keda.sh/*]",
        effect=Effect.SCALE,
        words="KEDA changes the autoscaler that it keeps: other bounds, other metrics, another workload, or a pause",
        source=f"{_KEDA}; concepts, scaling deployments",
        swap=("maxReplicaCount: 10", "maxReplicaCount: 20"),
    ),
    _object.row(
        "pace",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="the next scaling goes at the new pace, or by the new number where the metrics fail",
        source=_KEDA,
        swap=("pollingInterval: 30", "pollingInterval: 60"),
    ),
    _job.like("strategy: immediate", "strategy: gradual").row(
        "gradual",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="running Jobs go on; the next ones are made from the new settings",
        source="keda.sh: reference, ScaledJob specification, rollout",
        swap=("features:v1", "features:v2"),
        when=When("the rollout strategy is gradual", _gradual),
        ordered=True,
    ),
    _job.row(
        "pause",
        "metadata.annotations[autoscaling.keda.sh/*]",
        effect=Effect.IN_PLACE,
        words="no new Jobs start while it is paused; running ones go on",
        source="keda.sh: concepts, scaling jobs, pause autoscaling",
        swap=('paused: "false"', 'paused: "true"'),
    ),
    _job.row(
        "replaced",
        "spec.**",
        effect=Effect.RECREATE,
        words="KEDA deletes the running Jobs, and their work with them, and makes new ones",
        source="keda.sh: reference, ScaledJob specification, rollout",
        swap=("features:v1", "features:v2"),
        ordered=True,
    ),
    _authentication.row(
        "credentials",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="triggers ask their sources with the new credentials; where that fails, scaling stops or falls back",
        source="keda.sh: concepts, authentication",
        swap=("provider: azure-workload", "provider: aws"),
    ),
    _vertical.row(
        "evicting-mode",
        "spec.updatePolicy.updateMode",
        effect=Effect.ROLLING_RESTART,
        words="the updater evicts, or resizes, pods whose requests are far from the recommendation",
        source=_VPA,
        swap=('"Off"', "Recreate"),
        when=becomes(
            "it becomes Recreate, InPlaceOrRecreate, InPlace or Auto",
            "Recreate",
            "InPlaceOrRecreate",
            "InPlace",
            "Auto",
        ),
    ),
    _vertical.row(
        "policy",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="recommendations change; by its mode the updater then leaves pods alone, changes new ones, or evicts",
        source=_VPA,
        swap=('cpu: "4"', 'cpu: "8"'),
    ),
)
