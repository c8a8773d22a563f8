"""Aurora's own definitions: bounded, closed, never pruned, with a refusal for every rule."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from components.building import Built, build
from components.custom_resource_cases import ACCEPTED, REFUSED, Case

BOUNDS = {"string": "maxLength", "array": "maxItems", "integer": "maximum"}
DEFINITIONS = ("mltrainingjobs.ml.aurora.example.com", "mldeployments.ml.aurora.example.com")
Node = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def built() -> Built:
    return build("api", {"api": {"kind": "AuroraApi"}})


def schema_of(definition: dict[str, Any]) -> dict[str, Any]:
    (version,) = definition["spec"]["versions"]
    schema: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    return schema


def nodes(schema: dict[str, Any], path: str = "") -> Iterator[Node]:
    """Walk by position: a property may be called like a keyword."""
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from nodes(child, f"{path}.{name}")
    for keyword, suffix in (("items", "[]"), ("additionalProperties", "{}")):
        if keyword in schema:
            yield from nodes(schema[keyword], f"{path}{suffix}")


def bounded(schema: dict[str, Any]) -> bool:
    if schema["type"] == "string" and ("enum" in schema or schema.get("format") == "date-time"):
        return True
    if "additionalProperties" in schema:
        return "maxProperties" in schema
    return schema["type"] not in BOUNDS or BOUNDS[schema["type"]] in schema


def unbounded(schema: dict[str, Any]) -> list[str]:
    return [path for path, node in nodes(schema) if not bounded(node)]


def rules(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for path, node in nodes(schema):
        for rule in node.get("x-kubernetes-validations", []):
            yield path, node, rule


def definition_of(built: Built, kind: str) -> dict[str, Any]:
    (found,) = [body for body in built.emitted if body["spec"]["names"]["kind"] == kind]
    return found


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_field_is_bounded(built: Built, name: str) -> None:
    assert unbounded(schema_of(built.one("CustomResourceDefinition", name=name))) == []


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_bound_that_is_missing_anywhere_is_noticed(built: Built, name: str) -> None:
    schema = schema_of(built.one("CustomResourceDefinition", name=name))
    removals = 0
    for index, (path, node) in enumerate(nodes(schema)):
        for keyword in {"maxLength", "maxItems", "maxProperties", "maximum"} & node.keys():
            if keyword == "maxProperties" and "properties" in node:
                continue
            broken = copy.deepcopy(schema)
            del list(nodes(broken))[index][1][keyword]
            assert unbounded(broken) == [path]
            removals += 1
    assert removals > 20


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_schema_is_structural_and_only_the_status_is_open(built: Built, name: str) -> None:
    schema = schema_of(built.one("CustomResourceDefinition", name=name))
    assert all("type" in node for _, node in nodes(schema))
    assert [path for path, node in nodes(schema) if node.get("x-kubernetes-preserve-unknown-fields")] == [".status"]
    closed = [path for path, node in nodes(schema) if node["type"] == "object" and len(node) == 1]
    assert closed == [".metadata"]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_definition_is_never_pruned_and_keeps_nothing_that_the_server_drops(built: Built, name: str) -> None:
    definition = built.one("CustomResourceDefinition", name=name)
    assert definition["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] == "Prune=false,Delete=false"
    spec = definition["spec"]
    assert "preserveUnknownFields" not in spec
    assert "status" not in definition
    (version,) = spec["versions"]
    assert (version["name"], version["served"], version["storage"]) == ("v1alpha1", True, True)
    assert version["subresources"] == {"status": {}}
    assert definition["metadata"]["name"] == f"{spec['names']['plural']}.{spec['group']}"


@pytest.mark.parametrize(
    ("kind", "short", "columns"),
    [
        ("MLTrainingJob", "mltj", ["Model", "Backend", "Phase", "Version", "GPUs", "Age"]),
        ("MLDeployment", "mld", ["Model", "Stable", "Canary", "Weight", "Ready", "Age"]),
    ],
)
def test_people_find_the_kinds_and_see_what_matters(built: Built, kind: str, short: str, columns: list[str]) -> None:
    spec = definition_of(built, kind)["spec"]
    assert spec["names"]["shortNames"] == [short]
    assert spec["names"]["categories"] == ["aurora"]
    shown = spec["versions"][0]["additionalPrinterColumns"]
    assert [column["name"] for column in shown] == columns
    assert [column["name"] for column in shown if column.get("priority")] == (
        ["GPUs"] if kind == "MLTrainingJob" else []
    )


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_column_shows_a_field_of_the_schema(built: Built, name: str) -> None:
    definition = built.one("CustomResourceDefinition", name=name)
    known = {path for path, _ in nodes(schema_of(definition))}
    for column in definition["spec"]["versions"][0]["additionalPrinterColumns"]:
        path = re.sub(r"\[\?.*?\]", "[]", column["jsonPath"])
        assert path in known or path == ".metadata.creationTimestamp", path


@pytest.mark.parametrize("name", DEFINITIONS)
def test_conditions_are_told_apart_by_their_type(built: Built, name: str) -> None:
    schema = schema_of(built.one("CustomResourceDefinition", name=name))
    conditions = schema["properties"]["status"]["properties"]["conditions"]
    assert conditions["x-kubernetes-list-type"] == "map"
    assert conditions["x-kubernetes-list-map-keys"] == ["type"]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_rules_speak_only_of_fields_that_exist(built: Built, name: str) -> None:
    for path, node, rule in rules(schema_of(built.one("CustomResourceDefinition", name=name))):
        known = {found for found, _ in nodes(node)} | {".metadata.name"}
        spoken = re.findall(r"\b(?:self|oldSelf)((?:\.[a-zA-Z]+)+)\b(?!\()", rule["rule"])
        assert set(spoken) <= known, (path, rule)
        assert rule.get("fieldPath", "") in known, (path, rule)


def test_all_of_a_run_is_frozen_but_what_may_change(built: Built) -> None:
    spec = schema_of(definition_of(built, "MLTrainingJob"))["properties"]["spec"]
    frozen = {
        rule["fieldPath"].removeprefix(".") for rule in spec["x-kubernetes-validations"] if "oldSelf" in rule["rule"]
    }
    assert set(spec["properties"]) - frozen == {"suspend", "ttlSecondsAfterFinished"}


def test_an_optional_field_of_a_run_may_neither_come_nor_go(built: Built) -> None:
    spec = schema_of(definition_of(built, "MLTrainingJob"))["properties"]["spec"]
    always = {*spec["required"], *(name for name, field in spec["properties"].items() if "default" in field)}
    for rule in spec["x-kubernetes-validations"]:
        name = rule["fieldPath"].removeprefix(".")
        if "oldSelf" in rule["rule"] and name not in always:
            assert f"has(self.{name}) == has(oldSelf.{name})" in rule["rule"]


def test_the_weight_step_is_the_environments() -> None:
    built = build("api", {"api": {"kind": "AuroraApi", "weightStep": 7}})
    (rule,) = [
        rule
        for _, _, rule in rules(schema_of(definition_of(built, "MLDeployment")))
        if rule.get("fieldPath") == ".canary.weight"
    ]
    assert rule["rule"].endswith("+ 7")
    assert "7" in rule["message"]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_rule_has_an_object_that_it_must_refuse(built: Built, name: str) -> None:
    messages = {case.message for case in REFUSED if definition_of(built, case.body["kind"])["metadata"]["name"] == name}
    for _, _, rule in rules(schema_of(built.one("CustomResourceDefinition", name=name))):
        assert [message for message in messages if message in rule["message"]], rule


@pytest.mark.parametrize("case", [*ACCEPTED, *REFUSED], ids=lambda case: case.name)
def test_the_structural_schema_leaves_to_the_rules_what_only_they_can_judge(built: Built, case: Case) -> None:
    validator = jsonschema.Draft202012Validator(schema_of(definition_of(built, case.body["kind"])))
    assert bool(list(validator.iter_errors(case.body))) is case.schema_refuses
    if case.stored:
        assert validator.is_valid(case.stored)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("MLTrainingJob", "retry", {"backoffLimit": 11, "activeDeadlineSeconds": 60}),
        ("MLTrainingJob", "output", {"claimName": "a", "basePath": "/a", "version": "1.0"}),
        ("MLTrainingJob", "ttlSecondsAfterFinished", -1),
        ("MLTrainingJob", "backend", "CronJob"),
        ("MLDeployment", "canary", {"version": "v20261101-090000", "replicas": 1, "weight": 101}),
        ("MLDeployment", "engine", "Knative"),
    ],
)
def test_the_structural_schema_refuses_values_out_of_range(built: Built, kind: str, field: str, value: object) -> None:
    body = copy.deepcopy(next(case.body for case in ACCEPTED if case.body["kind"] == kind))
    validator = jsonschema.Draft202012Validator(schema_of(definition_of(built, kind)))
    assert validator.is_valid(body)
    body["spec"][field] = value
    assert not validator.is_valid(body)


def test_a_metric_is_a_text_and_never_a_number(built: Built) -> None:
    schema = schema_of(definition_of(built, "MLTrainingJob"))
    validator = jsonschema.Draft202012Validator(schema["properties"]["status"])
    assert validator.is_valid({"metrics": {"r2": "0.81"}, "kopf": {"progress": {"step": 1}}})
    assert not validator.is_valid({"metrics": {"r2": 0.81}})
