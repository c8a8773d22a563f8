"""A workload under another ServiceAccount gets the rights of that one, if its pods get a token at all."""

from __future__ import annotations

from aurora.changes import consequences
from changes.scenes import scene

POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: model, namespace: ml}
spec:
  selector: {matchLabels: {app: model}}
  template:
    metadata: {labels: {app: model}}
    spec: {serviceAccountName: %s, automountServiceAccountToken: %s, containers: [{name: a, image: r.example.com/a}]}
"""
ADMIN = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: admins}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: rich, namespace: ml}]
"""
LOCAL = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: viewers, namespace: team}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: viewer}
subjects: [{kind: ServiceAccount, name: rich, namespace: ml}]
"""


def told(before: str, after: str, *bindings: str) -> list[str]:
    given = scene(*("---\n".join([side, *bindings]) for side in (before, after)))
    return [entry.message for _, entry in consequences.follow(given) if entry.rule == "security/account-widened"]


def test_the_roles_of_the_new_account_are_named() -> None:
    (message,) = told(POD % ("poor", "true"), POD % ("rich", "true"), ADMIN, LOCAL)
    roles = "ClusterRole `cluster-admin`, Role `viewer` in the namespace `team`"
    assert message == f"its pods may now do what {roles} allows, as ServiceAccount `ml/rich`"


def test_fewer_rights_or_no_token_are_nothing_gained() -> None:
    assert told(POD % ("rich", "true"), POD % ("poor", "true"), ADMIN) == []
    assert told(POD % ("poor", "false"), POD % ("rich", "false"), ADMIN) == []


def test_an_account_of_another_namespace_is_another_one() -> None:
    elsewhere = ADMIN.replace("namespace: ml}]", "namespace: team}]")
    assert told(POD % ("poor", "true"), POD % ("rich", "true"), elsewhere) == []


def test_an_account_that_is_only_taken_away_is_still_the_one_that_pods_run_as() -> None:
    rich = ADMIN.replace("name: rich", "name: default")
    without = (POD % ("poor", "true")).replace("serviceAccountName: poor, ", "")
    assert told(POD % ("poor", "true"), without, rich) == []
    assert len(told(POD % ("poor", "true"), POD % ("default", "true"), rich)) == 1
