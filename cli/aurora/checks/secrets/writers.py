"""Rules about Secrets and ConfigMaps that two writers keep: each undoes what the other wrote.

Sources: external-secrets 2.9 (`ErrSecretIsOwned`, `target.manifest`), cert-manager 1.21 (a certificate that does not
fit is issued again), trust-manager (Bundles), lib-bucket-provisioner, Kubernetes 1.35 (`rootcacertpublisher`).
"""

from collections import defaultdict
from collections.abc import Iterator

from aurora.cluster import workloads
from aurora.cluster.references.provided_secrets import BUCKETS, EXTERNAL_SECRETS, provided_secrets
from aurora.cluster.sync_order import is_hook
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.rule import BROKEN, InventoryRule, Violation

BUNDLES = "trust.cert-manager.io"
ROOT_CA = "kube-root-ca.crt"
FAMILIES = ({"Ingress", "Gateway"}, {"Issuer"})
"""Kinds that share what one of them brings about: a certificate, or an account."""


def _two_writers(inventory: Inventory) -> Iterator[Violation]:
    for (kind, namespace, name), makers in _written(inventory).items():
        first, *others = makers.values()
        for maker in others:
            if not any({first.id.kind, maker.id.kind} <= family for family in FAMILIES):
                yield Violation(
                    manifest=maker,
                    steps=("spec", "secretName") if maker.id.kind == "Certificate" else (),
                    message=f"{kind} `{namespace}/{name}` is also written by {first.id}: each undoes the other's work",
                    hint=f"let one of them write it, and give the other a {kind} of its own",
                )


def _written(inventory: Inventory) -> dict[tuple[str, str, str], dict[int, Manifest]]:
    found: dict[tuple[str, str, str], dict[int, Manifest]] = defaultdict(dict)
    for (namespace, name), entries in provided_secrets(inventory).secrets.items():
        for entry in entries:
            # A Secret without data is a place for what somebody else writes.
            if entry.maker.id.kind != "Secret" or (entry.keys and not is_hook(entry.maker)):
                found["Secret", namespace, name][id(entry.maker)] = entry.maker
    for name, maker in _config_maps(inventory):
        found["ConfigMap", workloads.namespace_of(maker), name][id(maker)] = maker
    return found


def _merging(inventory: Inventory) -> Iterator[Violation]:
    """Find ExternalSecrets that add to a Secret which another one owns: external-secrets refuses it for good."""
    provided = provided_secrets(inventory)
    for manifest in inventory.of_kind("ExternalSecret", group=EXTERNAL_SECRETS):
        target = mapping(manifest.get("spec", "target"))
        if target.get("creationPolicy") != "Merge" or mapping(target.get("manifest")):
            continue
        name = text(target.get("name")) or manifest.id.name
        for entry in provided.get(workloads.namespace_of(manifest), name):
            policy = entry.maker.get("spec", "target", "creationPolicy")
            if entry.maker.id.kind == "ExternalSecret" and policy in (None, "Owner"):
                yield Violation(
                    manifest=manifest,
                    steps=("spec", "target", "creationPolicy"),
                    message=f"{entry.maker.id} owns Secret `{entry.namespace}/{name}`, so this one adds nothing to it",
                    hint="fetch all keys of the Secret in one ExternalSecret",
                )


def _config_maps(inventory: Inventory) -> Iterator[tuple[str, Manifest]]:
    for manifest in inventory.of_kind("ConfigMap", group=""):
        if not is_hook(manifest) and (mapping(manifest.get("data")) or mapping(manifest.get("binaryData"))):
            yield manifest.id.name, manifest
    for manifest in inventory.of_kind("ExternalSecret", group=EXTERNAL_SECRETS):
        if dig(manifest.body, "spec", "target", "manifest", "kind") == "ConfigMap":
            yield text(manifest.get("spec", "target", "name")) or manifest.id.name, manifest
    for manifest in inventory.of_kind("ObjectBucketClaim", group=BUCKETS):
        yield manifest.id.name, manifest


def _everywhere(inventory: Inventory) -> Iterator[Violation]:
    """Find objects with names that a controller writes in all namespaces."""
    bundles = {
        (kind, bundle.id.name): str(bundle.id)
        for bundle in inventory.of_kind("Bundle", group=BUNDLES)
        for kind in ("ConfigMap", "Secret")
        if bundle.get("spec", "target", f"{kind[0].lower()}{kind[1:]}") is not None
        and not bundle.get("spec", "target", "namespaceSelector")
    }
    for kind in ("ConfigMap", "Secret"):
        for manifest in inventory.of_kind(kind, group=""):
            writer = bundles.get((kind, manifest.id.name))
            if (kind, manifest.id.name) == ("ConfigMap", ROOT_CA):
                writer = "kube-controller-manager"
            if writer:
                yield Violation(
                    manifest=manifest,
                    message=f"{writer} writes a {kind} of this name in every namespace",
                    hint="remove the manifest, or give it another name",
                )


def _find(inventory: Inventory) -> Iterator[Violation]:
    yield from _two_writers(inventory)
    yield from _merging(inventory)
    yield from _everywhere(inventory)


RULES = (InventoryRule("secrets/two-writers", BROKEN, _find),)
