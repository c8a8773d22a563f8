"""Effects of changing nodes, certificates, flow control and what the cluster itself keeps records in."""

from __future__ import annotations

from aurora.changes.effects.conditions import becomes
from aurora.changes.effects.row import Row, Subject, When
from aurora.model.change import ABSENT, Effect

_node = Subject(
    "node",
    (("", "Node"),),
    """\
apiVersion: v1
kind: Node
metadata: {name: node-1, labels: {pool: gpu}, annotations: {karpenter.sh/do-not-disrupt: "true"}}
spec:
  podCIDR: 10.244.0.0/24
  podCIDRs: [10.244.0.0/24]
  providerID: example://node-1
  unschedulable: false
  taints: [{key: gpu, effect: NoSchedule}]
""",
)
_flow = Subject(
    "flowcontrol",
    tuple(("flowcontrol.apiserver.k8s.io", kind) for kind in ("FlowSchema", "PriorityLevelConfiguration")),
    """\
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: PriorityLevelConfiguration
metadata: {name: controllers}
spec:
  type: Limited
  limited: {nominalConcurrencyShares: 10, limitResponse: {type: Reject}}
""",
)
_signing = Subject(
    "signingrequest",
    (("certificates.k8s.io", "CertificateSigningRequest"),),
    """\
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: client}
spec: {signerName: example.com/client, request: YWJj, usages: [client auth], expirationSeconds: 3600}
""",
)
_bundle = Subject(
    "trustbundle",
    (("certificates.k8s.io", "ClusterTrustBundle"),),
    """\
apiVersion: certificates.k8s.io/v1beta1
kind: ClusterTrustBundle
metadata: {name: "example.com:signer:one"}
spec: {signerName: example.com/signer, trustBundle: first}
""",
)
_pod_certificate = Subject(
    "podcertificate",
    (("certificates.k8s.io", "PodCertificateRequest"),),
    """\
apiVersion: certificates.k8s.io/v1beta1
kind: PodCertificateRequest
metadata: {name: pod, namespace: aurora}
spec: {signerName: example.com/signer, podName: pod}
""",
)
_lease = Subject(
    "lease",
    (("coordination.k8s.io", "Lease"), ("coordination.k8s.io", "LeaseCandidate")),
    """\
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: operator, namespace: aurora}
spec: {holderIdentity: pod-1, leaseDurationSeconds: 15}
""",
)
_candidate = Subject(
    "lease",
    _lease.kinds,
    """\
apiVersion: coordination.k8s.io/v1beta1
kind: LeaseCandidate
metadata: {name: operator-1, namespace: aurora}
spec: {leaseName: operator, binaryVersion: 1.0.0, strategy: OldestEmulationVersion}
""",
)
_event = Subject(
    "event",
    (("", "Event"), ("events.k8s.io", "Event")),
    """\
apiVersion: v1
kind: Event
metadata: {name: started, namespace: aurora}
involvedObject: {kind: Pod, name: one, namespace: aurora}
message: started
""",
)
_migration = Subject(
    "storagemigration",
    (("storagemigration.k8s.io", "StorageVersionMigration"),),
    """\
apiVersion: storagemigration.k8s.io/v1beta1
kind: StorageVersionMigration
metadata: {name: widgets}
spec: {resource: {group: example.com, resource: widgets}}
""",
)
_version = Subject(
    "storageversion",
    (("internal.apiserver.k8s.io", "StorageVersion"),),
    """\
apiVersion: internal.apiserver.k8s.io/v1alpha1
kind: StorageVersion
metadata: {name: apps.deployments, annotations: {note: first}}
spec: {}
""",
)
_request = Subject(
    "request",
    (
        ("", "Binding"),
        ("", "ComponentStatus"),
        ("authentication.k8s.io", "SelfSubjectReview"),
        ("authentication.k8s.io", "TokenRequest"),
        ("authentication.k8s.io", "TokenReview"),
        ("authorization.k8s.io", "LocalSubjectAccessReview"),
        ("authorization.k8s.io", "SelfSubjectAccessReview"),
        ("authorization.k8s.io", "SelfSubjectRulesReview"),
        ("authorization.k8s.io", "SubjectAccessReview"),
        ("autoscaling", "Scale"),
        ("policy", "Eviction"),
    ),
    """\
apiVersion: authentication.k8s.io/v1
kind: TokenReview
metadata: {name: one}
spec: {token: abc}
""",
)
_CORE = "pkg/apis/core/validation/validation.go: ValidateNodeUpdate"


