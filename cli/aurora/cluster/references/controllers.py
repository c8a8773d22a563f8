"""What controllers are pointed at: scaled workloads, storage classes, stores, issuers, projects."""

from __future__ import annotations

from collections.abc import Iterator

from aurora.cluster.claims import claims
from aurora.cluster.references.lookup import Reference, Steps
from aurora.cluster.references.provided_secrets import EXTERNAL_SECRETS, ISSUER_ANNOTATIONS
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.resource import ResourceId

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
