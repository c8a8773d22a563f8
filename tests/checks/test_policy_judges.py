"""The policy engine and Kyverno's command line find the same in the same words, and pass nothing that is broken."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from aurora import rule_texts
from aurora.checks.policy import PolicyCheck
from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.report import CheckResult
from aurora.model.rule import Rule
from aurora.policies.judging import JUDGES
from aurora.policies.rules import NOT_JUDGED, RULES
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings
from aurora.yamlio.writing import dump
from checks.policy_cases import POD_RULE, inventory, pod, policy, policy_spec
from commands.command_line import CommandLine

pytestmark = pytest.mark.real_tools
Judge = Callable[..., CheckResult]


def asking(expression: str, **changes: JsonValue) -> JsonObject:
    return policy_spec() | {"validations": [{"expression": expression, "message": "no"}]} | changes


NESTED = "object.spec.containers.all({}, {})"
COSTLY = "a.name + b.name + c.name + d.name + e.name + f.name + g.name + h.name != 'x'"
for _name in "hgfedcba":
    COSTLY = NESTED.format(_name, COSTLY)
LONG = " && ".join(["object.spec.containers.all(c, c.name != 'planted')"] * 600)
SOUND = asking("has(object.spec.x)")
DENYING: JsonObject = {"validationActions": ["Deny"]}
"""A policy that only records is broken with a warning, and no error."""
CREW: JsonObject = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "crew", "namespace": "aurora"},
    "spec": {"containers": [{"name": f"c{number}", "image": "registry.example.com/c:1"} for number in range(12)]},
}

FALSE: Sequence[JsonValue] = [{"expression": "false", "message": "no"}]
RACK = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: racks.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Rack, listKind: RackList, plural: racks, singular: rack}
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
"""

# The spec of a policy that is not loaded, what is blamed, and the words.
REFUSED: dict[str, tuple[JsonObject, str, str]] = {
    "unknown-field": (policy_spec() | {"bogus": 1}, "/spec/bogus", "value provided for unknown field"),
    "bad-value": (
        policy_spec() | {"validationActions": ["Nope"]},
        "/spec/validationActions/0",
        'Unsupported value: "Nope"',
    ),
    "no-list": (policy_spec() | {"validations": "x"}, "/spec/validations", "must be of type array"),
    "no-syntax": (asking("object."), "/spec/validations/0/expression", "Syntax error"),
    "no-boolean": (asking("1 + 1"), "/spec/validations/0/expression", "does not compile: output is expected to be"),
    "no-variable": (
        asking("true", variables=[{"name": "a", "expression": "1"}, {"name": "b", "expression": "nowhere.a"}]),
        "/spec/variables/1/expression",
        "undeclared reference to 'nowhere' (in container '') (its line 1, column 1)",
    ),
    "no-condition": (
        asking("true", matchConditions=[{"name": "a", "expression": "object.a =="}]),
        "/spec/matchConditions/0/expression",
        "mismatched input",
    ),
    "no-message": (
        policy_spec() | {"validations": [{"expression": "false", "messageExpression": "1"}]},
        "/spec/validations/0/messageExpression",
        "output is expected to be of type string",
    ),
    "too-long": (
        asking(" && ".join([LONG] * 4)),
        "/spec/validations/0/expression",
        "does not compile: expression code point size exceeds limit: size: 129596, limit 100000",
    ),
    "no-validation": (policy_spec() | {"validations": []}, "/metadata/name", "so that it refuses nothing"),
    "no-controller": (policy_spec(controllers=["rollouts"]), "/metadata/name", "knows the controller `rollouts`"),
}


@pytest.fixture
def judges(tmp_path: Path, real_toolbox: Toolbox) -> dict[str, Judge]:
    def judge(engine: str) -> Judge:
        def run(*documents: str, **changes: object) -> CheckResult:
            workspace = Path(tempfile.mkdtemp(dir=tmp_path))
            values = {"cache": tmp_path, "workspace": workspace, "timeout": 60.0, **changes}
            check = PolicyCheck(real_toolbox.locate, engine=engine)
            return check.run(inventory(*documents), Settings(**values))  # type: ignore[arg-type]

        return run

    return {engine: judge(engine) for engine in JUDGES}


def rules(result: CheckResult) -> list[str]:
    return [finding.rule for finding in result.findings]


def test_each_judge_says_who_it_is(judges: dict[str, Judge]) -> None:
    tools = {name: judge(policy("sound", SOUND), pod("a")).tool for name, judge in judges.items()}
    assert {name: str(tool.name) for name, tool in tools.items() if tool} == {
        "engine": "policy-engine, Kyverno",
        "cli": "kyverno",
    }


