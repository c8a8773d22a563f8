"""What pods name: accounts, ConfigMaps, claims, priority and runtime classes. Whether it exists is not asked here."""

from __future__ import annotations

from collections.abc import Iterator

from aurora.cluster.pod_references import PodReference, references_to
from aurora.cluster.references.lookup import Reference
from aurora.model.inventory import Inventory
from aurora.model.json_value import mapping, text
from aurora.model.manifest import Manifest
from aurora.model.tree import mappings

DEFAULT_ACCOUNT = "default"
"""Every namespace gets it (source: serviceaccounts_controller.go of Kubernetes 1.35)."""
CLUSTER_CONFIG_MAPS = frozenset({"kube-root-ca.crt"})
"""Every namespace gets it (source: rootcacertpublisher/publisher.go of Kubernetes 1.35)."""
SYSTEM_PRIORITIES = frozenset({"system-cluster-critical", "system-node-critical"})
"""Every cluster has them (source: SystemPriorityClasses, apis/scheduling of Kubernetes 1.35)."""
STORES = ("SecretStore", "ClusterSecretStore")


def reference(found: PodReference) -> Reference:
    """Turn a pod's field into a reference from the pod's manifest."""
    manifest = found.pod.manifest
    return Reference(
        manifest=manifest, steps=found.steps, kind=found.kind, name=found.name, namespace=manifest.id.namespace
    )


def named_by_pods(inventory: Inventory, kind: str) -> Iterator[PodReference]:
    """Yield what pods name of a kind and cannot do without."""
    return (found for found in references_to(inventory, kind) if not found.optional)


def stores(inventory: Inventory) -> Iterator[Manifest]:
    """Yield the stores of External Secrets."""
    for kind in STORES:
        yield from inventory.of_kind(kind, group="external-secrets.io")


def accounts(inventory: Inventory) -> Iterator[Reference]:
    """Yield the ServiceAccounts of pods and stores, beside those of every namespace."""
    for found in named_by_pods(inventory, "ServiceAccount"):
        if found.name != DEFAULT_ACCOUNT:
            yield reference(found)
    yield from store_accounts(inventory)


def store_accounts(inventory: Inventory) -> Iterator[Reference]:
    """Accounts that stores sign in with; every provider calls the field `serviceAccountRef` (CRD of ESO 2.9)."""
    for store in stores(inventory):
        for steps, body in mappings(store.get("spec", "provider"), ("spec", "provider")):
            account = mapping(body.get("serviceAccountRef"))
            name = text(account.get("name"))
            if name and name != DEFAULT_ACCOUNT:
                yield Reference(
                    manifest=store,
                    steps=(*steps, "serviceAccountRef", "name"),
                    kind="ServiceAccount",
                    name=name,
                    namespace=text(account.get("namespace")) or store.id.namespace,
                )


def config_maps(inventory: Inventory) -> Iterator[Reference]:
    """Yield the ConfigMaps that pods cannot do without, beside those of every namespace."""
    for found in named_by_pods(inventory, "ConfigMap"):
        if found.name not in CLUSTER_CONFIG_MAPS:
            yield reference(found)


def priority_classes(inventory: Inventory) -> Iterator[Reference]:
    """Yield the priority classes of pods, beside those of every cluster."""
    for pod in inventory.pods():
        name = text(pod.get("priorityClassName"))
        if name and name not in SYSTEM_PRIORITIES:
            steps = (*pod.steps, "spec", "priorityClassName")
            yield Reference(
                manifest=pod.manifest, steps=steps, kind="PriorityClass", name=name, group="scheduling.k8s.io"
            )


def runtime_classes(inventory: Inventory) -> Iterator[Reference]:
    """Yield the runtime classes of pods."""
    for pod in inventory.pods():
        name = text(pod.get("runtimeClassName"))
        if name:
            steps = (*pod.steps, "spec", "runtimeClassName")
            yield Reference(manifest=pod.manifest, steps=steps, kind="RuntimeClass", name=name, group="node.k8s.io")
