"""The check `policy`: nothing passes that a policy was not shown to refuse, and nothing is judged silently."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from aurora.checks.policy import PolicyCheck
from aurora.errors import ToolMissingError, ToolOutputError
from aurora.model.finding import Severity
from aurora.model.json_value import JsonObject
from aurora.model.report import CheckResult
from aurora.tools.settings import Settings
from checks.fake_kyverno import judging
from checks.policy_cases import POD_RULE, inventory, pod, policy, policy_spec
from tools.fake_engine import lying

Run = Callable[..., CheckResult]


def no_tool(name: str) -> Path:
    raise ToolMissingError(f"`{name}` is not installed")


def settings(folder: Path, **changes: object) -> Settings:
    workspace = Path(tempfile.mkdtemp(dir=folder))
    return Settings(cache=folder, workspace=workspace, **{"timeout": 30.0, **changes})  # type: ignore[arg-type]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Judges documents with a program that finds exactly the planted objects wrong."""

    def judge(*documents: str, lie: str = "", **changes: object) -> CheckResult:
        program = judging(tmp_path, lie=lie)
        return PolicyCheck(lambda name: program, engine="cli").run(inventory(*documents), settings(tmp_path, **changes))

    return judge


def rules(result: CheckResult) -> list[str]:
    return [finding.rule for finding in result.findings]


def test_without_policies_nothing_runs_and_the_result_says_so(tmp_path: Path) -> None:
    result = PolicyCheck(no_tool).run(inventory(pod("a")), settings(tmp_path))
    assert (result.examined, result.matched, result.note) == (0, 0, "no policies were given")


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (policy("other", kind="GeneratingPolicy"), "`other` (GeneratingPolicy)"),
        (policy("other", kind="MutatingPolicy"), "`other` (MutatingPolicy)"),
        (policy("other", kind="NamespacedValidatingPolicy"), "`other` (NamespacedValidatingPolicy)"),
        ("{apiVersion: kyverno.io/v1, kind: Policy, metadata: {name: other}}", "`other` (Policy)"),
        (
            "{apiVersion: kyverno.io/v1, kind: ClusterPolicy, metadata: {name: other}, spec: {rules: [RULE]}}".replace(
                "RULE", "{name: a, generate: {a: b}}"
            ),
            "`other` (its rule `a` generates)",
        ),
        (policy("other", policy_spec() | {"evaluation": {"mode": "JSON"}}), "`other` (it judges JSON payloads)"),
        (
            policy("other", policy_spec(rules=[POD_RULE | {"operations": ["DELETE"]}])),
            "`other` (it does not judge CREATE)",
        ),
        (
            policy("other", policy_spec() | {"variables": [{"name": "x", "expression": "resource.Get('v1', 'x')"}]}),
            "`other` (it asks for more than the object)",
        ),
    ],
)
def test_a_policy_that_cannot_judge_manifests_is_skipped_and_named(tmp_path: Path, document: str, reason: str) -> None:
    result = PolicyCheck(no_tool).run(inventory(document, pod("a")), settings(tmp_path))
    assert (result.skipped, result.matched, result.planted) == (1, 0, 0)
    assert result.note == f"not judged: {reason}"


def test_judging_without_kyverno_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolMissingError):
        PolicyCheck(no_tool).run(inventory(policy("demand"), pod("a")), settings(tmp_path))


def test_clean_objects_pass_once_every_policy_caught_what_was_planted_on_each_route(run: Run) -> None:
    result = run(policy("first"), policy("second"), pod("a"), pod("b"), pod("c", "other"))
    assert result.findings == ()
    assert (result.examined, result.matched) == (5, 3)
    assert (result.planted, result.caught) == (4, 4)
    assert result.tool is not None
    assert result.tool.name == "kyverno"


def test_a_violation_of_a_policy_that_refuses_is_an_error_at_the_container_that_the_message_names(run: Run) -> None:
    result = run(
        policy("demand", policy_spec() | {"validationActions": ["Deny"]}, annotations={"fake": "fail"}), pod("a")
    )
    (finding,) = result.findings
    assert finding.rule == "policy/demand"
    assert finding.severity is Severity.ERROR
    assert finding.pointer == "/spec/containers/0"
    assert finding.message == "container app is wrong"
    assert finding.hint == "the policy is at `generated/input.yaml:1:1`"
    assert result.would_be_refused == 0


def test_a_violation_that_the_cluster_only_records_is_a_warning_and_counts(run: Run) -> None:
    demand, other = (policy(name, annotations={"fake": "fail"}) for name in ("demand", "other"))
    result = run(demand, other, pod("a"))
    assert [(found.rule, found.severity) for found in result.findings] == [
        ("policy/demand", Severity.WARNING),
        ("policy/other", Severity.WARNING),
    ]
    assert result.findings[0].hint == (
        "the policy is at `generated/input.yaml:1:1`; the cluster only records this violation so far"
    )
    assert result.would_be_refused == 1


