"""For any structural schema: what follows it is valid, what it would prune is not."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from aurora.model.json_value import JsonObject, JsonValue
from aurora.schemas.convert import convert
from schemas.crd_cases import definition, of_spec, trimmed

NAMES = st.sampled_from(["a", "b", "properties", "items", "default", "required", "$ref", "description", "enum"])
TEXTS = st.text(alphabet="abc", max_size=4)


@st.composite
def schemas(draw: st.DrawFn, depth: int = 3) -> JsonObject:
    kinds = ["string", "integer", "boolean", "either"] + (["object", "map", "array", "kept"] if depth else [])
    kind = draw(st.sampled_from(kinds))
    if kind == "either":
        return {"x-kubernetes-int-or-string": True}
    if kind == "array":
        return {"type": "array", "items": draw(schemas(depth - 1)), "maxItems": 3}
    if kind == "map":
        return {"type": "object", "additionalProperties": draw(schemas(depth - 1))}
    if kind not in ("object", "kept"):
        return {"type": kind, **draw(restrictions(kind))}
    fields = draw(st.dictionaries(NAMES, schemas(depth - 1), max_size=4))
    found: JsonObject = {"type": "object", "properties": {**fields}}
    if fields:
        found["required"] = [*sorted(draw(st.sets(st.sampled_from(sorted(fields)))))]
    return {**found, "x-kubernetes-preserve-unknown-fields": True} if kind == "kept" else found


@st.composite
def restrictions(draw: st.DrawFn, kind: str) -> JsonObject:
    more: JsonObject = {"nullable": True} if draw(st.booleans()) else {}
    if kind == "string" and draw(st.booleans()):
        more["maxLength"] = 4
    if kind == "integer" and draw(st.booleans()):
        more |= {"minimum": -5, "maximum": 5}
    if kind == "boolean" and draw(st.booleans()):
        more["default"] = True
    return more


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that the API server takes as they are."""
    if schema.get("x-kubernetes-int-or-string"):
        return st.integers(-5, 5) | TEXTS
    if "additionalProperties" in schema:
        return st.dictionaries(NAMES, values(schema["additionalProperties"]), max_size=2)
    if schema["type"] == "object":
        fields = {name: values(child) for name, child in schema["properties"].items()}
        must = {name: fields[name] for name in schema.get("required", ())}
        return st.fixed_dictionaries(must, optional={name: fields[name] for name in fields.keys() - must.keys()})
    plain: dict[str, st.SearchStrategy[Any]] = {
        "string": TEXTS,
        "integer": st.integers(-5, 5),
        "boolean": st.booleans(),
    }
    if schema["type"] in plain:
        return plain[schema["type"]] | st.none() if schema.get("nullable") else plain[schema["type"]]
    return st.lists(values(schema["items"]), max_size=3)


def pruned(schema: dict[str, Any], value: JsonValue) -> list[dict[str, Any]]:
    """Every mapping of a value to which the API server would let nobody add a field."""
    found: list[dict[str, Any]] = []
    if isinstance(value, dict) and "additionalProperties" in schema:
        for entry in value.values():
            found += pruned(schema["additionalProperties"], entry)
    elif isinstance(value, dict):
        if "x-kubernetes-preserve-unknown-fields" not in schema:
            found.append(value)
        for name, entry in value.items():
            found += pruned(schema["properties"][name], entry)
    elif isinstance(value, list):
        for entry in value:
            found += pruned(schema["items"], entry)
    return found


def is_valid(schema: JsonObject, spec: JsonValue) -> bool:
    body: JsonObject = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x"}, "spec": spec}
    return bool(jsonschema.Draft7Validator(convert(trimmed(definition(of_spec(schema))), "v1")).is_valid(body))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_follows_the_schema_is_valid(data: st.DataObject) -> None:
    schema = data.draw(schemas())
    value = data.draw(values(schema).filter(lambda value: value is not None))
    assert is_valid(schema, value)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_field_that_would_be_pruned_is_refused_wherever_it_stands(data: st.DataObject) -> None:
    schema = data.draw(schemas())
    value = json.loads(json.dumps(data.draw(values(schema).filter(lambda value: value is not None))))
    places = pruned(schema, value)
    if places:
        data.draw(st.sampled_from(places))["unknown"] = 1
        assert not is_valid(schema, value)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_value_of_another_type_is_refused(data: st.DataObject) -> None:
    schema = data.draw(schemas())
    wrong: JsonValue = {"unknown": 1} if schema.get("type") in ("string", "integer", "boolean", "array", None) else [1]
    assert not is_valid(schema, wrong)
