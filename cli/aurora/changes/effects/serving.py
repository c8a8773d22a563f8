"""Effects of changing model servers: our MLDeployment and the kinds of KServe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.effects.row import Row, Subject, When
from aurora.model.change import Effect
from aurora_constructs.labels import API_GROUP

if TYPE_CHECKING:
    from aurora.changes.effects.leaves import Leaf
    from aurora.changes.pairs import Pair

_MODE = "serving.kserve.io/deploymentMode"
_deployment = Subject(
    "mldeployment",
    ((API_GROUP, "MLDeployment"),),
    f"""\
apiVersion: {API_GROUP}/v1alpha1
kind: MLDeployment
metadata: {{name: inference, namespace: aurora}}
spec:
  model: housing
  stable: {{version: v20261101-090000, replicas: 2}}
  canary: {{version: v20261115-140000, replicas: 1, weight: 10}}
  storage: {{claimName: models}}
""",
)
_inference = Subject(
    "inferenceservice",
    (("serving.kserve.io", "InferenceService"),),
    """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: housing
  namespace: aurora
  labels: {team: ml}
  annotations:
    serving.kserve.io/deploymentMode: Knative
    argocd.argoproj.io/sync-wave: "1"
    example.com/note: first
spec:
  predictor:
    minReplicas: 1
    maxReplicas: 3
    canaryTrafficPercent: 10
    deploymentStrategy: {type: RollingUpdate}
    model: {modelFormat: {name: mlflow}, storageUri: "s3://models/housing/v1"}
""",
)
_runtime = Subject(
    "servingruntime",
    (("serving.kserve.io", "ServingRuntime"), ("serving.kserve.io", "ClusterServingRuntime")),
    """\
apiVersion: serving.kserve.io/v1alpha1
kind: ClusterServingRuntime
metadata: {name: vllm}
spec:
  containers: [{name: kserve-container, image: "registry.example.com/vllm:v1"}]
""",
)
_graph = Subject(
    "inferencegraph",
    (("serving.kserve.io", "InferenceGraph"),),
    """\
apiVersion: serving.kserve.io/v1alpha1
kind: InferenceGraph
metadata: {name: housing, namespace: aurora}
spec: {nodes: {root: {routerType: Sequence, steps: [{serviceName: housing}]}}}
""",
)
_llm = Subject(
    "llminferenceservice",
    (("serving.kserve.io", "LLMInferenceService"), ("serving.kserve.io", "LLMInferenceServiceConfig")),
    """\
apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata: {name: assistant, namespace: aurora}
spec:
  replicas: 2
  model: {uri: "hf://example/model"}
  router: {route: {group: assistant, weight: 9}}