@pytest.mark.parametrize("result", ["error", "warn"])
def test_a_policy_that_cannot_decide_is_a_finding_and_no_second_one(run: Run, result: str) -> None:
    assert rules(run(policy("demand", annotations={"fake": result}), pod("a"))) == ["policy/error"]


def test_a_policy_that_passes_everything_is_unproved(run: Run) -> None:
    result = run(policy("demand", annotations={"fake": "pass"}), policy("proved"), pod("a"))
    (finding,) = result.findings
    assert finding.rule == "policy/unproved"
    assert "`demand`" in finding.message
    assert "Pod in `aurora`" in finding.message
    assert (result.planted, result.caught) == (2, 1)


def test_a_skip_needs_a_condition_that_explains_it(run: Run) -> None:
    with pytest.raises(ToolOutputError, match="skipped `Pod aurora/a` under `demand`, which has no conditions"):
        run(policy("demand", annotations={"fake": "skip"}), pod("a"))


def test_objects_that_a_condition_skips_need_no_proof_and_did_not_match(run: Run) -> None:
    spec = policy_spec() | {"matchConditions": [{"name": "never", "expression": "false"}]}
    result = run(policy("demand", spec, annotations={"fake": "skip"}), pod("a"))
    assert (result.findings, result.matched, result.planted) == ((), 0, 0)
    assert result.note == "conditions skipped every object: `demand`"


def test_a_policy_that_no_object_meets_is_named(run: Run) -> None:
    result = run(policy("demand"), "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}}")
    assert (result.note, result.planted, result.caught) == ("met no object: `demand`", 1, 1)


@pytest.mark.parametrize(
    ("lie", "message"), [("forget", "said nothing about"), ("pass-planted", "the planted violation")]
)
def test_a_kyverno_that_lies_ends_the_run(run: Run, lie: str, message: str) -> None:
    with pytest.raises(ToolOutputError, match=message):
        run(policy("demand"), pod("a"), lie=lie)


def test_each_shard_has_planted_violations_of_its_own_and_ends_with_one(run: Run, tmp_path: Path) -> None:
    pods = [pod(f"pod-{number:03}") for number in range(80)]
    result = run(policy("demand"), *pods, parallel=2)
    assert (result.matched, result.planted, result.caught) == (80, 2, 2)
    runs = sorted(tmp_path.glob("*/*/objects.yaml"))
    assert len(runs) == 2
    for objects in runs:
        documents = objects.read_text().split("---\n")
        assert "aurora-planted" in documents[-1]
        assert sum("aurora-planted" in document for document in documents) == 1


def test_only_objects_that_a_policy_matches_reach_kyverno(run: Run, tmp_path: Path) -> None:
    selector: JsonObject = {"matchLabels": {"kubernetes.io/metadata.name": "aurora"}}
    run(
        policy("demand", policy_spec(namespaceSelector=selector)),
        pod("here"),
        pod("elsewhere", "other"),
        "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: aurora}}",
    )
    (objects,) = tmp_path.glob("*/*/objects.yaml")
    assert "here" in objects.read_text()
    assert "elsewhere" not in objects.read_text()
    assert "kind: Service\n" not in objects.read_text()


def test_namespaces_are_handed_over_with_their_own_labels(run: Run, tmp_path: Path) -> None:
    namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: aurora, labels: {tier: gold}}}"
    run(policy("demand", policy_spec(namespaceSelector={"matchLabels": {"tier": "gold"}})), namespace, pod("a"))
    (values,) = tmp_path.glob("*/*/values.yaml")
    assert "tier: gold" in values.read_text()
    assert "kubernetes.io/metadata.name: aurora" in values.read_text()


def test_what_softens_a_policy_is_not_handed_over(run: Run, tmp_path: Path) -> None:
    softened = policy_spec() | {"failurePolicy": "Ignore"}
    run(policy("demand", softened, annotations={"policies.kyverno.io/scored": "false", "kept": "yes"}), pod("a"))
    (text,) = [path.read_text() for path in tmp_path.glob("*/*/policy-0.yaml")]
    assert "failurePolicy: Fail" in text
    assert "scored" not in text
    assert "kept" in text


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ((policy("demand"), policy("demand", kind="ValidatingPolicy")), "a second policy is called `demand`"),
        ((policy("aurora-sentinel"),), "the policy's name `aurora-sentinel` is reserved"),
        ((policy("unproved"),), "the policy's name `unproved` is reserved"),
        ((policy("demand", {"validations": []}),), "has no `matchConstraints.resourceRules`"),
    ],
    ids=["twice", "sentinel", "rule", "no rules"],
)
def test_a_policy_that_cannot_be_told_apart_or_matches_nothing_is_invalid(
    run: Run, documents: tuple[str, ...], message: str
) -> None:
    result = run(*documents, pod("a"))
    (finding,) = result.findings
    assert finding.rule == "policy/invalid"
    assert message in finding.message


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (pod("aurora-planted-1"), "names that begin with `aurora-planted` are reserved"),
        (pod("a", "default") + "---\n{apiVersion: v1, kind: Pod, metadata: {name: a}}", "the same object as the one"),
        ("{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: y}, items: []}", "cannot judge a list"),
    ],
    ids=["reserved name", "same object", "list"],
)
def test_what_kyverno_cannot_take_is_a_finding_and_the_rest_is_judged(run: Run, document: str, message: str) -> None:
    result = run(policy("demand"), pod("good"), *document.split("---\n"))
    (finding,) = result.findings
    assert finding.rule == "policy/error"
    assert message in finding.message
    assert result.matched >= 1


