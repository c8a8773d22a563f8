"""The derived schemas decide as the API server does."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from aurora.model.json_value import JsonObject, JsonValue, dig, mapping
from aurora.schemas.convert import convert
from schemas.convert_cases import CASES, ConvertCase
from schemas.crd_cases import FOLDER, definition, documents, of_spec, trimmed

META: JsonObject = {"name": "x"}
PYTHON_CASES = [pytest.param(case, id=case.name) for case in CASES if not case.formats]


def derived(root: JsonObject, subresources: JsonObject | None = None) -> JsonObject:
    schema = convert(trimmed(definition(root, subresources=subresources)), "v1")
    assert jsonschema.Draft7Validator(jsonschema.Draft7Validator.META_SCHEMA).is_valid(schema)
    return schema


def accepts(schema: JsonObject, **body: Any) -> bool:
    thing = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": META, **body}
    return bool(jsonschema.Draft7Validator(schema).is_valid(thing))


@pytest.mark.parametrize("case", PYTHON_CASES)
def test_what_the_api_server_takes_is_valid(case: ConvertCase) -> None:
    schema = derived(of_spec(case.schema))
    assert [value for value in case.good if not accepts(schema, spec=value)] == []


@pytest.mark.parametrize("case", PYTHON_CASES)
def test_what_the_api_server_refuses_or_drops_is_invalid(case: ConvertCase) -> None:
    schema = derived(of_spec(case.schema))
    assert [value for value in case.bad if accepts(schema, spec=value)] == []


def test_an_object_must_have_the_spec_of_its_kind() -> None:
    schema = derived(of_spec({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}))
    assert accepts(schema, spec={"a": "b"})
    assert not accepts(schema)
    assert not accepts(schema, spec=None)


def test_a_spec_that_demands_nothing_may_be_absent() -> None:
    assert accepts(derived(of_spec({"type": "object", "properties": {"a": {"type": "string"}}})))


def test_a_spec_with_a_default_may_be_absent() -> None:
    assert accepts(derived(of_spec({"type": "object", "default": {}})))


def test_a_kind_without_a_spec_needs_none_and_takes_none() -> None:
    schema = convert(trimmed(documents(FOLDER / "garden-0.3.1" / "plots.garden.example.com.yml")[0]), "v1")
    body = {"apiVersion": "garden.example.com/v1", "kind": "Plot", "metadata": META, "value": 1}
    assert jsonschema.Draft7Validator(schema).is_valid(body)
    assert not jsonschema.Draft7Validator(schema).is_valid({**body, "spec": {}})


def test_the_root_names_one_kind_of_one_version() -> None:
    schema = derived({"type": "object"})
    assert accepts(schema)
    assert not accepts(schema, apiVersion="example.com/v2")
    assert not accepts(schema, kind="Thin")
    assert not accepts(schema, sepc={})


METADATA: list[tuple[JsonObject, bool]] = [
    ({"generateName": "x-", "namespace": "a"}, True),
    ({"name": "x", "creationTimestamp": None, "annotations": None, "labels": {"a": "b"}}, True),
    (
        {
            "name": "x",
            "ownerReferences": [{"apiVersion": "v1", "kind": "A", "name": "b", "uid": "c", "controller": True}],
        },
        True,
    ),
    ({"name": "x", "managedFields": [{"manager": "m", "fieldsV1": {"f:spec": {}}}]}, True),
    ({"name": 1}, False),
    ({"name": "x", "lables": {}}, False),
    ({"name": "x", "labels": {"a": 1}}, False),
    ({"name": "x", "annotations": ["a"]}, False),
    ({"name": "x", "finalizers": "a"}, False),
    ({"name": "x", "ownerReferences": [{"name": "b"}]}, False),
]


@pytest.mark.parametrize(("metadata", "valid"), METADATA)
def test_metadata_is_judged_although_no_definition_spells_it_out(metadata: JsonObject, valid: bool) -> None:
    assert accepts(derived({"type": "object"}), metadata=metadata) is valid


def test_a_definition_may_restrict_the_name() -> None:
    names: JsonObject = {"name": {"type": "string", "maxLength": 2}}
    schema = derived({"type": "object", "properties": {"metadata": {"type": "object", "properties": names}}})
    assert accepts(schema, metadata={"name": "ab"})
    assert not accepts(schema, metadata={"name": "abc"})
    assert not accepts(schema, metadata={"name": "ab", "lables": {}})


def test_a_status_that_is_dropped_anyway_may_say_anything() -> None:
    root: JsonObject = {"type": "object", "properties": {"status": {"type": "object", "required": ["a"]}}}
    assert accepts(derived(root, subresources={"status": {}}), status={"z": 1})
    assert not accepts(derived(root), status={"z": 1})
    assert not accepts(derived({"type": "object"}), status={})


def test_a_root_that_preserves_keeps_its_fields() -> None:
    schema = derived({"type": "object", "x-kubernetes-preserve-unknown-fields": True})
    assert accepts(schema, anything={"a": 1})
    assert not accepts(schema, metadata={"name": "x", "z": 1})


def test_each_version_has_a_schema_of_its_own() -> None:
    valves = trimmed(documents(FOLDER / "plumbing-1.2.0" / "pipes.plumbing.example.com.yaml")[1])
    fields = {
        version: list(mapping(dig(convert(valves, version), "properties", "spec", "properties")))
        for version in valves.served
    }
    assert fields == {"v1": ["open"], "v2": ["turns"]}
    with pytest.raises(KeyError):
        convert(valves, "v3")


def test_repeated_parts_are_written_once() -> None:
    part: JsonObject = {"type": "object", "properties": {name: {"type": "string", "maxLength": 9} for name in "abcdef"}}
    once = derived(of_spec({"type": "object", "properties": {"x": part}}))
    often = derived(of_spec({"type": "object", "properties": {f"x{index}": part for index in range(50)}}))
    assert len(json.dumps(often)) < len(json.dumps(once)) + 50 * 60
    assert accepts(often, spec={"x7": {"f": "ok"}})
    assert not accepts(often, spec={"x7": {"f": "far too long"}})
    assert not accepts(often, spec={"x7": {"g": "ok"}})


def test_the_schema_does_not_depend_on_the_order_of_keys() -> None:
    body = documents(FOLDER / "plumbing-1.2.0" / "pipes.plumbing.example.com.yaml")[0]
    turned = json.loads(json.dumps(body), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    texts = {json.dumps(convert(trimmed(each), "v1"), sort_keys=True) for each in (body, turned)}
    assert len(texts) == 1


def no_format_is_left(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return value.get("format") in (None, "date-time", "date", "ipv4", "ipv6") and all(
            map(no_format_is_left, value.values())
        )
    return all(map(no_format_is_left, value)) if isinstance(value, list) else True


def test_no_format_is_left_that_kubeconform_reads_differently() -> None:
    names = ("duration", "time", "uri", "hostname", "regex", "uuid", "email", "json-pointer", "semver")
    spec: JsonObject = {"type": "object", "properties": {name: {"type": "string", "format": name} for name in names}}
    assert no_format_is_left(mapping(derived(of_spec(spec))["properties"])["spec"])
