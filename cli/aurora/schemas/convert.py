"""Derives the JSON schema (draft-07) of one version of a CustomResourceDefinition, as strict as the API server.

Unknown fields are refused exactly where the API server drops them, fields with a default may be absent, null
counts as absent where the API server drops it, and the metadata that no definition spells out is judged too.
One demand is Aurora's own: where a `spec` demands a field, an object must have one. What no JSON
schema can say stays with other checks: rule expressions, the keys of list maps, a few formats, and how many
fields there are once defaults are filled in. Reads no files but its own table.
"""

from functools import cache
from pathlib import Path

from aurora.model.json_schema import EMBEDDED, INT_OR_STRING, LIST_TYPE, PRESERVE
from aurora.model.json_value import JsonObject, dig, items, mapping
from aurora.schemas import value_rules
from aurora.schemas.sharing import share
from aurora.schemas.trim import TrimmedCrd
from aurora.yamlio import reading

OBJECT_META = Path(__file__).with_name("object-meta.yaml")
DRAFT = "http://json-schema.org/draft-07/schema#"

_PRUNED = "#/definitions/pruned"
# Without a schema every field is dropped, at any depth; scalars stay.
_NOTHING_KNOWN: JsonObject = {"additionalProperties": False, "items": {"$ref": _PRUNED}}
_TYPE_META: JsonObject = {"type": "string", "minLength": 1}


@cache
def object_meta() -> JsonObject:
    """Give the schema of the metadata of every object."""
    return mapping(reading.parse(OBJECT_META.read_text(encoding="utf-8")).value)


def convert(crd: TrimmedCrd, version: str) -> JsonObject:
    """Derive the schema of a served version.

    Raises:
        KeyError: the version is not served.
    """
    entry = crd.version(version)
    node = _demanding_spec(mapping(dig(entry, "schema", "openAPIV3Schema")))
    root = _node(node)
    properties = mapping(root.get("properties"))
    if "status" in mapping(entry.get("subresources")):
        # The API server drops the status of an object that is applied, whatever it says.
        properties["status"] = {}
    properties["apiVersion"] = {"const": f"{crd.group}/{version}"}
    properties["kind"] = {"const": crd.kind}
    properties["metadata"] = _metadata(node)
    root["properties"] = properties
    demanded = {str(name) for name in items(root.get("required"))} | {"apiVersion", "kind", "metadata"}
    root["required"] = [*sorted(demanded)]
    schema, definitions = share(root)
    return {"$schema": DRAFT, **schema, "definitions": {**definitions, "pruned": _NOTHING_KNOWN}}


def _demanding_spec(node: JsonObject) -> JsonObject:
    """Require the `spec` that demands a field, though the definition forgets to; one with a default is never absent."""
    spec = mapping(dig(node, "properties", "spec"))
    if not any(spec.get(keyword) for keyword in ("required", "minProperties", "anyOf", "oneOf")):
        return node
    return {**node, "required": [*items(node.get("required")), "spec"]}


def _metadata(node: JsonObject) -> JsonObject:
    """A definition may restrict the name of its objects, and nothing else of their metadata."""
    declared = mapping(dig(node, "properties", "metadata", "properties"))
    names: JsonObject = {
        name: value_rules.nested(mapping(declared[name]), {}) for name in ("generateName", "name") if name in declared
    }
    return {"allOf": [object_meta(), {"properties": names}]} if names else object_meta()


def _node(node: JsonObject, *, keeps: bool = False) -> JsonObject:
    """Convert a structural node; `keeps` says that a list around it preserves unknown fields of its items."""
    keeps = keeps or node.get(PRESERVE) is True
    schema = value_rules.own(node)
    kind = node.get("type")
    if node.get(INT_OR_STRING) is not True:
        if kind in ("object", None):
            schema |= _object(node, keeps=keeps)
        if kind in ("array", None):
            schema |= _array(node, keeps=keeps)
    return value_rules.join(schema, value_rules.junctors(node))


def _object(node: JsonObject, *, keeps: bool) -> JsonObject:
    required = value_rules.required_fields(node, node)
    properties: JsonObject = {}
    for name, child in mapping(node.get("properties")).items():
        schema = _field(mapping(child), droppable=name not in required)
        must_be = name in required and mapping(child).get("nullable") is not True
        properties[name] = value_rules.without_null(schema) if must_be else schema
    if node.get(EMBEDDED) is True:
        properties |= {"apiVersion": _TYPE_META, "kind": _TYPE_META, "metadata": object_meta()}
        required = [*required, "apiVersion", "kind"]
    schema = {"properties": properties} if properties else {}
    if required:
        schema["required"] = sorted(set(required), key=str)
    values = node.get("additionalProperties")
    if isinstance(values, dict):
        schema["additionalProperties"] = _field(values, droppable=True)
    elif values is True and not keeps:
        schema["additionalProperties"] = {"$ref": _PRUNED}
    elif not keeps:
        schema["additionalProperties"] = False
    return schema


def _array(node: JsonObject, *, keeps: bool) -> JsonObject:
    schema: JsonObject = {"uniqueItems": True} if node.get(LIST_TYPE) == "set" else {}
    entry = node.get("items")
    if isinstance(entry, dict):
        schema["items"] = _field(entry, droppable=entry.get("default") is not None, keeps=keeps)
    elif not keeps:
        schema["items"] = {"$ref": _PRUNED}
    return schema


def _field(node: JsonObject, *, droppable: bool, keeps: bool = False) -> JsonObject:
    """Convert the schema of a field's value; a null is kept if it is nullable, dropped if that does no harm."""
    schema = _node(node, keeps=keeps)
    nullable = node.get("nullable") is True
    accepts_null = "enum" not in node if nullable else droppable
    return value_rules.with_null(schema) if accepts_null else schema
