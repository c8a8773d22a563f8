"""What the check `schema` may find about an object; broken definitions have a rule of `aurora.schemas`."""

from __future__ import annotations

from aurora.model.finding import Severity
from aurora.model.rule import Rule
from aurora.schemas.rules import BROKEN_CRD

_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.example.com/web:1.0"}]}
"""
_WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a, namespace: shop}\n"
_BUDGET = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web, namespace: shop}\nspec: {}\n"

INVALID = Rule(
    id="schema/invalid",
    severity=Severity.ERROR,
    summary="an object that does not fit the schema of its kind",
    why="The API server refuses it, or drops the field that it does not know, so that a slip silently changes nothing.",
    bad=_DEPLOYMENT.replace("replicas: 2", "replica: 2"),
    good=_DEPLOYMENT,
)
UNKNOWN_KIND = Rule(
    id="schema/unknown-kind",
    severity=Severity.ERROR,
    summary="an object of a kind that nothing describes",
    why="Nobody can say whether the object is right; a tool that skips it reports it as if it were.",
    bad=_WIDGET + "spec: {size: 1}\n",
    good=f"{BROKEN_CRD.good}---\n{_WIDGET}spec: {{size: 1}}\n",
)
VERSION_NOT_SERVED = Rule(
    id="schema/version-not-served",
    severity=Severity.ERROR,
    summary="an object of an API version that the cluster does not offer",
    why="The kind exists, but not under this apiVersion: the API server answers that there is no such resource.",
    bad=_BUDGET.replace("policy/v1", "policy/v1beta1"),
    good=_BUDGET,
)
MISSING_SPEC = Rule(
    id="schema/missing-spec",
    severity=Severity.ERROR,
    summary="a custom resource without the `spec` that its kind has",
    why="Many definitions forget to require it, so the API server accepts an object that asks for nothing.",
    bad=f"{BROKEN_CRD.good}---\n{_WIDGET}",
    good=f"{BROKEN_CRD.good}---\n{_WIDGET}spec: {{size: 1}}\n",
)
