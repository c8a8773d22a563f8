"""ClusterPolicies of a repository of one's own are judged as Kyverno's command line judges them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from aurora import manifests
from aurora.checks.policy import PolicyCheck
from aurora.model.finding import Severity
from aurora.model.json_value import JsonObject
from aurora.model.manifest import Manifest
from aurora.model.report import CheckResult
from aurora.policies import cluster_policies
from aurora.policies.cluster_policies import ClusterRules
from aurora.policies.judging import JUDGES
from aurora.policies.matching import Subject
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings
from checks.policy_cases import inventory, pod
from commands.command_line import CommandLine

PODS: JsonObject = {"any": [{"resources": {"kinds": ["Pod"]}}]}
VERSION: JsonObject = {"message": "no `latest`", "pattern": {"spec": {"containers": [{"image": "!*:latest"}]}}}
SERVER = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: server, namespace: aurora}
spec:
  selector: {matchLabels: {app: server}}
  template:
    metadata: {labels: {app: server}}
    spec:
      containers:
        - name: server
          image: registry.example.com/server:latest
"""


def rule(name: str = "version", changed: JsonObject | None = None, **parts: object) -> JsonObject:
    body: dict[str, object] = {"name": name, "match": PODS, "validate": VERSION, **(changed or {}), **parts}
    return json.loads(json.dumps(body))  # type: ignore[no-any-return]


def policy(*rules: JsonObject, name: str = "images") -> str:
    body = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": name}}
    return json.dumps({**body, "spec": {"rules": list(rules)}})


def read(text: str) -> Manifest:
    (found,) = manifests.read(text.encode(), "policy.yaml").manifests
    return found


@pytest.fixture
def both(tmp_path: Path, real_toolbox: Toolbox) -> Callable[..., CheckResult]:
    def judge(engine: str, *documents: str) -> CheckResult:
        workspace = Path(tempfile.mkdtemp(dir=tmp_path))
        settings = Settings(cache=tmp_path, workspace=workspace, timeout=60.0)
        return PolicyCheck(real_toolbox.locate, engine=engine).run(inventory(*documents), settings)

    def run(*documents: str) -> CheckResult:
        engine, command_line = (judge(name, *documents) for name in JUDGES)
        assert engine.findings == command_line.findings
        return engine

    return run


@pytest.mark.real_tools
class TestJudging:
    def test_a_pattern_that_fails_is_found_at_its_path(self, both: Callable[..., CheckResult]) -> None:
        result = both(policy(rule()), SERVER, pod("sound"))
        (found,) = result.findings
        assert (found.rule, found.pointer) == ("policy/images", "/spec/template/spec/containers/0/image")
        assert "rule autogen-version failed" in found.message
        assert result.caught

    def test_each_rule_refuses_or_records_as_it_says_also_in_its_copy_for_controllers(
        self, both: Callable[..., CheckResult]
    ) -> None:
        enforced = VERSION | {"failureAction": "Enforce"}
        team: JsonObject = {"message": "name the team", "pattern": {"metadata": {"labels": {"team": "?*"}}}}
        result = both(policy(rule(validate=enforced), rule("team", validate=team)), SERVER)
        said = {found.severity: found.message for found in result.findings}
        assert "autogen-version" in said[Severity.ERROR]
        assert "name the team" in said[Severity.WARNING]
        assert result.would_be_refused == 1

    def test_every_rule_of_a_policy_has_a_verdict_of_its_own(self, both: Callable[..., CheckResult]) -> None:
        named: JsonObject = {"message": "name the team", "pattern": {"metadata": {"labels": {"team": "?*"}}}}
        result = both(policy(rule(), rule("team", validate=named)), SERVER)
        assert {finding.message.split(".")[0].rpartition(": ")[2] for finding in result.findings} == {
            "no `latest`",
            "name the team",
        }

    def test_what_is_left_out_of_a_policy_is_said_and_the_rest_is_judged(
        self, both: Callable[..., CheckResult]
    ) -> None:
        calls = rule("calls", context=[{"name": "pods", "apiCall": {"urlPath": "/api/v1/pods"}}])
        result = both(policy(rule(), calls), SERVER)
        assert [finding.rule for finding in result.findings] == ["policy/images"]
        assert result.note == "not judged: `images` (its rule `calls` calls an API)"

    def test_objects_that_a_rule_excludes_have_no_verdict(self, both: Callable[..., CheckResult]) -> None:
        result = both(policy(rule(exclude={"any": [{"resources": {"names": ["server*"]}}]})), SERVER)
        assert [finding.rule for finding in result.findings if "server" in str(finding.resource)] == []

    def test_a_policy_that_no_planted_object_violates_is_a_warning(self, both: Callable[..., CheckResult]) -> None:
        forbidden: JsonObject = {"message": "not this one", "pattern": {"metadata": {"name": "!tiller"}}}
        (found,) = both(policy(rule(validate=forbidden)), pod("a")).findings
        assert (found.rule, found.severity.value) == ("policy/unproved", "warning")

    def test_an_admission_policy_that_is_named_judges_with_its_binding_and_parameter(self, aurora: CommandLine) -> None:
        group = "apiVersion: admissionregistration.k8s.io/v1"
        constraints = (
            "{resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]}"
        )
        aurora.write(
            "named/policies.yaml",
            f"""\
{group}
kind: ValidatingAdmissionPolicy
metadata: {{name: few}}
spec:
  paramKind: {{apiVersion: v1, kind: ConfigMap}}
  matchConstraints: {constraints}
  validations: [{{expression: "object.spec.replicas <= int(params.data.most)", message: too many}}]
---
{group}
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: few}}
spec:
  policyName: few
  validationActions: [Deny]
  paramRef: {{name: few, namespace: aurora, parameterNotFoundAction: Deny}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: few, namespace: aurora}}
data: {{most: "0"}}
---
{group}
kind: ValidatingAdmissionPolicy
metadata: {{name: idle}}
spec:
  matchConstraints: {constraints}
  validations: [{{expression: "false"}}]
""",
        )
        aurora.write(
            "named/.tests/assert.yaml", "{apiVersion: kyverno.io/v1, kind: ClusterPolicy, metadata: {name: a}}"
        )
        aurora.write("input.yaml", SERVER)
        options = ("--policies", "named", "--only", "server", "--only", "policy", "--format", "json")
        found = json.loads(aurora("validate", "input.yaml", *options).out)["findings"]
        said = {(entry["rule"], entry["resource"]["name"]) for entry in found if entry["severity"] != "note"}
        assert ("server/admission-denied", "server") in said
        assert ("policy/not-judged", "idle") in said
        assert not [name for _, name in said if name == "a"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"validate": None, "mutate": {"patchStrategicMerge": {}}}, "mutates"),
        ({"validate": None, "generate": {"kind": "ConfigMap"}}, "generates"),
        ({"validate": None, "verifyImages": [{}]}, "verifies images"),
        ({"context": [{"name": "a", "configMap": {"name": "b"}}]}, "reads a ConfigMap of the cluster"),
        (
            {"validate": {"foreach": [{"list": "a", "context": [{"name": "a", "imageRegistry": {"reference": "b"}}]}]}},
            "asks a registry",
        ),
        ({"validate": {"cel": {"paramKind": {"kind": "ConfigMap"}}}}, "takes parameters from the cluster"),
        ({"validate": {"manifests": {"attestors": []}}}, "verifies signatures"),
        ({"match": {"any": [{"subjects": [{"kind": "User"}]}]}}, "matches by who makes the request"),
        ({"preconditions": {"all": [{"key": "{{ serviceAccountName }}"}]}}, "asks who makes the request"),
        ({"match": {"resources": {"kinds": ["Pod"], "operations": ["DELETE"]}}}, "does not judge CREATE"),
    ],
)
def test_a_rule_that_needs_more_than_the_object_is_not_judged(changed: JsonObject, reason: str) -> None:
    kept, said = cluster_policies.parts(read(policy(rule(changed=changed))))
    assert (kept, said) == ((), (f"its rule `version` {reason}",))


