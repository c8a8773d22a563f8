"""Which object needs which other one to be there when it is applied. Must not judge the order.

Source: `docs/facts/gitops.md`: definitions before their objects, namespaces before everything in
them, accounts, settings, Secrets and claims before pods, stores before ExternalSecrets.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from aurora.cluster.applications import ARGO_KINDS, GROUP
from aurora.cluster.references.classes import storage_classes
from aurora.cluster.references.fields import ISSUERS, PROJECT, STORES, of_kinds
from aurora.cluster.references.lookup import Reference, find
from aurora.cluster.references.pods import named_by_pods, priority_classes, reference, runtime_classes
from aurora.cluster.references.provided_secrets import provided_secrets
from aurora.model.inventory import Inventory
from aurora.model.json_value import text
from aurora.model.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Need:
    """An object and another one that it needs."""

    manifest: Manifest
    needed: Manifest


def needs(inventory: Inventory) -> Iterator[Need]:
    """Yield what the objects of an inventory need of each other."""
    yield from _namespaces(inventory)
    yield from _definitions(inventory)
    yield from _pods(inventory)
    by_table = of_kinds(*STORES, *ISSUERS, PROJECT)
    for find_references in (priority_classes, runtime_classes, storage_classes, by_table):
        for wanted in find_references(inventory):
            yield from _need(inventory, wanted)


def _need(inventory: Inventory, wanted: Reference) -> Iterator[Need]:
    found = find(inventory, wanted)
    if found is not None:
        yield Need(wanted.manifest, found)


def _namespaces(inventory: Inventory) -> Iterator[Need]:
    """The namespace of Argo CD's own objects is there before anything is synced, though Git may hold it too."""
    present = {manifest.id.namespace for kind in ARGO_KINDS for manifest in inventory.of_kind(kind, group=GROUP)}
    for manifest in inventory.manifests:
        namespace = inventory.find("Namespace", manifest.id.namespace or "")
        if namespace is not None and manifest.emitted and manifest.id.namespace not in present:
            yield Need(manifest, namespace)


def _definitions(inventory: Inventory) -> Iterator[Need]:
    definitions = {
        (text(manifest.get("spec", "group")), text(manifest.get("spec", "names", "kind"))): manifest
        for manifest in inventory.of_kind("CustomResourceDefinition", group="apiextensions.k8s.io")
    }
    for manifest in inventory.custom():
        definition = definitions.get((manifest.id.group, manifest.id.kind))
        # Who syncs has Argo CD's own definitions, though a chart may bring them again.
        if definition is not None and (manifest.id.group != GROUP or manifest.id.kind not in ARGO_KINDS):
            yield Need(manifest, definition)


def _pods(inventory: Inventory) -> Iterator[Need]:
    provided = provided_secrets(inventory)
    for found in named_by_pods(inventory, "Secret"):
        manifest = found.pod.manifest
        for entry in provided.get(reference(found).namespace, found.name):
            yield Need(manifest, entry.maker)
    for kind in ("ServiceAccount", "ConfigMap", "PersistentVolumeClaim"):
        for found in named_by_pods(inventory, kind):
            yield from _need(inventory, reference(found))
