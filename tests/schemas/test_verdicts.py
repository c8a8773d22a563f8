"""The check `schema` with the pinned kubeconform: what is found, where, and in which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora import rule_texts
from aurora.checks.schema import SchemaCheck
from aurora.errors import ToolOutputError
from aurora.model.json_value import JsonObject, mapping
from aurora.model.rule import Rule
from aurora.schemas.kubernetes import KubernetesSchemas
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings
from checks.rule_cases import found_rules
from schemas.convert_cases import CASES, ConvertCase
from schemas.crd_cases import definition, of_spec
from schemas.judging import config_map, judge, shown, stream, thing

pytestmark = pytest.mark.real_tools

RULES = [pytest.param(rule, id=rule.id) for rule in SchemaCheck(Path).rules]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "workspace").mkdir()
    return Settings(cache=tmp_path / "cache", workspace=tmp_path / "workspace", timeout=60)


@pytest.fixture
def real(real_toolbox: Toolbox) -> SchemaCheck:
    return SchemaCheck(real_toolbox.locate)


@pytest.mark.parametrize("rule", RULES)
def test_the_bad_example_breaks_its_rule_and_the_good_one_none(
    real: SchemaCheck, settings: Settings, rule: Rule
) -> None:
    assert found_rules(real, rule_texts.text(rule.id).bad, settings) == {rule.id}
    assert found_rules(real, rule_texts.text(rule.id).good, settings) == set()


def named(case: ConvertCase, number: int) -> str:
    return f"thing{number}"


def test_kubeconform_decides_every_conversion_as_the_api_server_does(real: SchemaCheck, settings: Settings) -> None:
    bodies: list[JsonObject] = []
    for number, case in enumerate(CASES):
        bodies.append(definition(of_spec(case.schema), name=named(case, number)))
        for verdict, specs in (("good", case.good), ("bad", case.bad)):
            for index, spec in enumerate(specs):
                bodies.append({**thing(spec, f"{verdict}-{index}"), "kind": named(case, number).capitalize()})
    result = judge(real, settings, stream(*bodies))
    wrong = {(finding.resource.kind, finding.resource.name) for finding in result.findings if finding.resource}
    for number, case in enumerate(CASES):
        kind = named(case, number).capitalize()
        assert {name for found, name in wrong if found == kind} == {f"bad-{index}" for index in range(len(case.bad))}, (
            case.name
        )
    assert result.matched == len(bodies)


BROKEN_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {"a/b~c": 1}}
spec:
  replicas: 3000000000
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - image: 5
          imagePullpolicy: x
          ports:
            - {containerPort: http, hostPrt: 1}
"""


def test_every_mistake_is_found_with_its_place_and_in_clear_words(real: SchemaCheck, settings: Settings) -> None:
    result = judge(real, settings, BROKEN_DEPLOYMENT)
    found = [
        (f.pointer, f.message, f.hint, (f.place.line, f.place.column) if f.place else None) for f in result.findings
    ]
    container = "/spec/template/spec/containers/0"
    assert found == [
        ("/metadata/labels/a~1b~0c", "must be a string, not a number", None, (3, 49)),
        ("/spec/replicas", "must be at most 2147483647", None, (5, 3)),
        (container, "the required field `name` is missing", None, (11, 11)),
        (f"{container}/image", "must be a string, not a number", None, (11, 11)),
        (
            f"{container}/imagePullpolicy",
            "unknown field `imagePullpolicy`",
            "did you mean `imagePullPolicy`?",
            (12, 11),
        ),
        (f"{container}/ports/0/containerPort", "must be a whole number, not a string", None, (14, 16)),
        (f"{container}/ports/0/hostPrt", "unknown field `hostPrt`", "did you mean `hostPort`?", (14, 37)),
    ]


def test_generated_names_work(real: SchemaCheck, settings: Settings) -> None:
    bodies = [config_map(), config_map()]
    bodies[0]["metadata"] = {"generateName": "run-", "namespace": "x"}
    bodies[1]["metadata"] = {"generateName": "run-", "name": "a"}
    assert judge(real, settings, stream(*bodies)).findings == ()


def test_a_name_of_a_wrong_type_and_a_cut_text_are_no_way_around(real: SchemaCheck, settings: Settings) -> None:
    odd: JsonObject = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "a-", "name": 5}}
    text = stream(odd) + '\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: "x\n---y"}\n'
    assert shown(judge(real, settings, text).findings) == [
        ("schema/invalid", "/metadata/name", "must be a string, not a number")
    ]


def test_a_definition_whose_schema_cannot_be_used_is_a_finding_on_every_object_of_its_kind(
    real: SchemaCheck, settings: Settings
) -> None:
    crd = definition(of_spec({"type": "object", "properties": {"a": {"type": "string", "pattern": "(["}}}))
    result = judge(real, settings, stream(crd, thing({}), thing({}, "b"), config_map()))
    assert [(finding.rule, finding.resource and finding.resource.name) for finding in result.findings] == [
        ("schema/broken-crd", "a"),
        ("schema/broken-crd", "b"),
    ]
    assert (result.examined, result.matched, result.skipped) == (4, 2, 2)
    assert result.planted == result.caught == 5


def test_own_definitions_are_judged_too(real: SchemaCheck, settings: Settings) -> None:
    crd = definition(of_spec({"type": "object"}))
    mapping(crd["spec"])["scop"] = "Cluster"
    assert shown(judge(real, settings, stream(crd)).findings) == [
        ("schema/invalid", "/spec/scop", "unknown field `scop`")
    ]


def test_a_workspace_with_an_unusual_name_works(real: SchemaCheck, settings: Settings, tmp_path: Path) -> None:
    odd = tmp_path / "it's a w\u00f6rk space"
    odd.mkdir()
    assert judge(real, settings.within(odd), stream(config_map())).findings == ()


def test_a_workspace_whose_name_kubeconform_cannot_read_is_an_error_and_no_pass(
    real: SchemaCheck, settings: Settings, tmp_path: Path
) -> None:
    odd = tmp_path / "100%zz"
    odd.mkdir()
    with pytest.raises(ToolOutputError, match=r"cannot use the schema of ConfigMap \(v1\)") as caught:
        judge(real, settings.within(odd), stream(config_map()))
    assert caught.value.hint is not None
    assert "the temporary folder's path" in caught.value.hint


def test_every_built_in_kind_refuses_its_planted_violation(real: SchemaCheck, settings: Settings) -> None:
    bodies = [
        {**config_map(), "apiVersion": kind.api_version, "kind": kind.kind}
        for kind in sorted(KubernetesSchemas("1.35").kinds)
    ]
    result = judge(real, settings, stream(*bodies))
    assert result.matched == len(bodies)
    assert result.caught == len(bodies) + 3
