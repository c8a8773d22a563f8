"""What is cut out of a definition, what stays, and what the API server would refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from aurora.model import json_schema
from aurora.model.json_value import JsonObject, dig, items, mapping
from aurora.schemas.trim import trim
from schemas.crd_cases import FOLDER, definition, documents, of_spec, trimmed

PIPES = documents(FOLDER / "plumbing-1.2.0" / "pipes.plumbing.example.com.yaml")[0]


def every_node(schema: JsonObject) -> Iterator[JsonObject]:
    yield schema
    for child in json_schema.children(schema):
        yield from every_node(child)


def root_of(body: JsonObject, version: str = "v1") -> JsonObject:
    return mapping(dig(trimmed(body).version(version), "schema", "openAPIV3Schema"))


def test_no_node_keeps_a_text_for_people() -> None:
    nodes = list(every_node(root_of(PIPES)))
    assert len(nodes) > 20
    assert not [node for node in nodes if node.keys() & {"description", "title", "example", "externalDocs"}]
    assert "prose" not in trimmed(PIPES).text()


def test_properties_named_like_keywords_stay() -> None:
    properties = mapping(dig(root_of(PIPES), "properties", "spec", "properties"))
    expected = {
        "width",
        "material",
        "count",
        "description",
        "properties",
        "items",
        "default",
        "$ref",
        "required",
        "free",
    }
    assert properties.keys() == expected
    assert dig(properties, "description", "default") == "a property of that name"
    assert dig(properties, "properties", "properties", "description") == {"type": "string"}


def test_rules_keep_what_they_say_and_lose_it_where_the_definition_is_written() -> None:
    (rule,) = items(dig(root_of(PIPES), "properties", "spec", "x-kubernetes-validations"))
    decides = {"rule": "self.width > 0", "reason": "FieldValueInvalid", "fieldPath": ".width", "optionalOldSelf": True}
    said = {key: value for key, value in mapping(rule).items() if key not in decides}
    assert mapping(rule) == decides | said
    assert said
    assert '"message' not in trimmed(PIPES).text()


def test_branches_stay() -> None:
    assert dig(root_of(PIPES), "properties", "spec", "oneOf") == [
        {"required": ["count"]},
        {"properties": {"material": {"enum": ["steel"]}}},
    ]


def test_a_version_that_is_not_served_keeps_its_name_only() -> None:
    crd = trimmed(PIPES)
    assert (crd.served, crd.unserved) == (("v1",), ("v1alpha1",))
    assert dig(crd.body, "spec", "versions", 0) == {"name": "v1alpha1", "served": False, "storage": False}
    with pytest.raises(KeyError):
        crd.version("v1alpha1")


def test_names_scope_and_subresources_stay_and_the_rest_goes() -> None:
    crd = trimmed(PIPES)
    assert crd.body.keys() == {"apiVersion", "kind", "metadata", "spec"}
    assert crd.body["metadata"] == {"name": "pipes.plumbing.example.com"}
    assert mapping(crd.body["spec"]).keys() == {"group", "names", "scope", "versions"}
    assert crd.version("v1").keys() == {"name", "served", "storage", "schema", "subresources"}


def test_the_text_is_the_same_whatever_the_order_of_keys() -> None:
    turned = json.loads(json.dumps(PIPES), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert trimmed(turned).text() == trimmed(PIPES).text()
    assert trimmed(json.loads(trimmed(PIPES).text())).text() == trimmed(PIPES).text()


def with_spec(**spec: Any) -> JsonObject:
    return definition(of_spec(spec))


REFUSED: list[tuple[JsonObject, str]] = [
    (with_spec(type="objekt"), "/spec/type: `type` must be one of"),
    (with_spec(type={"a": 1}), "/spec/type: `type` must be one of"),
    (with_spec(description="no type"), "/spec: every field needs a `type`"),
    (with_spec(type="object", properties=[]), "/spec/properties: `properties` must be a mapping"),
    (with_spec(type="object", properties={"a": "string"}), "/spec/properties/a: a property must be a schema"),
    (with_spec(type="array", items=[{"type": "string"}]), "/spec/items: `items` must be a schema"),
    (with_spec(type="object", additionalProperties=False), "`additionalProperties` must be a schema or true"),
    (with_spec(type="string", **{"$ref": "#/x"}), "/spec/$ref: `$ref` is not allowed"),
    (with_spec(type="string", definitions={}), "`definitions` is not allowed"),
    (with_spec(type="string", frobnicate=1), "`frobnicate` is not allowed"),
    (with_spec(type="array", items={"type": "string"}, uniqueItems=True), "`uniqueItems` must be false or absent"),
    (with_spec(type="string", minLength=-1), "`minLength` must be a whole number from 0"),
    (with_spec(type="string", minLength=True), "`minLength` must be a whole number from 0"),
    (with_spec(type="integer", minimum="1"), "`minimum` must be a number"),
    (with_spec(type="string", enum=[]), "`enum` must be a list of values"),
    (with_spec(type="object", required=[1]), "`required` must be a list of strings"),
    (with_spec(type="string", anyOf=["a"]), "`anyOf` must be a list of schemas"),
    (with_spec(type="string", nullable="yes"), "`nullable` must be true or false"),
    (
        with_spec(type="object", **{"x-kubernetes-preserve-unknown-fields": False}),
        "`x-kubernetes-preserve-unknown-fields` must be true or absent",
    ),
    (definition({"type": "array", "items": {"type": "string"}}), "must be `object` at the root"),
]


@pytest.mark.parametrize(("body", "message"), REFUSED)
def test_what_the_api_server_refuses_is_a_problem_with_its_place(body: JsonObject, message: str) -> None:
    result = trim(body)
    assert result.crd is None
    shown = [f"{'/'.join(map(str, problem.steps))}: {problem.message}" for problem in result.problems]
    assert any(message in each for each in shown), shown


def changed(*steps: str | int, to: Any) -> JsonObject:
    body = json.loads(json.dumps(definition(of_spec({"type": "object"}))))
    target = body
    for step in steps[:-1]:
        target = target[step]
    target[steps[-1]] = to
    return mapping(body)


HOSTILE = [
    changed("apiVersion", to="apiextensions.k8s.io/v1beta1"),
    changed("spec", to=None),
    changed("spec", to=[]),
    changed("spec", "group", to="../../etc"),
    changed("spec", "group", to="nodots"),
    changed("spec", "names", to="Thing"),
    changed("spec", "names", "kind", to="../Thing"),
    changed("spec", "names", "plural", to="THINGS"),
    changed("spec", "scope", to="Everywhere"),
    changed("spec", "versions", to=[]),
    changed("spec", "versions", to={}),
    changed("spec", "versions", 0, to=None),
    changed("spec", "versions", 0, "name", to="v1/../.."),
    changed("spec", "versions", 0, "served", to="yes"),
    changed("spec", "versions", 0, "schema", to=None),
    changed("metadata", "name", to="other.example.com"),
]


@pytest.mark.parametrize("body", HOSTILE)
def test_a_damaged_definition_is_a_problem_and_never_a_crash(body: JsonObject) -> None:
    result = trim(body)
    assert result.crd is None
    assert result.problems


def test_all_problems_are_reported_at_once() -> None:
    body = with_spec(type="object", properties={"a": {"type": "x"}, "b": {"type": "y"}})
    assert len(trim(body).problems) == 2


def test_one_version_twice_is_a_problem() -> None:
    body = with_spec(type="object")
    versions = dig(body, "spec", "versions")
    assert isinstance(versions, list)
    versions.append(versions[0])
    assert [problem.message for problem in trim(body).problems] == ["the version `v1` is listed twice"]


def test_a_field_that_a_webhook_fills_in_is_not_demanded() -> None:
    rule: JsonObject = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "action": {"type": "string"}},
        "required": ["action", "name"],
    }
    rules: JsonObject = {"type": "object", "properties": {"rules": {"type": "array", "items": rule}}}
    body = definition(of_spec({"type": "object", "properties": {"failurePolicy": rules}}))
    names: JsonObject = {"kind": "JobSet", "plural": "jobsets"}
    spec: JsonObject = {**mapping(body["spec"]), "group": "jobset.x-k8s.io", "names": names}
    jobset: JsonObject = {**body, "metadata": {"name": "jobsets.jobset.x-k8s.io"}, "spec": spec}
    steps = ("properties", "spec", "properties", "failurePolicy", "properties", "rules", "items", "required")
    assert dig(root_of(jobset), *steps) == ["action"]
    assert dig(root_of(body), *steps) == ["action", "name"]
