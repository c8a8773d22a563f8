"""The classes that volumes name: of claims, with the logic of claims that are bound by hand, and their Secrets."""

from collections.abc import Iterator

from aurora.cluster.claims import claims
from aurora.cluster.references.fields import needed
from aurora.cluster.references.lookup import Reference
from aurora.model.inventory import Inventory
from aurora.model.json_value import mapping, text

GROUP = "storage.k8s.io"
PARAMETER = "csi.storage.k8s.io/"
"""Prefix of a StorageClass's parameters that name Secrets (source: kubernetes-csi docs, StorageClass secrets)."""


def of_claims(inventory: Inventory) -> Iterator[Reference]:
    """Yield the classes of claims, of claim templates that no table lists, and of volumes that make their own claim."""
    static = {
        text(volume.get("spec", "storageClassName")) for volume in inventory.of_kind("PersistentVolume", group="")
    }
    for claim in claims(inventory):
        name = claim.class_name
        # A claim that is bound by hand uses the class as a mere label (Kubernetes docs, persistent volumes).
        if name and not claim.listed and name not in static and not text(claim.spec.get("volumeName")):
            steps = (*claim.steps, "storageClassName")
            yield Reference(manifest=claim.manifest, steps=steps, kind="StorageClass", name=name, group=GROUP)


def storage_classes(inventory: Inventory) -> Iterator[Reference]:
    """Yield the classes of claims, and those that other objects name for claims which they make."""
    yield from of_claims(inventory)
    yield from needed(inventory, (GROUP, "StorageClass"))


def credentials(inventory: Inventory) -> Iterator[Reference]:
    """Yield the Secrets of classes; a parameter with a template such as `${pvc.namespace}` names none yet."""
    for manifest in inventory.of_kind("StorageClass", group=GROUP):
        parameters = mapping(manifest.get("parameters"))
        for key, value in parameters.items():
            if not (key.startswith(PARAMETER) and key.endswith("-secret-name")):
                continue
            namespace, name = text(parameters.get(f"{key.removesuffix('name')}namespace")), text(value)
            if name and namespace and "${" not in f"{name}{namespace}":
                steps = ("parameters", key)
                yield Reference(manifest=manifest, steps=steps, kind="Secret", name=name, namespace=namespace)
