"""Rules about bindings: the role exists, and so do the ServiceAccounts that get it."""

from __future__ import annotations

from aurora.cluster.references.fields import GRANTED, ROLES, of_kinds
from aurora.cluster.references.lookup import missing
from aurora.model.finding import Severity
from aurora.model.rule import InventoryRule, Rule

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
        find=missing(of_kinds(*ROLES)),
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
        find=missing(of_kinds(verb=GRANTED)),
        softens=True,
    ),
)
