"""The Secrets that are named: by pods, routes, listeners, classes and stores."""

from __future__ import annotations

from collections.abc import Iterator

from aurora.cluster.references.lookup import Reference
from aurora.cluster.references.pods import named_by_pods, reference, stores
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.tree import mappings

PARAMETER = "csi.storage.k8s.io/"
"""Prefix of a StorageClass's parameters that name Secrets (source: kubernetes-csi docs, StorageClass secrets)."""


def named(inventory: Inventory) -> Iterator[Reference]:
    """Yield every Secret that something names and cannot do without."""
    for found in named_by_pods(inventory, "Secret"):
        yield reference(found)
    yield from named_by_others(inventory)


def named_by_others(inventory: Inventory) -> Iterator[Reference]:
    """Yield the Secrets that anything but a pod names: routes, listeners, classes and stores."""
    for manifest in inventory.of_kind("Ingress", group="networking.k8s.io"):
        for index, entry in enumerate(items(manifest.get("spec", "tls"))):
            steps = ("spec", "tls", index, "secretName")
            yield from _secret(manifest, steps, dig(entry, "secretName"), manifest.id.namespace)
    for manifest in inventory.of_kind("Gateway", group="gateway.networking.k8s.io"):
        yield from _listener_certificates(manifest)
    for manifest in inventory.of_kind("StorageClass", group="storage.k8s.io"):
        yield from _class_credentials(manifest)
    for manifest in stores(inventory):
        yield from _store_credentials(manifest)


def _secret(
    manifest: Manifest, steps: tuple[str | int, ...], name: object, namespace: str | None
) -> Iterator[Reference]:
    if isinstance(name, str) and name:
        yield Reference(manifest=manifest, steps=steps, kind="Secret", name=name, namespace=namespace)


def _listener_certificates(manifest: Manifest) -> Iterator[Reference]:
    """The group and kind of a certificate reference are the core group and Secret unless stated (Gateway API)."""
    for position, listener in enumerate(items(manifest.get("spec", "listeners"))):
        for index, entry in enumerate(items(dig(listener, "tls", "certificateRefs"))):
            if text(dig(entry, "kind")) in {"", "Secret"} and not text(dig(entry, "group")):
                steps = ("spec", "listeners", position, "tls", "certificateRefs", index, "name")
                namespace = text(dig(entry, "namespace")) or manifest.id.namespace
                yield from _secret(manifest, steps, dig(entry, "name"), namespace)


def _class_credentials(manifest: Manifest) -> Iterator[Reference]:
    """Parameters may hold templates such as `${pvc.namespace}`: those name no Secret yet."""
    parameters = mapping(manifest.get("parameters"))
    for key, name in parameters.items():
        if not (key.startswith(PARAMETER) and key.endswith("-secret-name")):
            continue
        namespace = text(parameters.get(f"{key.removesuffix('name')}namespace"))
        if namespace and "${" not in f"{name}{namespace}":
            yield from _secret(manifest, ("parameters", key), name, namespace)


def _store_credentials(manifest: Manifest) -> Iterator[Reference]:
    """Every provider ends the names of these fields in `SecretRef` (CRD of External Secrets 2.9)."""
    for steps, body in mappings(manifest.get("spec", "provider"), ("spec", "provider")):
        for key, value in body.items():
            if key.lower().endswith("secretref") and text(dig(value, "name")):
                namespace = text(dig(value, "namespace")) or manifest.id.namespace
                yield from _secret(manifest, (*steps, key, "name"), dig(value, "name"), namespace)