@pytest.mark.parametrize(
    "changed",
    [
        {"context": [{"name": "a", "variable": {"value": 1}}]},
        {"exclude": {"any": [{"clusterRoles": ["cluster-admin"]}]}},
        {"preconditions": {"all": [{"key": "{{ request.object.spec.serviceAccountName }}"}]}},
        {"validate": {"message": "the field serviceAccountName is missing", "deny": {}}},
        {"match": {"resources": {"kinds": ["Pod"], "operations": ["CREATE"]}}},
    ],
)
def test_a_rule_that_looks_like_one_is_judged(changed: JsonObject) -> None:
    kept, said = cluster_policies.parts(read(policy(rule(changed=changed))))
    assert (len(kept), said) == (1, ())


def test_rules_beside_one_that_mutates_are_not_judged_by_what_is_written() -> None:
    kept, said = cluster_policies.parts(read(policy(rule(), rule("label", validate=None, mutate={"a": "b"}))))
    assert (kept, said[-1]) == ((), "its other rules judge what that makes of an object")


@pytest.mark.parametrize(
    ("kinds", "about"),
    [
        ("Pod", True),
        ("v1/Pod", True),
        ("*", True),
        ("*/*", True),
        ("Po?", True),
        ("/v1/Pod", True),
        ("apps/v1/Pod", False),
        ("v2/Pod", False),
        ("Pod/exec", False),
        ("Pod.exec", False),
        ("PodTemplate", False),
    ],
)
def test_the_notation_of_kinds_is_read_as_kyverno_reads_it(kinds: str, *, about: bool) -> None:
    rules = ClusterRules((rule(match={"any": [{"resources": {"kinds": [kinds]}}]}),))
    assert rules.about("", "v1", "Pod", "pods") is about


@pytest.mark.parametrize(
    ("selector", "asks"),
    [
        ({"matchLabels": {"tier": "gpu"}}, True),
        ({"matchLabels": {"kubernetes.io/metadata.name": "a"}}, False),
        ({}, False),
    ],
)
def test_only_a_selector_of_labels_needs_to_know_the_namespace(selector: JsonObject, *, asks: bool) -> None:
    subject = Subject(
        group="", version="v1", resource="pods", namespace="a", name="b", labels={}, namespace_labels={}, kind="Pod"
    )
    rules = ClusterRules((rule(exclude={"any": [{"resources": {"namespaceSelector": selector}}]}),))
    assert rules.asks_labels(subject) is asks
