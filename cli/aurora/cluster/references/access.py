"""What bindings name: the roles that they grant, and the ServiceAccounts that get them."""

from __future__ import annotations

from collections.abc import Iterator

from aurora.cluster.references.lookup import Reference
from aurora.cluster.references.pods import DEFAULT_ACCOUNT
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.manifest import Manifest

GROUP = "rbac.authorization.k8s.io"
BOOTSTRAP_ROLES = frozenset({"admin", "cluster-admin", "edit", "view"})
"""ClusterRoles of every cluster, beside those whose names begin with `system:` (source: bootstrappolicy of 1.35)."""


def _bindings(inventory: Inventory) -> Iterator[Manifest]:
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        yield from inventory.of_kind(kind, group=GROUP)


def roles(inventory: Inventory) -> Iterator[Reference]:
    """Yield the roles that bindings grant, beside those of every cluster."""
    for manifest in _bindings(inventory):
        kind = text(manifest.get("roleRef", "kind"))
        name = text(manifest.get("roleRef", "name"))
        if not name or kind not in {"Role", "ClusterRole"} or _bootstrap(kind, name):
            continue
        yield Reference(
            manifest=manifest,
            steps=("roleRef", "name"),
            kind=kind,
            name=name,
            group=GROUP,
            namespace=manifest.id.namespace if kind == "Role" else None,
        )


def _bootstrap(kind: str, name: str) -> bool:
    return kind == "ClusterRole" and (name in BOOTSTRAP_ROLES or name.startswith("system:"))


def subjects(inventory: Inventory) -> Iterator[Reference]:
    """Yield the ServiceAccounts that bindings grant roles to, beside those of every namespace."""
    for manifest in _bindings(inventory):
        for index, subject in enumerate(items(manifest.get("subjects"))):
            name = text(dig(subject, "name"))
            namespace = text(dig(subject, "namespace"))
            if dig(subject, "kind") == "ServiceAccount" and name and namespace and name != DEFAULT_ACCOUNT:
                yield Reference(
                    manifest=manifest,
                    steps=("subjects", index, "name"),
                    kind="ServiceAccount",
                    name=name,
                    namespace=namespace,
                )
