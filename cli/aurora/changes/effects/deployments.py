"""Effects of changing Deployments, ReplicaSets and ReplicationControllers."""

from __future__ import annotations

from aurora.changes.effects.conditions import after_is
from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_deployment = Subject(
    "deployment",
    (("apps", "Deployment"),),
    """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: inference
  namespace: aurora
  annotations: {note: first}
spec:
  replicas: 3
  paused: false
  minReadySeconds: 5
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector: {matchLabels: {app: inference}}
  template:
    metadata: {labels: {app: inference}, annotations: {checksum/config: aaaa}}
    spec:
      containers:
      - {name: model, image: "registry.example.com/model:v1"}
""",
)
_IMAGE = ("model:v1", "model:v2")
_ROLLING = "{type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}"
_UTIL = "pkg/controller/deployment/util/deployment_util.go"


_deployments = (
    _deployment.like("paused: false", "paused: true").row(
        "pod-template-paused",
        "spec.template.**",
        effect=Effect.IN_PLACE,
        words="the rollout is paused: the new template waits until `spec.paused` is taken away",
        source="pkg/controller/deployment/deployment_controller.go: syncDeployment",
        swap=_IMAGE,
        when=after_is("the Deployment is paused", "spec", "paused", value=True),
        ordered=True,
    ),
    _deployment.like("replicas: 3", "replicas: 0").row(
        "pod-template-idle",
        "spec.template.**",
        effect=Effect.IN_PLACE,
        words="no pod is wanted, so none is replaced; the next ones are made from the new template",
        source=f"{_UTIL}: FindNewReplicaSet",
        swap=_IMAGE,
        when=after_is("it has 0 replicas", "spec", "replicas", value=0),
        ordered=True,
    ),
    _deployment.like(_ROLLING, "{type: Recreate}").row(
        "pod-template-recreate",
        "spec.template.**",
        effect=Effect.RECREATE,
        words="the template's hash changes and the strategy is Recreate: all old pods end before new ones start",
        source="pkg/controller/deployment/recreate.go: rolloutRecreate",
        swap=_IMAGE,
        when=after_is("the strategy is Recreate", "spec", "strategy", "type", value="Recreate"),
        ordered=True,
    ),
    _deployment.row(
        "pod-template",
        "spec.template.**",
        effect=Effect.ROLLING_RESTART,
        words="any difference in the template, labels, annotations and order included, makes a new ReplicaSet that "
        "replaces the pods step by step",
        source=f"{_UTIL}: EqualIgnoreHash, FindNewReplicaSet",
        swap=_IMAGE,
        ordered=True,
    ),
    _deployment.row(
        "replicas",
        "spec.replicas",
        effect=Effect.SCALE,
        words="pods are started or ended until their number is reached; the others go on",
        source="pkg/controller/deployment/sync.go: scale",
        swap=("replicas: 3", "replicas: 5"),
    ),
    _deployment.row(
        "selector",
        "spec.selector.**",
        effect=Effect.REFUSED,
        words="the selector is immutable: only a Deployment of another name, or one made after this one is gone, "
        "has it",
        source="pkg/apis/apps/validation/validation.go: ValidateDeploymentUpdate",
        swap=("selector: {matchLabels: {app: inference}}", "selector: {matchLabels: {app: other}}"),
    ),
    _deployment.row(
        "paused",
        "spec.paused",
        effect=Effect.IN_PLACE,
        words="running pods go on; paused, template changes wait, and resuming rolls out those that have waited",
        source="pkg/controller/deployment/deployment_controller.go: syncDeployment",
        swap=("paused: false", "paused: true"),
    ),
    _deployment.row(
        "strategy",
        "spec.strategy.**",
        effect=Effect.IN_PLACE,
        words="the strategy counts from the next rollout on",
        source="pkg/controller/deployment/deployment_controller.go: syncDeployment",
        swap=("maxSurge: 1", "maxSurge: 2"),
    ),
    _deployment.row(
        "rollout-timing",
        "spec.minReadySeconds",
        "spec.progressDeadlineSeconds",
        "spec.revisionHistoryLimit",
        effect=Effect.IN_PLACE,
        words="the controller counts and cleans up by the new value; no pod is touched",
        source="kubernetes.io/docs/concepts/workloads/controllers/deployment: writing a Deployment spec",
        swap=("minReadySeconds: 5", "minReadySeconds: 10"),
    ),
)


_replicaset = Subject(
    "replicaset",
    (("apps", "ReplicaSet"),),
    """\
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: inference, namespace: aurora}
spec:
  replicas: 2
  minReadySeconds: 5
  selector: {matchLabels: {app: inference}}
  template:
    metadata: {labels: {app: inference}}
    spec:
      containers:
      - {name: model, image: "registry.example.com/model:v1"}
""",
)
_controller = Subject(
    "replicationcontroller",
    (("", "ReplicationController"),),
    """\
apiVersion: v1
kind: ReplicationController
metadata: {name: inference, namespace: aurora}
spec:
  replicas: 2
  minReadySeconds: 5
  selector: {app: inference}
  template:
    metadata: {labels: {app: inference, tier: edge}}
    spec:
      containers:
      - {name: model, image: "registry.example.com/model:v1"}
""",
)


def _sets(subject: Subject) -> tuple[Row, ...]:
    """Give the rows that ReplicaSets and ReplicationControllers share: one controller runs both."""
    return (
        subject.row(
            "pod-template",
            "spec.template.**",
            effect=Effect.IN_PLACE,
            words="only pods that are made from now on use the new template; running ones stay as they are",
            source="pkg/controller/replicaset/replica_set.go: manageReplicas",
            swap=_IMAGE,
            ordered=True,
        ),
        subject.row(
            "replicas",
            "spec.replicas",
            effect=Effect.SCALE,
            words="pods are started or ended until their number is reached; the others go on",
            source="pkg/controller/replicaset/replica_set.go: manageReplicas",
            swap=("replicas: 2", "replicas: 4"),
        ),
        subject.row(
            "min-ready",
            "spec.minReadySeconds",
            effect=Effect.IN_PLACE,
            words="only the count of available pods changes",
            source="pkg/controller/replicaset/replica_set_utils.go: calculateStatus",
            swap=("minReadySeconds: 5", "minReadySeconds: 10"),
        ),
    )


_selectors = (
    _replicaset.row(
        "selector",
        "spec.selector.**",
        effect=Effect.REFUSED,
        words="the selector is immutable: only a ReplicaSet of another name, or one made after this one is gone, "
        "has it",
        source="pkg/apis/apps/validation/validation.go: ValidateReplicaSetUpdate",
        swap=("selector: {matchLabels: {app: inference}}", "selector: {matchLabels: {app: other}}"),
    ),
    _controller.row(
        "selector",
        "spec.selector.**",
        effect=Effect.SCALE,
        words="pods that no longer match are let go and run on without an owner; missing ones are started",
        source="pkg/controller/replicaset/replica_set.go: claimPods",
        swap=("selector: {app: inference}", "selector: {app: inference, tier: edge}"),
    ),
)

ROWS: tuple[Row, ...] = (*_deployments, *_sets(_replicaset), *_sets(_controller), *_selectors)