""",
)
_KSERVE = "kserve.github.io"
_ISVC = "KServe: pkg/controller/v1beta1/inferenceservice"
_STANDARD = ("Standard", "RawDeployment")


def _standard(pair: Pair, _leaf: Leaf) -> bool:
    return pair.subject.annotations.get(_MODE) in _STANDARD


def _recreates(pair: Pair, leaf: Leaf) -> bool:
    return pair.subject.get("spec", leaf.steps[1], "deploymentStrategy", "type") == "Recreate"


_standard_mode = _inference.like("deploymentMode: Knative", "deploymentMode: Standard")
_kserve = (
    _inference.row(
        "deployment-mode",
        f"metadata.annotations[{_MODE}]",
        effect=Effect.REFUSED,
        words="the mode is immutable, and its webhook compares the literal text: delete the service and create it anew",
        source="KServe: pkg/apis/serving/v1beta1/inference_service_validation.go, validateDeploymentMode",
        swap=("deploymentMode: Knative", "deploymentMode: Standard"),
        by_webhook=True,
    ),
    _standard_mode.row(
        "canary-ignored",
        "spec.*.canaryTrafficPercent",
        effect=Effect.IN_PLACE,
        words="in this mode the field is stored and ignored: only Knative splits requests by it",
        source=f"{_KSERVE}: predictive inference, canary rollout strategy",
        swap=("canaryTrafficPercent: 10", "canaryTrafficPercent: 25"),
        when=When("the mode is Standard", _standard),
    ),
    _inference.row(
        "canary",
        "spec.*.canaryTrafficPercent",
        effect=Effect.TRAFFIC_SHIFT,
        words="another share of requests goes to the newest revision, the rest to the one before it",
        source=f"{_KSERVE}: predictive inference, canary rollout strategy",
        swap=("canaryTrafficPercent: 10", "canaryTrafficPercent: 25"),
    ),
    _inference.row(
        "scale",
        "spec.*.minReplicas",
        "spec.*.maxReplicas",
        "spec.*.scaleTarget",
        "spec.*.scaleMetric",
        "spec.*.scaleMetricType",
        "spec.*.autoScaling.**",
        effect=Effect.SCALE,
        words="the autoscaler that KServe keeps gets other bounds or targets; with Knative a new revision has them",
        source=f"{_ISVC}/reconcilers/autoscaler; {_KSERVE}: autoscaling",
        swap=("maxReplicas: 3", "maxReplicas: 6"),
    ),
    _standard_mode.like("type: RollingUpdate", "type: Recreate").row(
        "component-recreate",
        "spec.predictor.**",
        "spec.transformer.**",
        "spec.explainer.**",
        effect=Effect.RECREATE,
        words="the Deployment's template changes and its strategy is Recreate: all old pods end before new ones start",
        source=f"{_KSERVE}: predictive inference, rollout strategy guide",
        swap=("housing/v1", "housing/v2"),
        when=When("the component's strategy is Recreate", _recreates),
        ordered=True,
    ),
    _inference.row(
        "component",
        "spec.**",
        effect=Effect.ROLLING_RESTART,
        words="a new revision, or a new template of the Deployment, replaces the pods; each loads its model again",
        source=f"{_ISVC}/components; {_KSERVE}: concepts, InferenceService",
        swap=("housing/v1", "housing/v2"),
        ordered=True,
    ),
    _inference.row(
        "argocd-annotation",
        "metadata.annotations[argocd.argoproj.io/*]",
        effect=Effect.ROLLING_RESTART,
        words="Argo CD acts on the annotation, and KServe copies it into the pods unless its configuration leaves it "
        "out: they are replaced",
        source=f"{_ISVC}/components/predictor.go: Reconcile, serviceAnnotationDisallowedList",
        swap=('sync-wave: "1"', 'sync-wave: "2"'),
    ),
    _inference.row(
        "metadata",
        "metadata.annotations.**",
        "metadata.labels.**",
        effect=Effect.ROLLING_RESTART,
        words="KServe copies labels and annotations of the service into its pods, unless its configuration leaves them "
        "out: they are replaced",
        source=f"{_ISVC}/components/predictor.go: Reconcile, serviceAnnotationDisallowedList",
        swap=("example.com/note: first", "example.com/note: second"),
    ),
    _runtime.row(
        "servers",
        "spec.**",
        effect=Effect.ROLLING_RESTART,
        words="KServe changes every InferenceService that uses the runtime, unless it has "
        "`serving.kserve.io/disable-auto-update`: their pods are replaced",
        source=f"{_KSERVE}: reference, annotations, auto update deployment",
        swap=("vllm:v1", "vllm:v2"),
        ordered=True,
    ),
    _graph.row(
        "nodes",
        "spec.**",
        effect=Effect.ROLLING_RESTART,
        words="the graph is an argument of its router: the router's pods are replaced and route by the new graph",
        source="KServe: pkg/controller/v1alpha1/inferencegraph",
        swap=("serviceName: housing", "serviceName: housing-2"),
    ),
    _llm.row(
        "replicas",
        "spec.replicas",
        "spec.prefill.replicas",
        "spec.scaling.**",
        effect=Effect.SCALE,
        words="pods are started or ended until their number is reached; the others go on",
        source=f"{_KSERVE}: LLMInferenceService, overview",
        swap=("replicas: 2", "replicas: 3"),
    ),
    _llm.row(
        "route",
        "spec.router.route.**",
        "spec.router.gateway.**",
        effect=Effect.TRAFFIC_SHIFT,
        words="the members of the group share requests by the new weights",
        source=f"{_KSERVE}: LLMInferenceService, canary rollout",
        swap=("weight: 9", "weight: 5"),
    ),
    _llm.row(
        "pods",
        "spec.**",
        effect=Effect.ROLLING_RESTART,
        words="the servers' pods are replaced; each loads its model again",
        source=f"{_KSERVE}: LLMInferenceService, overview",
        swap=("hf://example/model", "hf://example/model-2"),
        ordered=True,
    ),
)

ROWS: tuple[Row, ...] = (
    _deployment.row(
        "intent",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="a record of the intent: versions, replicas and weights take effect in the workloads and routes "
        "beside it",
        source="README of the ModelServing component",
        swap=("weight: 10", "weight: 25"),
    ),
    *_kserve,
)
