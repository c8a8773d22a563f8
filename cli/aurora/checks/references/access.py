"""Rules about bindings: the role exists, and so do the ServiceAccounts that get it."""

from __future__ import annotations

from collections.abc import Iterator

from aurora.checks.references.lookup import Reference, missing
from aurora.checks.references.pods import DEFAULT_ACCOUNT
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.rule import InventoryRule, Rule

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


_BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: %s, name: %s}
subjects: [{kind: ServiceAccount, name: %s, namespace: shop}]
"""
_ROLE = """\
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web, namespace: shop}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
"""
_ACCOUNT = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n"

RULES = (
    InventoryRule(
        rule=Rule(
            id="references/role",
            severity=Severity.ERROR,
            summary="a role that does not exist",
            why="A binding to nothing grants nothing: its subjects are refused at run time.",
            bad=_BINDING % ("Role", "web", "default"),
            good=_BINDING % ("Role", "web", "default") + _ROLE,
        ),
        find=missing(roles),
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/subject",
            severity=Severity.ERROR,
            summary="a binding to a ServiceAccount that does not exist",
            why="The rights wait for whoever creates an account of that name, and the workload meant has none.",
            bad=_BINDING % ("ClusterRole", "view", "web"),
            good=_BINDING % ("ClusterRole", "view", "web") + _ACCOUNT,
        ),
        find=missing(subjects),
        softens=True,
    ),
)