_nodes = (
    _node.row(
        "evicting-taint",
        "spec.taints.effect",
        effect=Effect.RECREATE,
        words="pods that do not tolerate the taint are evicted from the node, and start elsewhere if something "
        "owns them",
        source="pkg/controller/tainteviction/taint_eviction.go: processPodOnNode",
        swap=("effect: NoSchedule", "effect: NoExecute"),
        when=becomes("it becomes NoExecute", "NoExecute"),
    ),
    _node.row(
        "immutable",
        "spec.podCIDR",
        "spec.podCIDRs.**",
        "spec.providerID",
        "spec.externalID",
        effect=Effect.REFUSED,
        words="what a node is made of is immutable once it is set",
        source=_CORE,
        swap=("example://node-1", "example://node-2"),
        when=When("it was set", lambda _pair, leaf: leaf.before is not ABSENT),
    ),
    _node.row(
        "scheduling",
        "spec.**",
        "metadata.labels.**",
        effect=Effect.IN_PLACE,
        words="other pods are placed on the node from now on; running ones stay",
        source="kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration; assign-pod-node",
        swap=("unschedulable: false", "unschedulable: true"),
    ),
    _node.row(
        "autoscaler",
        "metadata.annotations[karpenter.sh/*]",
        "metadata.annotations[cluster-autoscaler.kubernetes.io/*]",
        effect=Effect.IN_PLACE,
        words="the node's autoscaler may, or may no longer, take the node away",
        source="karpenter.sh: concepts, disruption, node-level controls; Kubernetes autoscaler: FAQ",
        swap=('"true"', '"false"'),
    ),
)

_records = (
    _flow.row(
        "shares",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="the API server queues and rejects requests by the new shares from now on",
        source="kubernetes.io/docs/concepts/cluster-administration/flow-control",
        swap=("nominalConcurrencyShares: 10", "nominalConcurrencyShares: 20"),
    ),
    _signing.row(
        "ignored",
        "spec.**",
        effect=Effect.UNCHANGED,
        words="the server keeps the request as it was made and ignores the change",
        source="pkg/registry/certificates/certificates/strategy.go: PrepareForUpdate",
        swap=("expirationSeconds: 3600", "expirationSeconds: 7200"),
    ),
    _bundle.row(
        "signer",
        "spec.signerName",
        effect=Effect.REFUSED,
        words="the signer of a bundle is immutable: make a bundle of another name",
        source="pkg/apis/certificates/validation/validation.go: ValidateClusterTrustBundleUpdate",
        swap=("signerName: example.com/signer", "signerName: example.com/other"),
    ),
    _bundle.row(
        "anchors",
        "spec.trustBundle",
        effect=Effect.IN_PLACE,
        words="kubelets write the new certificates into the volumes of running pods",
        source="kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests: cluster trust bundles",
        swap=("trustBundle: first", "trustBundle: second"),
    ),
    _pod_certificate.row(
        "immutable",
        "spec.**",
        effect=Effect.REFUSED,
        words="a pod's request is immutable, and the kubelet's to make",
        source="pkg/apis/certificates/validation/validation.go: ValidatePodCertificateRequestUpdate",
        swap=("podName: pod", "podName: other"),
    ),
    _candidate.row(
        "candidate",
        "spec.leaseName",
        effect=Effect.REFUSED,
        words="the lease that a candidate stands for is immutable",
        source="pkg/apis/coordination/validation/validation.go: ValidateLeaseCandidateSpecUpdate",
        swap=("leaseName: operator", "leaseName: other"),
    ),
    _lease.row(
        "holder",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="whoever waits for the lease reads the new holder and time; its holder writes over it",
        source="kubernetes.io/docs/concepts/architecture/leases",
        swap=("holderIdentity: pod-1", "holderIdentity: pod-2"),
    ),
    _event.row(
        "record",
        "*.**",
        effect=Effect.IN_PLACE,
        words="an event is a record that nothing acts on, and expires",
        source="kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1",
        swap=("message: started", "message: stopped"),
    ),
    _migration.row(
        "immutable",
        "spec.**",
        effect=Effect.REFUSED,
        words="a migration is immutable: make one of another name",
        source="pkg/apis/storagemigration/validation/validation.go: ValidateStorageVersionMigrationUpdate",
        swap=("resource: widgets", "resource: gadgets"),
    ),
    _version.row(
        "record",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="a record of the API servers, which write it themselves",
        source="kubernetes.io/docs/reference/kubernetes-api/cluster-resources/storage-version-v1alpha1",
        swap=("spec: {}", "spec: {note: second}"),
    ),
    _request.row(
        "not-stored",
        "*.**",
        effect=Effect.REFUSED,
        words="the kind is a question to the server, answered and never stored: it cannot be kept in Git",
        source="kubernetes.io/docs/reference/using-api/api-concepts: resource types without update",
        swap=("token: abc", "token: def"),
    ),
)

ROWS: tuple[Row, ...] = (*_nodes, *_records)
