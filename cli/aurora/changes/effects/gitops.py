"""Effects of changing what Argo CD and cert-manager read."""

from __future__ import annotations

from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_application = Subject(
    "application",
    (("argoproj.io", "Application"),),
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: serving, namespace: argocd, finalizers: [resources-finalizer.argocd.argoproj.io]}
spec:
  project: aurora
  destination: {server: "https://kubernetes.default.svc", namespace: aurora}
  source: {repoURL: "https://git.example.com/ml/aurora.git", path: generated/prod, targetRevision: v1.4.0}
  syncPolicy: {automated: {prune: true, selfHeal: true}, syncOptions: [ServerSideApply=true]}
  ignoreDifferences: [{group: apps, kind: Deployment, jsonPointers: [/spec/replicas]}]
""",
)
_set = Subject(
    "applicationset",
    (("argoproj.io", "ApplicationSet"),),
    """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: environments, namespace: argocd}
spec:
  generators: [{list: {elements: [{name: dev}]}}]
  template: {metadata: {name: "{{.name}}"}, spec: {project: aurora, destination: {name: in-cluster}}}
""",
)
_project = Subject(
    "appproject",
    (("argoproj.io", "AppProject"),),
    """\
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: aurora, namespace: argocd}
spec:
  sourceRepos: ["https://git.example.com/ml/aurora.git"]
  destinations: [{server: "https://kubernetes.default.svc", namespace: aurora}]
""",
)
_certificate = Subject(
    "certificate",
    (("cert-manager.io", "Certificate"),),
    """\
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: edge, namespace: edge}
spec:
  secretName: edge-tls
  issuerRef: {kind: ClusterIssuer, name: production}
  dnsNames: [ml.example.com]
  renewBefore: 360h
""",
)
_issuer = Subject(
    "issuer",
    (("cert-manager.io", "ClusterIssuer"), ("cert-manager.io", "Issuer")),
    """\
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: internal}
spec: {ca: {secretName: authority}}
""",
)
_ARGO = "Argo CD"

_argocd = (
    _application.row(
        "source",
        "spec.source.**",
        "spec.sources.**",
        "spec.sourceHydrator.**",
        effect=Effect.IN_PLACE,
        words="Argo CD compares the cluster with other manifests, and applies them where it syncs by itself; what "
        "changes by that is in those manifests, not in this object",
        source=f"{_ARGO}: operator manual, declarative setup; user guide, tracking strategies",
        swap=("targetRevision: v1.4.0", "targetRevision: v1.5.0"),
    ),
    _application.row(
        "destination",
        "spec.destination.**",
        effect=Effect.IN_PLACE,
        words="the objects are applied to the other place; what runs at the old one is left there and no longer "
        "watched",
        source=f"{_ARGO}: operator manual, declarative setup",
        swap=("namespace: aurora}", "namespace: research}"),
    ),
    _application.row(
        "sync-policy",
        "spec.syncPolicy.**",
        effect=Effect.IN_PLACE,
        words="later differences are applied, pruned or reverted by themselves, or wait for a person",
        source=f"{_ARGO}: user guide, automated sync policy; sync options",
        swap=("selfHeal: true", "selfHeal: false"),
    ),
    _application.row(
        "operation",
        "operation.**",
        effect=Effect.IN_PLACE,
        words="Argo CD starts the sync that is described",
        source=f"{_ARGO}: user guide, sync with kubectl",
        swap=("spec:\n", "operation: {sync: {revision: v1.4.0}}\nspec:\n"),
    ),
    _application.row(
        "cascade",
        "metadata.finalizers.**",
        effect=Effect.IN_PLACE,
        words="decides whether deleting the Application later deletes everything that it manages",
        source=f"{_ARGO}: user guide, app deletion",
        swap=("finalizers: [resources-finalizer.argocd.argoproj.io]", "finalizers: []"),
    ),
    _application.row(
        "settings",
        "spec.**",
        "metadata.annotations[notifications.argoproj.io/*]",
        effect=Effect.IN_PLACE,
        words="Argo CD compares, reports and permits by the new settings; no object that it manages changes by that",
        source=f"{_ARGO}: user guide, diff customization; projects",
        swap=("project: aurora", "project: other"),
    ),
    _set.row(
        "applications",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="Applications are created, changed or deleted by the new template and generators, as its policy allows",
        source=f"{_ARGO}: operator manual, ApplicationSet, controlling resource modification",
        swap=("name: dev", "name: stage"),
    ),
    _project.row(
        "permissions",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="Applications of the project may do more or less from the next sync on; what runs goes on",
        source=f"{_ARGO}: user guide, projects; sync windows",
        swap=("namespace: aurora}", "namespace: research}"),
    ),
)

_certificates = (
    _certificate.row(
        "secret",
        "spec.secretName",
        effect=Effect.IN_PLACE,
        words="a certificate is issued into the Secret of the new name; the old Secret stays and is no longer renewed",
        source="cert-manager: usage, Certificate resource",
        swap=("secretName: edge-tls", "secretName: edge-tls-2"),
    ),
    _certificate.row(
        "renewal",
        "spec.renewBefore",
        "spec.renewBeforePercentage",
        "spec.renewal.**",
        "spec.revisionHistoryLimit",
        "spec.secretTemplate.**",
        effect=Effect.IN_PLACE,
        words="the time of the next renewal, or what is written beside the certificate, changes",
        source="cert-manager: usage, Certificate resource, renewal",
        swap=("renewBefore: 360h", "renewBefore: 720h"),
    ),
    _certificate.row(
        "issue",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="a new certificate is issued and written into the Secret; servers that do not watch it keep the old one",
        source="cert-manager: usage, Certificate resource, issuance triggers",
        swap=("[ml.example.com]", "[ml.example.com, api.example.com]"),
    ),
    _issuer.row(
        "issuer",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="certificates that are issued or renewed from now on come from the new settings; issued ones stay",
        source="cert-manager: configuration, issuers",
        swap=("secretName: authority", "secretName: authority-2"),
    ),
)

ROWS: tuple[Row, ...] = (*_argocd, *_certificates)
