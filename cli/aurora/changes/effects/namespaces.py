"""Effects of changing Namespaces, their quotas and limits, and the classes that pods choose."""

from __future__ import annotations

from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_namespace = Subject(
    "namespace",
    (("", "Namespace"),),
    """\
apiVersion: v1
kind: Namespace
metadata:
  name: aurora
  labels: {pod-security.kubernetes.io/enforce: baseline, team: ml}
  annotations: {scheduler.alpha.kubernetes.io/node-selector: pool=cpu}
""",
)
_quota = Subject(
    "resourcequota",
    (("", "ResourceQuota"),),
    """\
apiVersion: v1
kind: ResourceQuota
metadata: {name: compute, namespace: aurora}
spec:
  hard: {requests.cpu: "10", requests.nvidia.com/gpu: "2"}
  scopes: [NotTerminating]
""",
)
_limits = Subject(
    "limitrange",
    (("", "LimitRange"),),
    """\
apiVersion: v1
kind: LimitRange
metadata: {name: defaults, namespace: aurora}
spec:
  limits:
  - {type: Container, default: {memory: 1Gi}, defaultRequest: {memory: 512Mi}}
""",
)
_priority = Subject(
    "priorityclass",
    (("scheduling.k8s.io", "PriorityClass"),),
    """\
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: inference}
value: 1000
globalDefault: false
description: serving
""",
)
_runtime = Subject(
    "runtimeclass",
    (("node.k8s.io", "RuntimeClass"),),
    """\
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: nvidia}
handler: nvidia
overhead: {podFixed: {memory: 64Mi}}
""",
)

ROWS: tuple[Row, ...] = (
    _namespace.row(
        "pod-security",
        "metadata.labels[pod-security.kubernetes.io/*]",
        effect=Effect.IN_PLACE,
        words="pods that are made from now on are judged by the new level; running ones stay, even those that break it",
        source="kubernetes.io/docs/concepts/security/pod-security-admission",
        swap=("enforce: baseline", "enforce: restricted"),
    ),
    _namespace.row(
        "labels",
        "metadata.labels.**",
        effect=Effect.IN_PLACE,
        words="network policies, admission policies, webhooks, gateways and quotas that choose namespaces by "
        "label see the change",
        source="kubernetes.io/docs/concepts/services-networking/network-policies: targeting multiple namespaces "
        "by label",
        swap=("team: ml", "team: research"),
    ),
    _namespace.row(
        "node-selector",
        "metadata.annotations[scheduler.alpha.kubernetes.io/*]",
        effect=Effect.IN_PLACE,
        words="pods that are made from now on get the node selector or tolerations, where the server runs that plugin",
        source="kubernetes.io/docs/reference/access-authn-authz/admission-controllers: PodNodeSelector, "
        "PodTolerationRestriction",
        swap=("pool=cpu", "pool=gpu"),
    ),
    _namespace.row(
        "finalizers",
        "spec.finalizers.**",
        effect=Effect.UNCHANGED,
        words="only the subresource `finalize` changes it: an ordinary update leaves it as it is",
        source="pkg/registry/core/namespace/strategy.go: PrepareForUpdate",
        swap=("metadata:\n", "spec: {finalizers: [kubernetes, example.com/guard]}\nmetadata:\n"),
    ),
    _quota.row(
        "scopes",
        "spec.scopes.**",
        effect=Effect.REFUSED,
        words="the scopes of a quota are immutable: make a quota of another name",
        source="pkg/apis/core/validation/validation.go: ValidateResourceQuotaUpdate",
        swap=("[NotTerminating]", "[Terminating]"),
    ),
    _quota.row(
        "hard",
        "spec.hard.**",
        "spec.scopeSelector.**",
        effect=Effect.IN_PLACE,
        words="requests that would exceed it are refused from now on; running pods stay, even beyond it",
        source="kubernetes.io/docs/concepts/policy/resource-quotas: how resource quotas work",
        swap=('requests.cpu: "10"', 'requests.cpu: "5"'),
    ),
    _limits.row(
        "limits",
        "spec.limits.**",
        effect=Effect.IN_PLACE,
        words="pods that are made from now on get the new defaults and are refused beyond the new bounds; running "
        "ones stay",
        source="kubernetes.io/docs/concepts/policy/limit-range",
        swap=("memory: 1Gi", "memory: 2Gi"),
    ),
    _priority.row(
        "immutable",
        "value",
        "preemptionPolicy",
        effect=Effect.REFUSED,
        words="a class's value and preemption are immutable: delete it and create it anew, or make one of another name",
        source="pkg/apis/scheduling/validation/validation.go: ValidatePriorityClassUpdate",
        swap=("value: 1000", "value: 2000"),
    ),
    _priority.row(
        "default",
        "globalDefault",
        "description",
        effect=Effect.IN_PLACE,
        words="pods that are made from now on and name no class get the default; running ones keep their priority",
        source="kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption: PriorityClass",
        swap=("globalDefault: false", "globalDefault: true"),
    ),
    _runtime.row(
        "handler",
        "handler",
        effect=Effect.REFUSED,
        words="the handler is immutable: make a class of another name and let the pods choose it",
        source="pkg/apis/node/validation/validation.go: ValidateRuntimeClassUpdate",
        swap=("handler: nvidia", "handler: kata"),
    ),
    _runtime.row(
        "new-pods",
        "overhead.**",
        "scheduling.**",
        effect=Effect.IN_PLACE,
        words="counts for pods that are made from now on",
        source="kubernetes.io/docs/concepts/containers/runtime-class: scheduling, pod overhead",
        swap=("memory: 64Mi", "memory: 128Mi"),
    ),
)
