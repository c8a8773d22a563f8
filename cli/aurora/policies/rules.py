"""The rules of the check besides the policies themselves, whose ids are `policy/<name of the policy>`."""

from __future__ import annotations

from aurora.model.finding import Severity
from aurora.model.rule import Rule


def _stream(*, spec: str) -> str:
    """Give a policy about the replicas of Deployments, and a Deployment that it accepts."""
    return f"""\
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {{name: example}}
spec:
  validationActions: [Audit]
  matchConstraints:
    resourceRules:
      - {{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}}
{spec}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: server, namespace: aurora}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: server}}}}
  template:
    metadata: {{labels: {{app: server}}}}
    spec:
      containers: [{{name: server, image: registry.example.com/server:1.0.0}}]
"""


_GOOD = _stream(spec="  validations: [{expression: object.spec.replicas > 1, message: run more than one replica}]")

INVALID = Rule(
    id="policy/invalid",
    severity=Severity.ERROR,
    summary="a policy that Kyverno cannot load",
    why=(
        "Kyverno drops a policy with an unknown field or a broken expression; in the cluster the API server refuses "
        "it, and in a test run everything passes that it should have stopped."
    ),
    bad=_stream(spec="  validations: [{expression: object.spec.replicas >, message: run more than one replica}]"),
    good=_GOOD,
)
ERROR = Rule(
    id="policy/error",
    severity=Severity.ERROR,
    summary="a policy that cannot decide about an object",
    why=(
        "An expression that reads a field without asking whether it is there ends in an error; with "
        "`failurePolicy: Ignore` the object is then admitted, whatever is wrong with it."
    ),
    bad=_stream(spec="  validations: [{expression: object.spec.paused == false, message: do not pause}]"),
    good=_GOOD,
)
NOT_JUDGED = Rule(
    id="policy/not-judged",
    severity=Severity.ERROR,
    summary="a policy that was named to judge by, and does not",
    why=(
        "Only ValidatingPolicies can be judged from manifests; whoever names another policy with `--policies` expects "
        "a verdict, and must not take its absence for one."
    ),
    bad=(
        "# named with `--policies`\n"
        "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: example}\nspec: {rules: []}\n"
    ),
    good=_GOOD,
)
UNPROVED = Rule(
    id="policy/unproved",
    severity=Severity.ERROR,
    summary="a policy that passed objects, but also one that was made to violate it",
    why=(
        "A policy that lets everything through looks like one that everybody obeys. A violation is planted beside "
        "the real objects in each run, and a policy that does not report it has proved nothing."
    ),
    bad=_stream(spec='  validations: [{expression: "true", message: run more than one replica}]'),
    good=_GOOD,
)
UNJUDGED = Rule(
    id="policy/unjudged",
    severity=Severity.ERROR,
    summary="an object without the verdict of a policy that may match it",
    why=(
        "Whether a policy matches an object can depend on the labels of its namespace, or on the definition of its "
        "kind. Without them nobody knows, and silence would look like a pass."
    ),
    bad=_stream(
        spec="    namespaceSelector: {matchLabels: {tier: serving}}\n"
        "  validations: [{expression: object.spec.replicas > 1, message: run more than one replica}]"
    ),
    good=_stream(
        spec="    namespaceSelector: {matchLabels: {tier: serving}}\n"
        "  validations: [{expression: object.spec.replicas > 1, message: run more than one replica}]"
    )
    + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: aurora, labels: {tier: serving}}\n",
)
EXCEPTION = Rule(
    id="policy/exception",
    severity=Severity.ERROR,
    summary="an exception from a policy that judges",
    why=(
        "Manifests must not exempt themselves from what judges them. Kyverno in the cluster applies the exception, "
        "Aurora does not; a waiver says the same in the environment, with a reason and an end."
    ),
    bad=f"""\
{_GOOD}---
apiVersion: policies.kyverno.io/v1
kind: PolicyException
metadata: {{name: example, namespace: aurora}}
spec: {{policyRefs: [{{name: example, kind: ValidatingPolicy}}]}}
""",
    good=_GOOD,
)
RULES = (NOT_JUDGED, INVALID, ERROR, UNPROVED, UNJUDGED, EXCEPTION)
