"""Rules about what controllers are pointed at: scaled workloads, storage classes, stores, issuers, projects."""

from __future__ import annotations

from aurora.cluster.references.classes import storage_classes
from aurora.cluster.references.fields import ISSUERS, PROJECT, SCALED, STORES, of_kinds, others
from aurora.cluster.references.lookup import missing
from aurora.model.finding import Severity
from aurora.model.rule import InventoryRule, Rule

_AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 3}
"""
_DEPLOYMENT = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n"
_CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: models, namespace: shop}
spec: {storageClassName: cephfs}
"""
_CLASS = """\
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: cephfs}
provisioner: rook-ceph.cephfs.csi.ceph.com
"""
_READER = """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: web, namespace: shop}
spec: {secretStoreRef: {kind: ClusterSecretStore, name: vault}}
"""
_STORE = "---\napiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: {name: vault}\n"
_CERTIFICATE = """\
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web, namespace: shop}
spec: {secretName: web-tls, issuerRef: {kind: ClusterIssuer, name: letsencrypt}}
"""
_ISSUER = "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: letsencrypt}\n"
_APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec: {project: shop}
"""
_BACKUP = """\
apiVersion: velero.io/v1
kind: Backup
metadata: {name: daily, namespace: velero}
spec: {storageLocation: offsite}
"""
_LOCATION = """\
---
apiVersion: velero.io/v1
kind: BackupStorageLocation
metadata: {name: offsite, namespace: velero}
spec: {provider: aws, objectStorage: {bucket: backups}}
"""
_PROJECT = "---\napiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: shop, namespace: argocd}\n"

RULES = (
    InventoryRule(
        rule=Rule(
            id="references/scale-target",
            severity=Severity.ERROR,
            summary="an autoscaler whose workload does not exist",
            why="It scales nothing, and the workload that was meant keeps its size under load.",
            bad=_AUTOSCALER,
            good=_AUTOSCALER + _DEPLOYMENT,
        ),
        find=missing(of_kinds(verb=SCALED)),
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/storage-class",
            severity=Severity.ERROR,
            summary="a StorageClass that does not exist",
            why="The API server takes any class name; the claim then waits for a volume that nobody makes.",
            bad=_CLAIM,
            good=_CLAIM + _CLASS,
        ),
        find=missing(storage_classes),
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/secret-store",
            severity=Severity.ERROR,
            summary="a secret store that does not exist",
            why="An ExternalSecret without its store never makes its Secret.",
            bad=_READER,
            good=_READER + _STORE,
        ),
        find=missing(of_kinds(*STORES)),
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/issuer",
            severity=Severity.ERROR,
            summary="a certificate issuer that does not exist",
            why="The certificate is never issued, so its listener serves none or an old one.",
            bad=_CERTIFICATE,
            good=_CERTIFICATE + _ISSUER,
        ),
        find=missing(of_kinds(*ISSUERS)),
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/project",
            severity=Severity.ERROR,
            summary="an Argo CD project that does not exist",
            why="Argo CD syncs no Application of an unknown project.",
            bad=_APPLICATION,
            good=_APPLICATION + _PROJECT,
        ),
        find=missing(of_kinds(PROJECT)),
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/object",
            severity=Severity.ERROR,
            summary="an object that another one names and that does not exist",
            why="The controller of the object that names it waits for it, or does nothing.",
            bad=_BACKUP,
            good=_BACKUP + _LOCATION,
        ),
        find=missing(others),
        softens=True,
    ),
)
