"""A policy that begins or ends to judge a direction: what its rules allowed counts only where isolation stays."""

from __future__ import annotations

from aurora.changes import consequences
from changes.scenes import scene

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: allow, namespace: ml}
spec: {podSelector: {}, policyTypes: [%s], egress: [{to: [{podSelector: {}}]}]}
"""
DENY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: ml}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: model, namespace: ml}
spec:
  selector: {matchLabels: {app: model}}
  template:
    metadata: {labels: {app: model}}
    spec: {containers: [{name: model, image: "registry.example.com/model:v1"}]}
"""
BOTH, ONE = POLICY % "Ingress, Egress", POLICY % "Ingress"


def rules(before: str, after: str, *around: str) -> list[str]:
    streams = ("---\n".join([side, DEPLOYMENT, *around]) for side in (before, after))
    return [entry.rule for _, entry in consequences.follow(scene(*streams))]


def test_a_direction_that_nobody_judges_any_more_is_open_and_nothing_is_denied() -> None:
    assert rules(BOTH, ONE) == ["security/network-unprotected"]
    assert rules(ONE, BOTH) == ["security/network-isolated"]


def test_where_another_policy_still_denies_the_rules_of_the_direction_count() -> None:
    assert rules(BOTH, ONE, DENY) == ["security/network-closed"]
    assert rules(ONE, BOTH, DENY) == ["security/network-opened"]
