"""Effects of changing Pods that nothing owns, and the kinds that only hold a pod's description."""

from __future__ import annotations

from aurora.changes.effects.conditions import added, removed
from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_pod = Subject(
    "pod",
    (("", "Pod"),),
    """\
apiVersion: v1
kind: Pod
metadata: {name: probe, namespace: aurora}
spec:
  activeDeadlineSeconds: 600
  schedulingGates: [{name: example.com/quota}, {name: example.com/data}]
  tolerations:
  - {key: gpu, operator: Exists}
  containers:
  - name: probe
    image: "registry.example.com/probe:v1"
    resources: {requests: {cpu: "1"}, limits: {cpu: "2"}}
    env: [{name: MODE, value: fast}]
""",
)
_template = Subject(
    "podtemplate",
    (("", "PodTemplate"),),
    """\
apiVersion: v1
kind: PodTemplate
metadata: {name: probe, namespace: aurora}
template:
  metadata: {labels: {app: probe}}
  spec:
    containers:
    - {name: probe, image: "registry.example.com/probe:v1"}
""",
)
_revision = Subject(
    "controllerrevision",
    (("apps", "ControllerRevision"),),
    """\
apiVersion: apps/v1
kind: ControllerRevision
metadata: {name: store-1, namespace: aurora}
revision: 1
data: {spec: {template: {}}}
""",
)
_UPDATE = "pkg/apis/core/validation/validation.go: ValidatePodUpdate"

ROWS: tuple[Row, ...] = (
    _pod.row(
        "image",
        "spec.containers.image",
        "spec.initContainers.image",
        effect=Effect.IN_PLACE,
        words="the kubelet restarts that container with the new image; the pod stays on its node and keeps its address",
        source="pkg/kubelet/container/helpers.go: HashContainer; pkg/kubelet/kuberuntime/kuberuntime_manager.go: "
        "computePodActions",
        swap=("probe:v1", "probe:v2"),
    ),
    _pod.row(
        "resources",
        "spec.containers.resources.**",
        "spec.initContainers.resources.**",
        effect=Effect.REFUSED,
        words="an ordinary update may not resize a pod: its subresource `resize` does, which neither Git nor Argo "
        "CD writes",
        source="kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources",
        swap=('cpu: "2"', 'cpu: "4"'),
    ),
    _pod.row(
        "toleration",
        "spec.tolerations.**",
        effect=Effect.IN_PLACE,
        words="tolerations may be added; the pod stays where it is",
        source=f"{_UPDATE}, validateOnlyAddedTolerations",
        swap=(
            "- {key: gpu, operator: Exists}\n",
            "- {key: gpu, operator: Exists}\n  - {key: spot, operator: Exists}\n",
        ),
        when=added("one is added"),
    ),
    _pod.row(
        "gate",
        "spec.schedulingGates.**",
        effect=Effect.IN_PLACE,
        words="once its last gate is gone the pod is scheduled",
        source=f"{_UPDATE}, validateOnlyDeletedSchedulingGates",
        swap=(", {name: example.com/data}", ""),
        when=removed("one is taken away"),
    ),
    _pod.row(
        "deadline",
        "spec.activeDeadlineSeconds",
        effect=Effect.IN_PLACE,
        words="the pod is ended after that time; the limit may only be set or shortened",
        source=_UPDATE,
        swap=("activeDeadlineSeconds: 600", "activeDeadlineSeconds: 300"),
    ),
    _pod.row(
        "immutable",
        "spec.**",
        effect=Effect.REFUSED,
        words="nearly everything of a running pod is immutable: delete it and create it anew, or let a Deployment "
        "own it",
        source=_UPDATE,
        swap=("value: fast", "value: slow"),
        ordered=True,
    ),
    _template.row(
        "template",
        "template.**",
        effect=Effect.IN_PLACE,
        words="the server only stores it: pods that were made from it stay as they are",
        source="pkg/registry/core/podtemplate/strategy.go",
        swap=("probe:v1", "probe:v2"),
        ordered=True,
    ),
    _revision.row(
        "data",
        "data.**",
        effect=Effect.REFUSED,
        words="a revision's data is immutable: it belongs to the StatefulSet or DaemonSet that wrote it",
        source="pkg/apis/apps/validation/validation.go: ValidateControllerRevisionUpdate",
        swap=("template: {}", "replicas: 1"),
    ),
    _revision.row(
        "revision",
        "revision",
        effect=Effect.IN_PLACE,
        words="only the order of an owner's revisions changes: a rollback goes to the one before the last",
        source="kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1",
        swap=("revision: 1", "revision: 2"),
    ),
)
