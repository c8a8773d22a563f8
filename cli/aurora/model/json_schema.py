"""Where schemas stand inside a schema: the keywords that hold others, by position, and those of structural schemas.

A property may be called `properties`, `items`, `default` or `$ref`, so nothing may look for schemas by
key alone: whoever walks a schema asks here which of a node's entries are schemas. Changes nothing.
"""

from collections.abc import Callable, Iterator

from aurora.model.json_value import JsonObject, JsonValue, items, mapping

PRESERVE = "x-kubernetes-preserve-unknown-fields"
INT_OR_STRING = "x-kubernetes-int-or-string"
EMBEDDED = "x-kubernetes-embedded-resource"
LIST_TYPE = "x-kubernetes-list-type"
VALIDATIONS = "x-kubernetes-validations"

SCHEMA_KEYWORDS = ("items", "additionalProperties", "propertyNames", "not", "if", "then", "else")
SCHEMA_LISTS = ("allOf", "anyOf", "oneOf")
_LISTS = (*SCHEMA_LISTS, "prefixItems")
SCHEMA_MAPS = ("properties", "patternProperties", "definitions", "$defs")

TYPES = frozenset({"array", "boolean", "integer", "number", "object", "string"})
INT_OR_STRING_FORMS: list[JsonValue] = [{"type": "integer"}, {"type": "string"}]


def children(schema: JsonObject) -> Iterator[JsonObject]:
    """Yield every schema directly inside a schema."""
    inside: list[JsonValue] = [schema.get(keyword) for keyword in SCHEMA_KEYWORDS]
    for keyword in _LISTS:
        inside += items(schema.get(keyword))
    for keyword in SCHEMA_MAPS:
        inside += mapping(schema.get(keyword)).values()
    return (child for child in inside if isinstance(child, dict))


def rebuilt(schema: JsonObject, replace: Callable[[JsonObject], JsonObject]) -> JsonObject:
    """Copy a schema with every schema directly inside it replaced; keys come out sorted."""

    def new(child: JsonValue) -> JsonValue:
        return replace(child) if isinstance(child, dict) else child

    copy: JsonObject = {}
    for keyword, value in sorted(schema.items()):
        if keyword in SCHEMA_KEYWORDS:
            copy[keyword] = new(value)
        elif keyword in _LISTS and isinstance(value, list):
            copy[keyword] = [new(child) for child in value]
        elif keyword in SCHEMA_MAPS and isinstance(value, dict):
            copy[keyword] = {name: new(child) for name, child in sorted(value.items())}
        else:
            copy[keyword] = value
    return copy
