"""Rules about Secrets that are named: somebody provides them, with the keys that are read."""

from __future__ import annotations

from collections.abc import Iterator

from aurora.checks.references.lookup import Reference, absent, exists
from aurora.checks.references.pods import named_by_pods, reference, stores
from aurora.checks.references.provided_secrets import ProvidedSecrets, provided_secrets
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.rule import InventoryRule, Rule, Violation
from aurora.model.tree import mappings

PARAMETER = "csi.storage.k8s.io/"
"""Prefix of a StorageClass's parameters that name Secrets (source: kubernetes-csi docs, StorageClass secrets)."""


def _secrets(inventory: Inventory) -> Iterator[Violation]:
    provided = provided_secrets(inventory)
    for wanted in _wanted(inventory):
        if not provided.exists(wanted.namespace, wanted.name) and not exists(inventory, wanted):
            yield absent(inventory, wanted)


def _wanted(inventory: Inventory) -> Iterator[Reference]:
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


def _secret_keys(inventory: Inventory) -> Iterator[Violation]:
    provided = provided_secrets(inventory)
    for found in named_by_pods(inventory, "Secret"):
        namespace = found.pod.manifest.id.namespace
        for key in found.keys:
            if provided.lacks(namespace, found.name, key.name):
                yield Violation(
                    manifest=found.pod.manifest,
                    steps=key.steps,
                    message=f"Secret `{found.name}` will have no key `{key.name}`",
                    hint=_key_hint(provided, namespace, found.name),
                )


def _key_hint(provided: ProvidedSecrets, namespace: str | None, name: str) -> str:
    entries = provided.get(namespace, name)
    keys = sorted({key for entry in entries for key in entry.keys or ()})
    return f"{entries[0].maker.id} gives it {', '.join(f'`{key}`' for key in keys[:10]) or 'no keys'}"


_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - name: web
      env: [{name: API_KEY, valueFrom: {secretKeyRef: {name: web-api, key: api-key}}}]
"""
_EXTERNAL = """\
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: web, namespace: shop}
spec:
  target: {name: web-api}
  data: [{secretKey: %s, remoteRef: {key: shop/web}}]
"""

RULES = (
    InventoryRule(
        rule=Rule(
            id="references/secret",
            severity=Severity.ERROR,
            summary="a Secret that nothing provides",
            why="Secrets are not in Git, so an ExternalSecret, a Certificate or somebody outside must make it; "
            "until then its pods do not start and its listeners have no certificate.",
            bad=_POD,
            good=_POD + _EXTERNAL % "api-key",
        ),
        find=_secrets,
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/secret-key",
            severity=Severity.ERROR,
            summary="a key that its Secret will not have",
            why="A container that needs a missing key is never started.",
            bad=_POD + _EXTERNAL % "token",
            good=_POD + _EXTERNAL % "api-key",
        ),
        find=_secret_keys,
    ),
)