def test_a_kind_that_kyverno_takes_for_another_leaves_the_policy_unproved(run: Run) -> None:
    rule = POD_RULE | {"apiGroups": ["gateway.networking.k8s.io"], "resources": ["gateways"]}
    gateway = "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a, namespace: aurora}}"
    names = "{kind: Gateway, plural: gateways}"
    spec = f"{{group: gateway.networking.k8s.io, scope: Namespaced, names: {names}}}"
    crd = (
        f"{{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {{name: x}}, spec: {spec}}}"
    )
    judged = run(policy("demand", policy_spec(rules=[rule]), annotations={"fake": "silent"}), gateway, crd)
    (finding,) = judged.findings
    assert finding.rule == "policy/unproved"
    assert "Gateway" in finding.message


def test_policies_in_files_judge_too_and_broken_files_are_findings(run: Run, tmp_path: Path) -> None:
    (tmp_path / "demand.yaml").write_text(policy("demand", annotations={"fake": "fail"}))
    (tmp_path / "broken.yaml").write_text("a: [\n")
    result = run(pod("a"), policies=(tmp_path / "demand.yaml", tmp_path / "broken.yaml"))
    assert rules(result) == ["yaml/broken", "policy/demand"]


def test_the_engine_judges_without_the_command_line(tmp_path: Path) -> None:
    program = lying(tmp_path, "unjudged")
    asked: list[str] = []

    def locate(name: str) -> Path:
        asked.append(name)
        return program

    result = PolicyCheck(locate).run(inventory(policy("demand"), pod("app")), settings(tmp_path))
    assert asked == ["policy-engine"]
    assert rules(result) == ["policy/unjudged"]
    assert "no policy has a verdict on Pod aurora/app: no verdict in time" in result.findings[0].message
    assert (result.matched, result.planted, result.caught) == (0, 0, 0)


def test_a_policy_that_the_engine_refuses_is_a_finding_at_the_field_that_it_blames(tmp_path: Path) -> None:
    program = lying(tmp_path, "refuse")
    result = PolicyCheck(lambda _: program).run(inventory(policy("demand"), pod("app")), settings(tmp_path))
    (finding,) = result.findings
    assert (finding.rule, finding.pointer) == ("policy/invalid", "/spec/validations")
    assert finding.message == "Kyverno does not load this policy: no"
    assert result.matched == 0


def test_an_exception_from_a_policy_that_judges_is_an_error_and_one_from_another_is_not(run: Run) -> None:
    exception = """\
apiVersion: policies.kyverno.io/v1
kind: PolicyException
metadata: {name: spared, namespace: aurora}
spec: {policyRefs: [{name: elsewhere, kind: ValidatingPolicy}, {name: demand, kind: ValidatingPolicy}]}
"""
    result = run(policy("demand"), pod("a"), exception)
    (finding,) = result.findings
    assert (finding.rule, finding.pointer) == ("policy/exception", "/spec/policyRefs/1")
    assert result.matched == 1


def test_a_namespace_that_is_not_described_leaves_its_objects_unjudged_where_labels_decide(run: Run) -> None:
    selector: JsonObject = {"matchLabels": {"tier": "gold"}}
    by_label = policy("by-label", policy_spec(namespaceSelector=selector), annotations={"fake": "silent"})
    documents = [by_label, policy("any"), pod("a")]
    result = run(*documents)
    (finding,) = result.findings
    assert finding.rule == "policy/unjudged"
    assert finding.message.startswith("no verdict of `by-label` on Pod aurora/a: the namespace `aurora` is not among")
    assert run(*documents, "{apiVersion: v1, kind: Namespace, metadata: {name: aurora}}").findings == ()


def test_a_verdict_that_rests_on_a_namespace_that_is_not_described_is_dropped(run: Run) -> None:
    selector: JsonObject = {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["gold"]}]}
    result = run(policy("demand", policy_spec(namespaceSelector=selector), annotations={"fake": "fail"}), pod("a"))
    assert (rules(result), result.matched) == (["policy/unjudged"], 0)
