"""Effects of changing Argo Workflows and progressive rollouts."""

from __future__ import annotations

from aurora.changes.effects.row import Row, Subject, When
from aurora.model.change import ABSENT, Effect

_GROUP = "argoproj.io"
_workflow = Subject(
    "workflow",
    ((_GROUP, "Workflow"),),
    """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: train, namespace: aurora}
spec:
  entrypoint: main
  suspend: false
  templates: [{name: main, container: {image: "registry.example.com/train:v1"}}]
""",
)
_template = Subject(
    "workflowtemplate",
    ((_GROUP, "WorkflowTemplate"), (_GROUP, "ClusterWorkflowTemplate")),
    """\
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: train, namespace: aurora}
spec:
  entrypoint: main
  templates: [{name: main, container: {image: "registry.example.com/train:v1"}}]
""",
)
_cron = Subject(
    "cronworkflow",
    ((_GROUP, "CronWorkflow"), (_GROUP, "WorkflowEventBinding")),
    """\
apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: {name: retrain, namespace: aurora}
spec: {schedules: ["0 3 * * *"], timezone: Etc/UTC, workflowSpec: {workflowTemplateRef: {name: train}}}
""",
)
_rollout = Subject(
    "rollout",
    ((_GROUP, "Rollout"),),
    """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: inference, namespace: aurora}
spec:
  replicas: 3
  paused: false
  selector: {matchLabels: {app: inference}}
  strategy: {canary: {stableService: stable, canaryService: canary, steps: [{setWeight: 10}]}}
  template:
    metadata: {labels: {app: inference}}
    spec: {containers: [{name: model, image: "registry.example.com/model:v1"}]}
""",
)
_analysis = Subject(
    "analysistemplate",
    ((_GROUP, "AnalysisTemplate"), (_GROUP, "ClusterAnalysisTemplate")),
    """\
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: {name: errors, namespace: aurora}
spec: {metrics: [{name: errors, successCondition: "result[0] < 0.05", provider: {job: {spec: {template: {}}}}}]}
""",
)
_canary = Subject(
    "canary",
    (("flagger.app", "Canary"), ("flagger.app", "MetricTemplate"), ("flagger.app", "AlertProvider")),
    """\
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: inference, namespace: aurora}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: inference}
  service: {port: 80}
  analysis: {interval: 1m, threshold: 5, maxWeight: 50, stepWeight: 10}
""",
)
_WORKFLOWS = "Argo Workflows: workflow/controller/operator.go, setExecWorkflow"
_ROLLOUTS = "argo-rollouts.readthedocs.io"

_argo = (
    _workflow.row(
        "shutdown",
        "spec.shutdown",
        "spec.suspend",
        effect=Effect.SCALE,
        words="a run that is shut down ends its pods; a suspended one starts no further ones until it is resumed",
        source="Argo Workflows: fields reference, WorkflowSpec",
        swap=("suspend: false", "suspend: true"),
    ),
    _workflow.row(
        "run",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="a finished run does not run again; of a running one, at most steps that have not started see the change",
        source=_WORKFLOWS,
        swap=("train:v1", "train:v2"),
        ordered=True,
    ),
    _template.row(
        "new-runs",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="only runs that start from now on use it: a run keeps a copy of the template that it started with",
        source="Argo Workflows: workflow/controller/operator.go, setStoredWfSpec",
        swap=("train:v1", "train:v2"),
        ordered=True,
    ),
    _cron.row(
        "next-run",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="counts from the next planned run on; running ones go on",
        source="Argo Workflows: cron workflows",
        swap=("0 3 * * *", "0 4 * * *"),
        ordered=True,
    ),
    _rollout.row(
        "selector",
        "spec.selector.**",
        effect=Effect.REFUSED,
        words="a rule of the CRD keeps the selector as it is: make a Rollout of another name",
        source="Rollout CRD 1.9.1: rule `self == oldSelf`",
        swap=("selector: {matchLabels: {app: inference}}", "selector: {matchLabels: {app: other}}"),
    ),
    _rollout.row(
        "pod-template",
        "spec.template.**",
        "spec.workloadRef.**",
        effect=Effect.ROLLING_RESTART,
        words="a new ReplicaSet takes over by the steps of the strategy, which may pause, analyse and go back",
        source=f"{_ROLLOUTS}: concepts; features, canary; features, specification",
        swap=("model:v1", "model:v2"),
        ordered=True,
    ),
    _rollout.row(
        "restart",
        "spec.restartAt",
        effect=Effect.ROLLING_RESTART,
        words="pods that are older than that time are replaced",
        source=f"{_ROLLOUTS}: features, restarting rollout pods",
        swap=("paused: false", 'paused: false\n  restartAt: "2026-11-21T10:00:00Z"'),
        when=When("a time is set", lambda _pair, leaf: leaf.after is not ABSENT),
    ),
    _rollout.row(
        "replicas",
        "spec.replicas",
        effect=Effect.SCALE,
        words="pods are started or ended until their number is reached; the others go on",
        source=f"{_ROLLOUTS}: features, specification",
        swap=("replicas: 3", "replicas: 5"),
    ),
    _rollout.row(
        "services",
        "spec.strategy.canary.stableService",
        "spec.strategy.canary.canaryService",
        "spec.strategy.canary.trafficRouting.**",
        "spec.strategy.blueGreen.activeService",
        "spec.strategy.blueGreen.previewService",
        effect=Effect.TRAFFIC_SHIFT,
        words="the controller points other Services and routes at the pods of each version",
        source=f"{_ROLLOUTS}: features, traffic management; features, bluegreen",
        swap=("stableService: stable", "stableService: stable-2"),
    ),
    _rollout.row(
        "strategy",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="counts for the next rollout; one that is under way begins its steps anew where they change",
        source=f"{_ROLLOUTS}: features, canary",
        swap=("setWeight: 10", "setWeight: 20"),
        ordered=True,
    ),
    _analysis.row(
        "next-analysis",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="counts for analyses that start from now on",
        source=f"{_ROLLOUTS}: features, analysis",
        swap=("0.05", "0.01"),
    ),
    _canary.row(
        "service",
        "spec.service.**",
        "spec.routeRef.**",
        "spec.ingressRef.**",
        effect=Effect.TRAFFIC_SHIFT,
        words="Flagger writes the Services and routes of primary and canary anew",
        source="flagger.app: usage, how it works",
        swap=("port: 80", "port: 8080"),
    ),
    _canary.row(
        "analysis",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="counts for the analysis that runs next; some changes of the target's template start one",
        source="flagger.app: usage, how it works",
        swap=("maxWeight: 50", "maxWeight: 30"),
    ),
)

ROWS: tuple[Row, ...] = _argo
