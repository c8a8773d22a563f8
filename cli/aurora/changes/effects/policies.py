"""Effects of changing the policies of Kyverno and Tetragon."""

from __future__ import annotations

from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_GROUP = "policies.kyverno.io"


def _both(*kinds: str) -> tuple[tuple[str, str], ...]:
    """Give the cluster-scoped and the namespaced form of each kind."""
    return tuple((_GROUP, f"{prefix}{kind}") for kind in kinds for prefix in ("", "Namespaced"))


_validating = Subject(
    "kyverno-validating",
    _both("ValidatingPolicy", "ImageValidatingPolicy"),
    """\
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: labels, annotations: {pod-policies.kyverno.io/autogen-controllers: none}}
spec:
  validationActions: [Deny]
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations: [{expression: "has(object.metadata.labels)"}]
""",
)
_generating = Subject(
    "kyverno-generating",
    _both("GeneratingPolicy"),
    """\
apiVersion: policies.kyverno.io/v1
kind: GeneratingPolicy
metadata: {name: deny}
spec:
  evaluation: {synchronize: {enabled: true}}
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [namespaces]}]
  generate: [{expression: "generator.Apply(object.metadata.name, [])"}]
""",
)
_mutating = Subject(
    "kyverno-mutating",
    _both("MutatingPolicy"),
    """\
apiVersion: policies.kyverno.io/v1
kind: MutatingPolicy
metadata: {name: defaults}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  mutations: [{patchType: ApplyConfiguration, applyConfiguration: {expression: "Object{}"}}]
""",
)
_deleting = Subject(
    "kyverno-deleting",
    (*_both("DeletingPolicy"), ("kyverno.io", "CleanupPolicy"), ("kyverno.io", "ClusterCleanupPolicy")),
    """\
apiVersion: policies.kyverno.io/v1
kind: DeletingPolicy
metadata: {name: old-runs}
spec:
  schedule: "0 1 * * *"
  conditions: [{name: old, expression: "true"}]
  matchConstraints:
    resourceRules: [{apiGroups: [batch], apiVersions: [v1], resources: [jobs]}]
""",
)
_classic = Subject(
    "kyverno-classic",
    (("kyverno.io", "ClusterPolicy"), ("kyverno.io", "Policy")),
    """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: labels, annotations: {pod-policies.kyverno.io/autogen-controllers: none}}
spec:
  background: true
  rules:
  - name: team
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate: {failureAction: Audit, message: team, pattern: {metadata: {labels: {team: "?*"}}}}
""",
)
_exception = Subject(
    "kyverno-exception",
    ((_GROUP, "PolicyException"), ("kyverno.io", "PolicyException")),
    """\
apiVersion: policies.kyverno.io/v1
kind: PolicyException
metadata: {name: agents, namespace: monitoring}
spec:
  policyRefs: [{name: labels, kind: ValidatingPolicy}]
  matchConditions: [{name: agents, expression: "true"}]
""",
)
_tracing = Subject(
    "tracingpolicy",
    (("cilium.io", "TracingPolicy"), ("cilium.io", "TracingPolicyNamespaced")),
    """\
apiVersion: cilium.io/v1alpha1
kind: TracingPolicyNamespaced
metadata: {name: files, namespace: aurora}
spec:
  options: [{name: policy-mode, value: monitor}]
  kprobes:
  - call: security_file_permission
    syscall: false
    args: [{index: 0, type: file}]
    selectors: [{matchActions: [{action: Post}]}]
""",
)
_KYVERNO = "kyverno.io: docs, policy types"
_TETRAGON = "tetragon.io: docs, tracing policy"

ROWS: tuple[Row, ...] = (
    _validating.row(
        "action",
        "spec.validationActions.**",
        effect=Effect.IN_PLACE,
        words="requests that break the policy are refused, warned of or only reported from now on; running "
        "objects stay",
        source=f"{_KYVERNO}, ValidatingPolicy, validationActions",
        swap=("[Deny]", "[Audit]"),
    ),
    _validating.row(
        "rules",
        "spec.**",
        "metadata.annotations[pod-policies.kyverno.io/*]",
        effect=Effect.IN_PLACE,
        words="requests are judged by the new rules from now on; running objects stay and appear in the next report",
        source=f"{_KYVERNO}, ValidatingPolicy and ImageValidatingPolicy",
        swap=("has(object.metadata.labels)", "has(object.metadata.annotations)"),
        ordered=True,
    ),
    _generating.row(
        "generated",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="objects that it generates are made or changed for the triggers that match now; where it synchronises, "
        "those of triggers that no longer match are deleted",
        source=f"{_KYVERNO}, GeneratingPolicy, synchronization",
        swap=("synchronize: {enabled: true}", "synchronize: {enabled: false}"),
        ordered=True,
    ),
    _mutating.row(
        "mutated",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="objects are changed in another way when they are made or written from now on",
        source=f"{_KYVERNO}, MutatingPolicy",
        swap=("Object{}", "Object{metadata: Object.metadata{}}"),
        ordered=True,
    ),
    _deleting.row(
        "deleted",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="at its next time it deletes whatever matches then",
        source=f"{_KYVERNO}, DeletingPolicy and cleanup policies",
        swap=("0 1 * * *", "0 2 * * *"),
    ),
    _classic.row(
        "action",
        "spec.rules.validate.failureAction",
        "spec.validationFailureAction",
        "spec.validationFailureActionOverrides.**",
        effect=Effect.IN_PLACE,
        words="requests that break the rule are refused, or only reported, from now on; running objects stay",
        source=f"{_KYVERNO}, ClusterPolicy, failure action",
        swap=("failureAction: Audit", "failureAction: Enforce"),
    ),
    _classic.row(
        "rules",
        "spec.**",
        "metadata.annotations[pod-policies.kyverno.io/*]",
        effect=Effect.IN_PLACE,
        words="requests are judged, changed or followed by generated objects by the new rules from now on",
        source=f"{_KYVERNO}, ClusterPolicy",
        swap=("background: true", "background: false"),
        ordered=True,
    ),
    _exception.row(
        "exception",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="other objects are excepted from other policies from now on",
        source="kyverno.io: docs, exceptions",
        swap=("name: labels, kind", "name: images, kind"),
    ),
    _tracing.row(
        "mode",
        "spec.options.**",
        "spec.kprobes.selectors.matchActions.**",
        "spec.tracepoints.selectors.matchActions.**",
        "spec.uprobes.selectors.matchActions.**",
        "spec.lsmhooks.selectors.matchActions.**",
        "spec.enforcers.**",
        effect=Effect.IN_PLACE,
        words="what the agents do about an event changes as soon as they have loaded the policy: report, block or kill",
        source=f"{_TETRAGON}, selectors, actions; enforcement",
        swap=("value: monitor", "value: enforce"),
    ),
    _tracing.row(
        "events",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="the agents take the old programs out of the kernel and load the new ones; one that fails to load "
        "sees nothing",
        source=f"{_TETRAGON}; metrics, tetragon_tracingpolicy_loaded",
        swap=("security_file_permission", "security_mmap_file"),
        ordered=True,
    ),
)
