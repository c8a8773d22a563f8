"""Rules about what controllers are pointed at: scaled workloads, storage classes, stores, issuers, projects."""

from __future__ import annotations

from collections.abc import Iterator

from aurora.checks.references.lookup import Reference, Steps, missing
from aurora.checks.references.provided_secrets import EXTERNAL_SECRETS, ISSUER_ANNOTATIONS
from aurora.cluster.claims import claims
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.resource import ResourceId
from aurora.model.rule import InventoryRule, Rule

CERT_MANAGER = "cert-manager.io"


def scale_targets(inventory: Inventory) -> Iterator[Reference]:
    """Yield the workloads that HorizontalPodAutoscalers scale."""
    for manifest in inventory.of_kind("HorizontalPodAutoscaler", group="autoscaling"):
        target = manifest.get("spec", "scaleTargetRef")
        kind, name = text(dig(target, "kind")), text(dig(target, "name"))
        group = ResourceId(text(dig(target, "apiVersion")), kind, None, name).group
        if kind and name:
            yield Reference(
                manifest=manifest,
                steps=("spec", "scaleTargetRef", "name"),
                kind=kind,
                name=name,
                group=group,
                namespace=manifest.id.namespace,
            )


def storage_classes(inventory: Inventory) -> Iterator[Reference]:
    """Yield the classes of claims, of claim templates and of volumes that make their own claim."""
    static = {
        text(volume.get("spec", "storageClassName")) for volume in inventory.of_kind("PersistentVolume", group="")
    }
    for claim in claims(inventory):
        name = claim.class_name
        # A claim that is bound by hand uses the class as a mere label (Kubernetes docs, persistent volumes).
        if name and name not in static and not text(claim.spec.get("volumeName")):
            yield Reference(
                manifest=claim.manifest,
                steps=(*claim.steps, "storageClassName"),
                kind="StorageClass",
                name=name,
                group="storage.k8s.io",
            )


def secret_stores(inventory: Inventory) -> Iterator[Reference]:
    """Yield the stores that ExternalSecrets read from."""
    for manifest in inventory.of_kind("ExternalSecret", group=EXTERNAL_SECRETS):
        for steps, entry in _store_fields(manifest):
            kind, name = text(dig(entry, "kind")) or "SecretStore", text(dig(entry, "name"))
            if name:
                yield Reference(
                    manifest=manifest,
                    steps=(*steps, "name"),
                    kind=kind,
                    name=name,
                    group=EXTERNAL_SECRETS,
                    namespace=manifest.id.namespace if kind == "SecretStore" else None,
                )


def _store_fields(manifest: Manifest) -> Iterator[tuple[Steps, JsonValue | None]]:
    yield ("spec", "secretStoreRef"), manifest.get("spec", "secretStoreRef")
    for field in ("data", "dataFrom"):
        for index, entry in enumerate(items(manifest.get("spec", field))):
            yield ("spec", field, index, "sourceRef", "storeRef"), dig(entry, "sourceRef", "storeRef")


def issuers(inventory: Inventory) -> Iterator[Reference]:
    """Yield the issuers of cert-manager that Certificates, Ingresses and Gateways name.

    Issuers of other groups belong to controllers that Aurora does not know.
    """
    for manifest in inventory.of_kind("Certificate", group=CERT_MANAGER):
        issuer = manifest.get("spec", "issuerRef")
        if (text(dig(issuer, "group")) or CERT_MANAGER) == CERT_MANAGER:
            kind = text(dig(issuer, "kind")) or "Issuer"
            yield from _issuer(manifest, ("spec", "issuerRef", "name"), kind, text(dig(issuer, "name")))
    for kind, group in (("Ingress", "networking.k8s.io"), ("Gateway", "gateway.networking.k8s.io")):
        for manifest in inventory.of_kind(kind, group=group):
            for annotation, issuer_kind in zip(ISSUER_ANNOTATIONS, ("ClusterIssuer", "Issuer"), strict=True):
                steps = ("metadata", "annotations", annotation)
                yield from _issuer(manifest, steps, issuer_kind, manifest.annotations.get(annotation, ""))


def _issuer(manifest: Manifest, steps: Steps, kind: str, name: str) -> Iterator[Reference]:
    if name:
        yield Reference(
            manifest=manifest,
            steps=steps,
            kind=kind,
            name=name,
            group=CERT_MANAGER,
            namespace=manifest.id.namespace if kind == "Issuer" else None,
        )


def projects(inventory: Inventory) -> Iterator[Reference]:
    """Yield the projects of Applications.

    `default` too: where it is missing, Argo CD refuses Applications and says nothing of ApplicationSets.
    """
    for manifest in inventory.of_kind("Application", group="argoproj.io"):
        name = text(manifest.get("spec", "project"))
        if name:
            yield Reference(
                manifest=manifest,
                steps=("spec", "project"),
                kind="AppProject",
                name=name,
                group="argoproj.io",
                namespace=manifest.id.namespace,
            )


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
        find=missing(scale_targets),
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
        find=missing(secret_stores),
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
        find=missing(issuers),
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
        find=missing(projects),
        softens=True,
    ),
)