def both(judges: dict[str, Judge], *documents: str) -> CheckResult:
    """Let both judge, and give what the engine found once the command line found the same."""
    engine, cli = (judges[name](*documents) for name in JUDGES)
    assert engine.findings == cli.findings
    counts = [(found.examined, found.matched, found.planted, found.caught, found.note) for found in (engine, cli)]
    assert counts[0] == counts[1]
    return engine


def test_both_judges_refuse_the_same_at_the_same_places_in_the_same_words(judges: dict[str, Judge]) -> None:
    result = both(judges, *(policy(name, spec) for name, (spec, _, _) in REFUSED.items()), pod("a"))
    found = {finding.resource.name: finding for finding in result.findings if finding.resource}
    assert found.keys() == REFUSED.keys()
    for name, (_, pointer, words) in REFUSED.items():
        assert (found[name].rule, found[name].pointer) == ("policy/invalid", pointer)
        assert words in found[name].message
        assert len(found[name].message) < 600
    assert (result.matched, result.caught) == (0, 0)


def test_both_judges_find_the_same_undecided_where_an_expression_costs_too_much(judges: dict[str, Judge]) -> None:
    documents = [policy("sound", SOUND), policy("costly", asking(COSTLY))]
    documents += [policy("undecided", asking("object.spec.absent == 1")), pod("a"), dump(CREW)]
    found = both(judges, *documents).findings
    (costly,) = [finding for finding in found if "actual cost limit exceeded" in finding.message]
    assert "nest fewer loops" in (costly.hint or "")
    assert sorted((finding.rule, str(finding.resource)) for finding in found) == [
        ("policy/error", "Pod aurora/a"),
        ("policy/error", "Pod aurora/crew"),
        ("policy/error", "Pod aurora/crew"),
        ("policy/sound", "Pod aurora/a"),
        ("policy/sound", "Pod aurora/crew"),
        ("policy/unproved", "ValidatingPolicy costly"),
    ]


def test_an_expression_of_30_kilobytes_judges(judges: dict[str, Judge]) -> None:
    result = judges["engine"](policy("long", asking(LONG)), pod("a"))
    assert (result.findings, result.matched, result.planted, result.caught) == ((), 1, 1, 1)


@pytest.mark.parametrize("name", REFUSED)
def test_a_policy_that_is_not_loaded_passes_nothing(name: str, judges: dict[str, Judge]) -> None:
    result = judges["engine"](policy(name, REFUSED[name][0]), pod("a"))
    assert rules(result) == ["policy/invalid"]
    assert (result.matched, result.planted, result.caught) == (0, 0, 0)


@pytest.mark.parametrize("engine", JUDGES)
class TestEitherJudge:
    """What only a real program can show."""

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
    def test_the_examples_of_each_rule_are_true(self, engine: str, rule: Rule, judges: dict[str, Judge]) -> None:
        if rule is NOT_JUDGED:
            return
        assert rules(judges[engine](*rule_texts.text(rule.id).bad.split("---\n"))) == [rule.id]
        assert rules(judges[engine](*rule_texts.text(rule.id).good.split("---\n"))) == []

    def test_a_policy_about_labelled_pods_is_proved_by_breaking_a_real_one(
        self, engine: str, judges: dict[str, Judge]
    ) -> None:
        conditions: list[JsonValue] = [
            {"name": "served", "expression": "object.metadata.?labels.?role.orValue('') == 'inference'"}
        ]
        result = judges[engine](
            policy("inference-only", policy_spec() | {"matchConditions": conditions}),
            pod("a", labels={"role": "inference"}),
            pod("b"),
        )
        assert result.findings == ()
        assert (result.matched, result.planted, result.caught) == (1, 1, 1)

    def test_a_policy_that_only_its_author_can_offend_is_proved_by_its_planted_file(
        self, engine: str, judges: dict[str, Judge], tmp_path: Path
    ) -> None:
        spec = asking("object.metadata.?annotations.?owner.orValue('') != 'nobody'")
        documents = (policy("owner", spec), pod("a"), pod("b", "other"))
        assert rules(judges[engine](*documents)) == ["policy/unproved"]
        folder = tmp_path / "policies" / "owner"
        folder.mkdir(parents=True)
        (folder / "planted.yaml").write_text(
            "{apiVersion: v1, kind: Pod, metadata: {name: bad, annotations: {owner: nobody}}, spec: {containers: []}}"
        )
        result = judges[engine](*documents, planted=(folder.parent,))
        assert (result.findings, result.planted, result.caught) == ((), 2, 2)

    def test_a_kind_without_definition_is_unjudged_and_the_rest_is_judged(
        self, engine: str, judges: dict[str, Judge]
    ) -> None:
        rule = POD_RULE | {"apiGroups": ["*"], "resources": ["*"]}
        custom = "{apiVersion: example.com/v1, kind: Rack, metadata: {name: a, namespace: aurora}}"
        result = judges[engine](
            policy("any", policy_spec(rules=[rule]) | {"validations": list(FALSE)}), custom, pod("b")
        )
        found = {(entry.rule, entry.resource and entry.resource.kind) for entry in result.findings}
        assert ("policy/unjudged", "Rack") in found
        assert ("policy/any", "Pod") in found
        assert ("policy/any", "Rack") not in found

    def test_a_definition_in_a_folder_of_schemas_makes_a_kind_known(
        self, engine: str, judges: dict[str, Judge], tmp_path: Path
    ) -> None:
        (tmp_path / "definitions").mkdir()
        (tmp_path / "definitions" / "rack.yaml").write_text(RACK)
        rule = POD_RULE | {"apiGroups": ["example.com"], "resources": ["racks"]}
        custom = "{apiVersion: example.com/v1, kind: Rack, metadata: {name: a, namespace: aurora}}"
        documents = (policy("racks", policy_spec(rules=[rule]) | {"validations": list(FALSE)}), custom)
        assert rules(judges[engine](*documents)) == ["policy/unjudged"]
        assert rules(judges[engine](*documents, schemas=(tmp_path / "definitions",))) == ["policy/racks"]

    @pytest.mark.parametrize(
        ("policies", "objects", "rule"),
        [
            (policy("long", asking(" && ".join([LONG] * 4))), pod("a"), "policy/invalid"),
            ("{apiVersion: kyverno.io/v1, kind: ClusterPolicy, metadata: {name: old}}", pod("a"), "policy/invalid"),
            (policy("sound", SOUND | DENYING), "{apiVersion: v1, kind: List, items: [POD]}", "policy/sound"),
        ],
        ids=["100 kB", "no rules", "list"],
    )
    def test_bad_input_ends_with_exit_code_1(
        self, engine: str, policies: str, objects: str, rule: str, *, aurora: CommandLine
    ) -> None:
        item = "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: b}, spec: {containers: [{name: a}]}}"
        aurora.write("policies/given/policy.yaml", policies)
        aurora.write("input.yaml", objects.replace("POD", item))
        arguments = ("validate", "input.yaml", "--policies", "policies/given", "--only", "policy", "--format", "json")
        outcome = aurora(*arguments, "--engine", engine)
        assert outcome.code == 1
        assert outcome.rules() == [rule]
        (check,) = outcome.json["checks"]
        assert check["matched"] == (1 if rule == "policy/sound" else 0)


