"""Effects of changing ConfigMaps, Secrets, what writes Secrets, and ServiceAccounts."""

from __future__ import annotations

from aurora.changes.effects.conditions import before_is
from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_map = Subject(
    "configmap",
    (("", "ConfigMap"),),
    """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: aurora}
immutable: false
data: {mode: fast}
""",
)
_secret = Subject(
    "secret",
    (("", "Secret"),),
    """\
apiVersion: v1
kind: Secret
metadata: {name: token, namespace: aurora}
type: Opaque
immutable: false
data: {token: YWJj}
""",
)
_account = Subject(
    "serviceaccount",
    (("", "ServiceAccount"),),
    """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: trainer
  namespace: aurora
  annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/trainer"}
automountServiceAccountToken: false
""",
)
_external = Subject(
    "externalsecret",
    (("external-secrets.io", "ExternalSecret"),),
    """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: database, namespace: aurora}
spec:
  refreshInterval: 1h
  secretStoreRef: {kind: ClusterSecretStore, name: vault}
  target: {name: database, creationPolicy: Owner, deletionPolicy: Retain}
  data:
  - {secretKey: password, remoteRef: {key: aurora/database}}
""",
)
_store = Subject(
    "secretstore",
    tuple(("external-secrets.io", kind) for kind in ("ClusterSecretStore", "SecretStore")),
    """\
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: vault}
spec:
  provider: {vault: {server: "https://vault.example.com", path: secret}}
""",
)
_many = Subject(
    "secret-sync",
    tuple(("external-secrets.io", kind) for kind in ("ClusterExternalSecret", "PushSecret", "ClusterPushSecret")),
    """\
apiVersion: external-secrets.io/v1
kind: ClusterExternalSecret
metadata: {name: registry}
spec:
  namespaceSelectors: [{matchLabels: {team: ml}}]
  externalSecretSpec: {refreshInterval: 1h}
""",
)
_CORE = "pkg/apis/core/validation/validation.go"
_ESO = "external-secrets.io: API, ExternalSecret"


def _held(subject: Subject, what: str, swap: tuple[str, str]) -> tuple[Row, ...]:
    """Give the rows that ConfigMaps and Secrets share."""
    return (
        subject.like("immutable: false", "immutable: true").row(
            "immutable",
            "data.**",
            "binaryData.**",
            "stringData.**",
            "immutable",
            effect=Effect.REFUSED,
            words=f"an immutable {what} never changes: give the new content a new name and let the pods refer to it",
            source=f"{_CORE}: Validate{what}Update",
            swap=swap,
            when=before_is("it was immutable", "immutable", value=True),
        ),
        subject.row(
            "made-immutable",
            "immutable",
            effect=Effect.IN_PLACE,
            words="kubelets stop watching it, and it can never be changed again",
            source=f"kubernetes.io/docs/concepts/configuration/{what.lower()}: immutable {what}s",
            swap=("immutable: false", "immutable: true"),
        ),
        subject.row(
            "data",
            "data.**",
            "binaryData.**",
            "stringData.**",
            effect=Effect.IN_PLACE,
            words="the content changes at once; no pod restarts for it, and who sees it when depends on how it is used",
            source=f"kubernetes.io/docs/concepts/configuration/{what.lower()}: updates",
            swap=swap,
        ),
    )


ROWS: tuple[Row, ...] = (
    *_held(_map, "ConfigMap", ("mode: fast", "mode: slow")),
    *_held(_secret, "Secret", ("token: YWJj", "token: ZGVm")),
    _secret.row(
        "type",
        "type",
        effect=Effect.REFUSED,
        words="a Secret's type is immutable: delete it and create it anew, or give the new one another name",
        source=f"{_CORE}: ValidateSecretUpdate",
        swap=("type: Opaque", "type: example.com/token"),
    ),
    _account.row(
        "cloud-identity",
        "metadata.annotations[eks.amazonaws.com/*]",
        "metadata.annotations[azure.workload.identity/*]",
        "metadata.annotations[iam.gke.io/*]",
        effect=Effect.IN_PLACE,
        words="only pods that start from now on get the other cloud identity: the webhook writes it into new pods",
        source="Amazon EKS: IAM roles for service accounts; Azure Workload Identity: service account annotations",
        swap=("role/trainer", "role/reader"),
    ),
    _account.row(
        "pods",
        "automountServiceAccountToken",
        "imagePullSecrets.**",
        "secrets.**",
        effect=Effect.IN_PLACE,
        words="counts for pods that start from now on",
        source="plugin/pkg/admission/serviceaccount/admission.go: Admit",
        swap=("automountServiceAccountToken: false", "automountServiceAccountToken: true"),
    ),
    _external.row(
        "target",
        "spec.target.name",
        effect=Effect.IN_PLACE,
        words="the operator writes a Secret of the new name; the old one is no longer kept up, and goes if it was "
        "owned",
        source=f"{_ESO}, target; guides, ownership and deletion policy",
        swap=("target: {name: database", "target: {name: database-2"),
    ),
    _external.row(
        "content",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="the operator reads the store and writes the Secret anew; pods that use it do not restart for it",
        source=f"{_ESO}, spec",
        swap=("key: aurora/database", "key: aurora/database-2"),
    ),
    _store.row(
        "provider",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="the next refresh of every Secret from this store uses the new settings; what is written already stays",
        source="external-secrets.io: API, SecretStore and ClusterSecretStore",
        swap=("path: secret", "path: models"),
    ),
    _many.row(
        "spec",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="the operator makes, changes or removes Secrets in the namespaces or stores that are named now",
        source="external-secrets.io: API, ClusterExternalSecret and PushSecret",
        swap=("team: ml", "team: research"),
    ),
)
