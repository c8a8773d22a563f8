"""Building blocks of structural schemas: every one of them is bounded.

CEL rules on unbounded text, lists or maps exceed the API server's cost budget, and the definition is
refused (docs/facts/custom-resources.md): so nothing here can be built without a bound. Pure; imports no cdk8s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aurora_constructs.names import DEFAULT, Names

Schema = dict[str, object]

DNS_LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
DNS_SUBDOMAIN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
MODEL_VERSION = f"^{DEFAULT.version_pattern}$"
QUANTITY = r"^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi)?$"


def rule(expression: str, message: str, *, field: str | None = None) -> Schema:
    """Build a CEL rule; `field`, such as `.weight`, is where the message points."""
    built: Schema = {"rule": expression, "message": message}
    if field:
        built["fieldPath"] = field
    return built


def text(
    description: str,
    *,
    longest: int,
    shortest: int = 1,
    pattern: str | None = None,
    rules: Sequence[Schema] = (),
) -> Schema:
    """Build a text between two lengths."""
    built: Schema = {"type": "string", "description": description, "minLength": shortest, "maxLength": longest}
    if pattern:
        built["pattern"] = pattern
    if rules:
        built["x-kubernetes-validations"] = list(rules)
    return built


def label(description: str) -> Schema:
    """Build a DNS-1123 label."""
    return text(description, longest=63, pattern=DNS_LABEL)


def object_name(description: str) -> Schema:
    """Build the name of an object: a DNS-1123 subdomain."""
    return text(description, longest=253, pattern=DNS_SUBDOMAIN)


def model_version(description: str) -> Schema:
    """Build a model version: `vYYYYMMDD-HHMMSS`."""
    return text(description, longest=16, shortest=16, pattern=MODEL_VERSION)


def versions_as_named(schema: Any, names: Names) -> Any:
    """Give a copy of a schema in which model versions have the form that the platform's names give them."""
    if isinstance(schema, list):
        return [versions_as_named(entry, names) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    copied = {key: versions_as_named(entry, names) for key, entry in schema.items()}
    if names.version_pattern != DEFAULT.version_pattern and copied.get("pattern") == MODEL_VERSION:
        copied |= {"pattern": f"^{names.version_pattern}$", "minLength": 1, "maxLength": 63}
    return copied


def quantity(description: str) -> Schema:
    """Build a resource quantity, always a text: numbers and texts would be two spellings of one value."""
    return text(description, longest=32, pattern=QUANTITY)


def choice(description: str, values: Sequence[str], *, default: str | None = None) -> Schema:
    """Build one of several words."""
    built: Schema = {"type": "string", "description": description, "enum": list(values)}
    if default is not None:
        built["default"] = default
    return built


def integer(description: str, *, least: int, most: int, default: int | None = None) -> Schema:
    """Build a whole number between two bounds."""
    built: Schema = {"type": "integer", "description": description, "minimum": least, "maximum": most}
    if default is not None:
        built["default"] = default
    return built


def switch(description: str, *, default: bool) -> Schema:
    """Build a yes or no."""
    return {"type": "boolean", "description": description, "default": default}


def time(description: str) -> Schema:
    """Build a point in time; its format bounds it."""
    return {"type": "string", "description": description, "format": "date-time"}


def record(
    description: str,
    properties: Mapping[str, Schema],
    *,
    required: Sequence[str] = (),
    rules: Sequence[Schema] = (),
) -> Schema:
    """Build an object with named fields."""
    built: Schema = {"type": "object", "description": description, "properties": dict(properties)}
    if required:
        built["required"] = list(required)
    if rules:
        built["x-kubernetes-validations"] = list(rules)
    return built


def rows(description: str, item: Schema, *, most: int, key: str | None = None) -> Schema:
    """Build a list; with `key` its items are told apart by that field, otherwise it is one value."""
    built: Schema = {"type": "array", "description": description, "items": item, "maxItems": most}
    if key:
        built["x-kubernetes-list-type"] = "map"
        built["x-kubernetes-list-map-keys"] = [key]
    else:
        built["x-kubernetes-list-type"] = "atomic"
    return built


def words(description: str, *, most: int, longest: int) -> Schema:
    """Build a map from text to text, such as metrics, which are never floating-point numbers."""
    return {
        "type": "object",
        "description": description,
        "additionalProperties": {"type": "string", "maxLength": longest},
        "maxProperties": most,
    }