def test_a_kind_with_an_irregular_plural_is_judged_by_the_engine_and_unproved_by_the_command_line(
    judges: dict[str, Judge],
) -> None:
    crd = RACK.replace("racks", "rackery")
    rule = POD_RULE | {"apiGroups": ["example.com"], "resources": ["rackery"]}
    custom = "{apiVersion: example.com/v1, kind: Rack, metadata: {name: a, namespace: aurora}}"
    documents = (policy("racks", policy_spec(rules=[rule]) | {"validations": list(FALSE)}), custom, crd)
    assert rules(judges["engine"](*documents)) == ["policy/racks"]
    assert rules(judges["cli"](*documents)) == ["policy/unproved"]


def test_an_unknown_engine_is_refused_by_every_command_that_judges(aurora: CommandLine) -> None:
    for command in (("synth", "--check"), ("validate",), ("test",)):
        outcome = aurora(*command, "--engine", "steam")
        assert outcome.code == 2
        assert "`--engine steam` is no policy engine" in outcome.err
        assert "engines: engine, cli" in outcome.err


TAGGED = "object.spec.containers.all(c, !c.image.endsWith(':latest'))"
OWNED = "has(object.metadata.ownerReferences)"
MAKERS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: aurora}
spec: {template: {spec: {containers: [{name: web, image: "registry.example.com/web:latest"}]}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: web, namespace: aurora}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: web, image: "registry.example.com/web:1"}]}}}}}
"""


@pytest.mark.parametrize("controllers", [[], ["jobs"], ["deployments"], None])
def test_a_policy_of_pods_judges_the_pods_of_every_kind_whatever_its_autogen(
    controllers: list[JsonValue] | None, judges: dict[str, Judge]
) -> None:
    changes: JsonObject = {} if controllers is None else {"podControllers": {"controllers": controllers}}
    spec = asking(TAGGED, autogen=changes) | DENYING
    (finding,) = both(judges, policy("tagged", spec), MAKERS).findings
    assert (finding.rule, str(finding.resource), finding.pointer) == (
        "policy/tagged",
        "Deployment aurora/web",
        "/spec/template",
    )
    assert finding.message == ("no" if controllers in (None, ["deployments"]) else "its pods are refused: no")


def test_pods_that_a_controller_makes_have_an_owner(judges: dict[str, Judge]) -> None:
    spec = asking(OWNED, autogen={"podControllers": {"controllers": []}})
    assert rules(both(judges, policy("owned", spec), MAKERS)) == []
