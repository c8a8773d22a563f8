"""Effects of changing StatefulSets and DaemonSets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.effects.conditions import after_is, becomes
from aurora.changes.effects.row import Row, Subject, When
from aurora.model.change import Effect

if TYPE_CHECKING:
    from aurora.changes.effects.leaves import Leaf
    from aurora.changes.pairs import Pair
    from aurora.model.json_value import JsonValue

_statefulset = Subject(
    "statefulset",
    (("apps", "StatefulSet"),),
    """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store, namespace: aurora}
spec:
  replicas: 3
  serviceName: store
  minReadySeconds: 5
  ordinals: {start: 0}
  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, whenScaled: Retain}
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      containers:
      - {name: store, image: "registry.example.com/store:v1"}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
""",
)
_daemonset = Subject(
    "daemonset",
    (("apps", "DaemonSet"),),
    """\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: aurora}
spec:
  minReadySeconds: 5
  updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 1}}
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      containers:
      - {name: agent, image: "registry.example.com/agent:v1"}
""",
)
_CONTROL = "pkg/controller/statefulset/stateful_set_control.go"
_DAEMON = "pkg/controller/daemon/daemon_controller.go: updateDaemonSet"
_ON_DELETE = after_is("the update strategy is OnDelete", "spec", "updateStrategy", "type", value="OnDelete")
_PARTITION = ("spec", "updateStrategy", "rollingUpdate", "partition")


def _number(value: JsonValue | object, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _held_back(pair: Pair, _leaf: Leaf) -> bool:
    """Tell whether every pod is below the partition, which counts from the first pod whatever its number is."""
    replicas = _number(pair.subject.get("spec", "replicas"), 1)
    return _number(pair.subject.get(*_PARTITION), 0) >= replicas > 0


_statefulsets = (
    _statefulset.like("{type: RollingUpdate, rollingUpdate: {partition: 1}}", "{type: OnDelete}").row(
        "pod-template-on-delete",
        "spec.template.**",
        effect=Effect.IN_PLACE,
        words="running pods stay as they are; each gets the new template when somebody deletes it",
        source=f"{_CONTROL}: updateStatefulSet",
        swap=("store:v1", "store:v2"),
        when=_ON_DELETE,
        ordered=True,
    ),
    _statefulset.like("partition: 1", "partition: 3").row(
        "pod-template-partition",
        "spec.template.**",
        effect=Effect.IN_PLACE,
        words="the partition holds back every pod: none gets the new template until it is lowered",
        source=f"{_CONTROL}: updateStatefulSetAfterInvariantEstablished",
        swap=("store:v1", "store:v2"),
        when=When("the partition is beyond the last pod", _held_back),
        ordered=True,
    ),
    _statefulset.row(
        "pod-template",
        "spec.template.**",
        effect=Effect.ROLLING_RESTART,
        words="pods are replaced one by one from the highest number down to the partition; each keeps its volumes",
        source=f"{_CONTROL}: updateStatefulSetAfterInvariantEstablished",
        swap=("store:v1", "store:v2"),
        ordered=True,
    ),
    _statefulset.row(
        "replicas",
        "spec.replicas",
        effect=Effect.SCALE,
        words="pods are added after the last or taken away from the end; claims of those follow the retention policy",
        source=f"{_CONTROL}: updateStatefulSet",
        swap=("replicas: 3", "replicas: 2"),
    ),
    _statefulset.row(
        "ordinals",
        "spec.ordinals.**",
        effect=Effect.RECREATE,
        words="pods whose number is outside of the new range end, and those of the new numbers start with volumes "
        "of their own",
        source="pkg/controller/statefulset/stateful_set_utils.go: podInOrdinalRange",
        swap=("start: 0", "start: 1"),
    ),
    _statefulset.like("{type: RollingUpdate, rollingUpdate: {partition: 1}}", "{type: OnDelete}").row(
        "on-delete-ends",
        "spec.updateStrategy.type",
        effect=Effect.ROLLING_RESTART,
        words="pods that still run an older template are replaced now",
        source=f"{_CONTROL}: updateStatefulSet",
        swap=("type: OnDelete", "type: RollingUpdate"),
        when=becomes("it becomes RollingUpdate", "RollingUpdate"),
    ),
    _statefulset.row(
        "partition",
        "spec.updateStrategy.rollingUpdate.partition",
        effect=Effect.ROLLING_RESTART,
        words="pods between the new and the old partition that still run an older template are replaced now",
        source=f"{_CONTROL}: updateStatefulSetAfterInvariantEstablished",
        swap=("partition: 1", "partition: 0"),
        when=When("it is lowered", lambda _pair, leaf: _number(leaf.after, 0) < _number(leaf.before, 0)),
    ),
    _statefulset.row(
        "update-strategy",
        "spec.updateStrategy.**",
        effect=Effect.IN_PLACE,
        words="the strategy counts from the next change of the template on",
        source=f"{_CONTROL}: updateStatefulSet",
        swap=("partition: 1", "partition: 2"),
    ),
    _statefulset.row(
        "claim-retention",
        "spec.persistentVolumeClaimRetentionPolicy.**",
        effect=Effect.IN_PLACE,
        words="the owners of the claims are set anew, so that claims go or stay with pods and set; no pod is touched",
        source="pkg/controller/statefulset/stateful_set_utils.go: updateClaimOwnerRefForSetAndPod",
        swap=("whenScaled: Retain", "whenScaled: Delete"),
    ),
    _statefulset.row(
        "timing",
        "spec.minReadySeconds",
        "spec.revisionHistoryLimit",
        effect=Effect.IN_PLACE,
        words="the controller counts and cleans up by the new value; no pod is touched",
        source=f"{_CONTROL}: truncateHistory, updateStatus",
        swap=("minReadySeconds: 5", "minReadySeconds: 10"),
    ),
    _statefulset.row(
        "immutable",
        "spec.**",
        effect=Effect.REFUSED,
        words="selector, service name, pod management and claim templates are immutable: delete the set with "
        "`--cascade=orphan` and create it anew, and grow volumes at their claims",
        source="pkg/apis/apps/validation/validation.go: ValidateStatefulSetUpdate",
        swap=("storage: 10Gi", "storage: 20Gi"),
    ),
)

_daemonsets = (
    _daemonset.like("{type: RollingUpdate, rollingUpdate: {maxUnavailable: 1}}", "{type: OnDelete}").row(
        "pod-template-on-delete",
        "spec.template.**",
        effect=Effect.IN_PLACE,
        words="running pods stay as they are; each gets the new template when somebody deletes it",
        source=_DAEMON,
        swap=("agent:v1", "agent:v2"),
        when=_ON_DELETE,
        ordered=True,
    ),
    _daemonset.row(
        "pod-template",
        "spec.template.**",
        effect=Effect.ROLLING_RESTART,
        words="the pod of each node is replaced, a few nodes at a time; a node selector or toleration also "
        "chooses the nodes",
        source="pkg/controller/daemon/update.go: rollingUpdate",
        swap=("agent:v1", "agent:v2"),
        ordered=True,
    ),
    _daemonset.row(
        "selector",
        "spec.selector.**",
        effect=Effect.REFUSED,
        words="the selector is immutable: only a DaemonSet of another name, or one made after this one is gone, has it",
        source="pkg/apis/apps/validation/validation.go: ValidateDaemonSetSpecUpdate",
        swap=("selector: {matchLabels: {app: agent}}", "selector: {matchLabels: {app: other}}"),
    ),
    _daemonset.like("{type: RollingUpdate, rollingUpdate: {maxUnavailable: 1}}", "{type: OnDelete}").row(
        "on-delete-ends",
        "spec.updateStrategy.type",
        effect=Effect.ROLLING_RESTART,
        words="pods that still run an older template are replaced now",
        source=_DAEMON,
        swap=("type: OnDelete", "type: RollingUpdate"),
        when=becomes("it becomes RollingUpdate", "RollingUpdate"),
    ),
    _daemonset.row(
        "update-strategy",
        "spec.updateStrategy.**",
        effect=Effect.IN_PLACE,
        words="the strategy counts from the next change of the template on",
        source=_DAEMON,
        swap=("maxUnavailable: 1", "maxUnavailable: 2"),
    ),
    _daemonset.row(
        "timing",
        "spec.minReadySeconds",
        "spec.revisionHistoryLimit",
        effect=Effect.IN_PLACE,
        words="the controller counts and cleans up by the new value; no pod is touched",
        source="pkg/controller/daemon/update.go: cleanupHistory",
        swap=("minReadySeconds: 5", "minReadySeconds: 10"),
    ),
)

ROWS: tuple[Row, ...] = (*_statefulsets, *_daemonsets)
