"""The rules of `aurora test`: everything that Kyverno's own test command lets through, and what it never asks.

An example is a stream: the test, its policy, its objects. Must not look at anything.
"""

from __future__ import annotations

from aurora.model.finding import Severity
from aurora.model.rule import Rule

_POLICY = """\
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: example}
spec:
  validationActions: [Audit]
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}
  validations: [{expression: has(object.data), message: hold something}]
"""
_FULL = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: full, namespace: team}\ndata: {a: b}\n"
_BARE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bare, namespace: team}\n"
_ACCEPTED = "  - {policy: example, isValidatingPolicy: true, kind: ConfigMap, resources: [full], result: pass}\n"
_REFUSED = "  - {policy: example, isValidatingPolicy: true, kind: ConfigMap, resources: [bare], result: fail}\n"
_HEAD = """\
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: example}
policies: [policy.yaml]
resources: [resources.yaml]
"""


def _stream(
    *,
    results: str = _ACCEPTED + _REFUSED,
    policy: str = _POLICY,
    objects: str = f"{_FULL}---\n{_BARE}",
    head: str = _HEAD,
) -> str:
    return f"{head}results:\n{results}---\n{policy}---\n{objects}"


_GOOD = _stream()


def _rule(name: str, summary: str, why: str, bad: str, *, severity: Severity = Severity.ERROR) -> Rule:
    return Rule(id=f"test/{name}", severity=severity, summary=summary, why=why, bad=bad, good=_GOOD)


BROKEN = _rule(
    "broken",
    "a test that cannot be read or expects nothing",
    "Kyverno takes a test without results for a success, so that deleting them makes it green.",
    _GOOD.replace(f"results:\n{_ACCEPTED}{_REFUSED}", "results: []\n"),
)
MISSING_FILE = _rule(
    "missing-file",
    "a test that names a file that is missing or holds no object",
    "Kyverno goes on without the objects of such a file, and what is expected of them is proved by nothing.",
    _stream(head=_HEAD.replace("[resources.yaml]", "[resources.yaml, more.yaml]")),
)
POLICY_FILE = _rule(
    "policy-file",
    "a file of a policy that holds anything else, or no policy",
    "Kyverno drops a whole file for one document that it does not know, and a second policy is tested by nobody.",
    _stream(policy=_POLICY + "---\n" + _POLICY.replace("name: example", "name: another")),
)
SAME_NAME = _rule(
    "same-name",
    "two policies of one name in one test",
    "The verdicts of one satisfy what is expected of the other, even if that one matches nothing.",
    _stream(policy=_POLICY + "---\n" + _POLICY),
)
REFUSED = _rule(
    "refused-policy",
    "a policy that Kyverno does not load",
    "An unknown field or a broken expression keeps a policy out of the cluster, where nobody then notices its absence.",
    _stream(policy=_POLICY.replace("validationActions", "validationAction")),
)
OBJECTS = _rule(
    "unusable-objects",
    "objects that Kyverno loses: in a list, twice, or unreadable",
    "Kyverno drops the second of two equal objects and ends in a panic on a list; neither is then judged.",
    _stream(objects=f"{_FULL}---\n{_BARE}---\n{_BARE}"),
)
UNKNOWN = _rule(
    "unknown-name",
    "a result that names a policy, rule, kind or object that does not exist",
    "For a name that it does not know, Kyverno takes every object or calls it excluded, and both count as passed.",
    _stream(results=_ACCEPTED + _REFUSED + _REFUSED.replace("[bare]", "[bear]")),
)
UNPROVED = _rule(
    "unproved",
    "an expected verdict that Kyverno did not give",
    "`Excluded` and `Invalid Policy` count as passed, although the rule said nothing about the object.",
    _stream(policy=_POLICY.replace("[configmaps]", "[configmap]")),
)
FAILED = _rule(
    "failed",
    "a verdict that is not the expected one",
    "Either the policy does not do what its author meant, or the test asks for the wrong thing.",
    _stream(policy=_POLICY.replace("has(object.data)", "1 == 1")),
)
ONE_SIDED = _rule(
    "one-sided",
    "a rule without a failing or without a passing case",
    "A rule that refuses nothing, or everything, passes a test that asks for one of the two only.",
    _stream(results=_ACCEPTED, objects=_FULL),
)
UNTESTED = _rule(
    "untested",
    "an object of a test, or a policy, of which nothing is expected",
    "A case that nobody asks for is a removed one: the test stays green whatever the policy says of it.",
    _stream(objects=f"{_FULL}---\n{_BARE}---\n{_BARE.replace('bare', 'other')}"),
)
NOT_RUN = _rule(
    "not-run",
    "a test that Kyverno did not finish",
    "A test that did not run has proved nothing, whatever stands in it.",
    _stream(head=f"{_HEAD}values: {{namespace: team}}\n"),
)

