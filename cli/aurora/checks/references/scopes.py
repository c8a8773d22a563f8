"""Where objects live: namespaces that exist, namespaces that fit the kind, and kinds that exist.

A custom kind whose group no CustomResourceDefinition here defines is `references/definition`, where all is known.
"""

from collections.abc import Iterator

from aurora.checks.references.definitions import external_groups
from aurora.cluster.applications import ARGO_KINDS, GROUP
from aurora.cluster.custom_kinds import custom_kinds, scope
from aurora.cluster.references.lookup import Reference, absent, exists
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.rule import Violation
from aurora_constructs.argocd.destination import LOCAL, LOCAL_NAME, LOCAL_SERVER, Destination

SYSTEM_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})
"""Namespaces of every cluster (source: controlplane options of Kubernetes 1.35, and its node leases)."""


def unknown_kinds(inventory: Inventory) -> Iterator[Violation]:
    """Find custom resources of a group that the inventory defines, but of no kind or version of it."""
    kinds = custom_kinds(inventory)
    groups = {group for group, _ in kinds} - external_groups(inventory)
    for manifest in inventory.custom():
        group, kind = manifest.id.group, manifest.id.kind
        known = kinds.get((group, kind))
        if group in groups and known is None:
            others = sorted(other for defined, other in kinds if defined == group)
            yield Violation(
                manifest=manifest,
                steps=("kind",),
                message=f"no CustomResourceDefinition defines the kind `{kind}` of the group `{group}`",
                hint=f"the group has {', '.join(f'`{other}`' for other in others[:10])}",
            )
        elif known and manifest.id.version not in known.versions:
            served = ", ".join(f"`{version}`" for version in sorted(known.versions)) or "no version"
            yield Violation(
                manifest=manifest,
                steps=("apiVersion",),
                message=f"`{manifest.id.version}` of {kind} is not served",
                hint=f"its CustomResourceDefinition serves {served}",
            )


def without_namespace(inventory: Inventory) -> Iterator[Violation]:
    """Find namespaced objects that leave their namespace to whoever applies them."""
    kinds = custom_kinds(inventory)
    for manifest in inventory.manifests:
        if not manifest.id.namespace and manifest.id.kind != "List" and scope(manifest, kinds) == "Namespaced":
            yield Violation(
                manifest=manifest,
                steps=("metadata",),
                message="the namespace is left to whoever applies this object",
                hint="write `metadata.namespace`",
            )


def with_namespace(inventory: Inventory) -> Iterator[Violation]:
    """Find cluster-scoped objects that name a namespace."""
    kinds = custom_kinds(inventory)
    for manifest in inventory.manifests:
        if manifest.id.namespace and scope(manifest, kinds) == "Cluster":
            yield Violation(
                manifest=manifest,
                steps=("metadata", "namespace"),
                message=f"a {manifest.id.kind} belongs to no namespace, but this one names `{manifest.id.namespace}`",
                hint="remove `metadata.namespace`",
            )


def missing_namespaces(inventory: Inventory) -> Iterator[Violation]:
    """Find namespaces that are used and do not exist, once each: at the first object that uses them."""
    used: dict[str, list[Reference]] = {}
    for wanted in _namespaces(inventory):
        used.setdefault(wanted.name, []).append(wanted)
    for name, references in used.items():
        first, *others = references
        if name in SYSTEM_NAMESPACES or exists(inventory, first):
            continue
        violation = absent(inventory, first)
        more = f"; {len(others)} more {'objects use' if len(others) > 1 else 'object uses'} it" if others else ""
        yield Violation(
            manifest=violation.manifest, steps=violation.steps, message=violation.message + more, hint=violation.hint
        )


def _namespaces(inventory: Inventory) -> Iterator[Reference]:
    cluster = inventory.cluster.argocd if inventory.cluster else LOCAL
    for manifest in inventory.manifests:
        elsewhere = cluster != LOCAL and manifest.id.group == GROUP and manifest.id.kind in ARGO_KINDS
        if manifest.id.namespace and not elsewhere and (manifest.id.group, manifest.id.kind) != ("", "Namespace"):
            yield Reference(
                manifest=manifest, steps=("metadata", "namespace"), kind="Namespace", name=manifest.id.namespace
            )
    for manifest in inventory.of_kind("Application", group="argoproj.io"):
        target = text(manifest.get("spec", "destination", "namespace"))
        creates = "CreateNamespace=true" in items(manifest.get("spec", "syncPolicy", "syncOptions"))
        if target and not creates and _writes_to(manifest, cluster):
            steps = ("spec", "destination", "namespace")
            yield Reference(manifest=manifest, steps=steps, kind="Namespace", name=target)


def _writes_to(application: Manifest, cluster: Destination) -> bool:
    """Tell whether an Application's target is a cluster; what names none is the one that Argo CD runs in."""
    target = application.get("spec", "destination")
    server, name = text(dig(target, "server")), text(dig(target, "name"))
    if cluster == LOCAL:
        return server in {"", LOCAL_SERVER} and name in {"", LOCAL_NAME}
    return name == cluster.name if cluster.name else server == cluster.server
