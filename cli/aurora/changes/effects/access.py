"""Effects of changing roles and bindings, and what admission checks: webhooks and admission policies."""

from __future__ import annotations

from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_RBAC = "rbac.authorization.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"
_DOCS = "kubernetes.io/docs/reference/access-authn-authz"

_role = Subject(
    "role",
    ((_RBAC, "Role"), (_RBAC, "ClusterRole")),
    """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: reader
  labels: {rbac.authorization.k8s.io/aggregate-to-view: "true"}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {aurora: reader}}]}
rules:
- {apiGroups: [""], resources: [pods], verbs: [get]}
""",
)
_binding = Subject(
    "rolebinding",
    ((_RBAC, "RoleBinding"), (_RBAC, "ClusterRoleBinding")),
    """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: aurora}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects:
- {kind: ServiceAccount, name: console, namespace: aurora}
""",
)
_webhook = Subject(
    "webhook",
    ((_ADMISSION, "ValidatingWebhookConfiguration"), (_ADMISSION, "MutatingWebhookConfiguration")),
    """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: policies}
webhooks:
- name: check.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: Fail
  clientConfig: {service: {namespace: policies, name: checks}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
""",
)
_policy = Subject(
    "admissionpolicy",
    ((_ADMISSION, "ValidatingAdmissionPolicy"), (_ADMISSION, "MutatingAdmissionPolicy")),
    """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: owners}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations: [{expression: "has(object.metadata.labels)"}]
""",
)
_bound = Subject(
    "admissionpolicybinding",
    ((_ADMISSION, "ValidatingAdmissionPolicyBinding"), (_ADMISSION, "MutatingAdmissionPolicyBinding")),
    """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: owners}
spec: {policyName: owners, validationActions: [Deny]}
""",
)

ROWS: tuple[Row, ...] = (
    _role.row(
        "rules",
        "rules.**",
        effect=Effect.IN_PLACE,
        words="everyone who is bound to the role may do more or less from the next request on",
        source=f"{_DOCS}/rbac: Role and ClusterRole",
        swap=("verbs: [get]", "verbs: [get, list]"),
    ),
    _role.row(
        "aggregation",
        "aggregationRule.**",
        "metadata.labels[rbac.authorization.k8s.io/aggregate-to-*]",
        "metadata.labels[rbac.kyverno.io/*]",
        effect=Effect.IN_PLACE,
        words="a controller writes the rules of other roles into this one, or of this one into others",
        source="pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go: syncClusterRole",
        swap=("aurora: reader", "aurora: writer"),
    ),
    _binding.row(
        "role",
        "roleRef.**",
        effect=Effect.REFUSED,
        words="the role of a binding is immutable: make a binding of another name, or delete this one and create "
        "it anew",
        source="pkg/apis/rbac/validation/validation.go: ValidateRoleBindingUpdate, ValidateClusterRoleBindingUpdate",
        swap=("kind: ClusterRole, name: reader", "kind: ClusterRole, name: writer"),
    ),
    _binding.row(
        "subjects",
        "subjects.**",
        effect=Effect.IN_PLACE,
        words="others hold the role from the next request on, and those who are left out no longer do",
        source=f"{_DOCS}/rbac: RoleBinding and ClusterRoleBinding",
        swap=("name: console", "name: operator"),
    ),
    _webhook.row(
        "webhooks",
        "webhooks.**",
        effect=Effect.IN_PLACE,
        words="requests of the kinds that it names are checked or changed in another way from now on; stored "
        "objects stay",
        source=f"{_DOCS}/extensible-admission-controllers",
        swap=("failurePolicy: Fail", "failurePolicy: Ignore"),
        ordered=True,
    ),
    _policy.row(
        "rules",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="requests are judged or changed by the new rules from now on; stored objects stay until they are written",
        source=f"{_DOCS}/validating-admission-policy",
        swap=("has(object.metadata.labels)", "has(object.metadata.annotations)"),
        ordered=True,
    ),
    _bound.row(
        "binding",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="the policy holds for other objects, with other parameters or another action, from now on",
        source=f"{_DOCS}/validating-admission-policy",
        swap=("[Deny]", "[Audit]"),
    ),
)