_GENERATING = """\
apiVersion: policies.kyverno.io/v1
kind: GeneratingPolicy
metadata: {name: example}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [namespaces], resourceNames: [team]}
  variables:
    - name: closed
      expression: >-
        {"apiVersion": dyn("networking.k8s.io/v1"), "kind": dyn("NetworkPolicy"),
         "metadata": dyn({"name": "closed", "namespace": object.metadata.name}),
         "spec": dyn({"podSelector": dyn({}), "policyTypes": dyn(["Ingress"])})}
  generate:
    - expression: generator.Apply(object.metadata.name, [variables.closed])
"""
_CLOSED = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: team}
spec: {podSelector: {}, policyTypes: [Ingress]}
"""
_TEAM = "apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n"
_GENERATED_GOOD = _stream(
    results=(
        "  - {policy: example, isGeneratingPolicy: true, kind: Namespace, resources: [team],\n"
        "     generatedResource: generated.yaml, result: pass}\n"
    ),
    policy=_GENERATING,
    objects=f"{_TEAM}---\n{_TEAM.replace('team', 'other')}---\n{_CLOSED}",
)
GENERATED = Rule(
    id="test/generated",
    severity=Severity.ERROR,
    summary="an expected object that is not the generated one",
    why=(
        "Kyverno leaves out empty maps before it compares, so an expected NetworkPolicy that allows everything, "
        "`ingress: [{}]`, equals a generated one that allows nothing."
    ),
    bad=_GENERATED_GOOD.replace("spec: {podSelector", "spec: {ingress: [{}], podSelector"),
    good=_GENERATED_GOOD,
)

MEETS_NOTHING = Rule(
    id="test/meets-nothing",
    severity=Severity.WARNING,
    summary="a policy that meets no object of any environment",
    why="It may guard what is still to come, or a wrong namespace or kind may have taken all its objects away.",
    bad=f"{_POLICY}---\n{_TEAM}",
    good=f"{_POLICY}---\n{_FULL}",
)

_LATEST = """\
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: disallow-latest-tag}
spec:
  validationActions: [Audit]
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}
  validations:
    - expression: object.spec.containers.all(c, c.image.contains(":") && !c.image.contains(":latest"))
      message: name a fixed tag
    - expression: object.spec.?volumes.orValue([]).all(v, !has(v.image) || !v.image.reference.endsWith(":latest"))
      message: name a fixed tag
"""
_OLDER = _LATEST.replace('c.image.contains(":latest")', 'c.image.contains(":older")')
_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: server, namespace: team}
spec:
  containers: [{name: server, image: "registry.example.com/server:1.0.0"}]
"""
SURVIVED = Rule(
    id="test/mutant-survived",
    severity=Severity.ERROR,
    summary="a broken copy of a real object that a policy accepts",
    why="The policy's own cases were not enough: this very object can be broken in a way that the policy must refuse.",
    bad=f"{_OLDER}---\n{_POD}",
    good=f"{_LATEST}---\n{_POD}",
)
NO_MUTANT = Rule(
    id="test/no-mutant",
    severity=Severity.WARNING,
    summary="a bound policy of which no mutant of a real object was made",
    why="Only its own cases say that it works; on the platform's real objects it was never seen to refuse anything.",
    bad=f"{_POLICY}---\n{_FULL}",
    good=f"{_LATEST}---\n{_POD}",
)

RULES = (
    BROKEN,
    MISSING_FILE,
    POLICY_FILE,
    SAME_NAME,
    REFUSED,
    OBJECTS,
    UNKNOWN,
    UNPROVED,
    FAILED,
    ONE_SIDED,
    UNTESTED,
    NOT_RUN,
    GENERATED,
    MEETS_NOTHING,
    SURVIVED,
    NO_MUTANT,
)
