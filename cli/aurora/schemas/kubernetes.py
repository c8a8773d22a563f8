"""The schemas of the built-in kinds, by Kubernetes minor version, from the package `kubernetes-validate`.

The package keeps one file of definitions a minor version; each kind's own file refers to it by an address
that kubeconform cannot load. Here a kind is cut out together with everything that it refers to. Only the file
of the wanted minor version is read.
"""

import hashlib
import json
from functools import cached_property
from typing import cast

from aurora.cluster.kubernetes_versions import folders
from aurora.model.json_schema import children, rebuilt
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.schemas import formats
from aurora.schemas.convert import DRAFT
from aurora.schemas.group_version_kind import GroupVersionKind

_OBJECT_META = "#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
# Go types that take any mapping; every other type without fields is an empty struct, which takes none.
_OPEN_TYPES = (".FieldsV1", ".Patch", ".RawExtension")
_KEPT = frozenset(
    {"$ref", "additionalProperties", "enum", "items", "maximum", "minimum", "oneOf", "properties", "required", "type"}
)


class KubernetesSchemas:
    """The built-in kinds of one minor version."""

    def __init__(self, minor: str) -> None:
        folder = folders().get(minor)
        self.minor = minor
        self._file = folder / "_definitions.json" if folder else None

    @cached_property
    def _raw(self) -> bytes:
        return self._file.read_bytes() if self._file else b"{}"

    @cached_property
    def digest(self) -> str:
        """The hash of everything that the schemas are made from."""
        return hashlib.sha256(self._raw).hexdigest()

    @cached_property
    def _definitions(self) -> JsonObject:
        return mapping(cast("JsonObject", json.loads(self._raw)).get("$defs"))

    @cached_property
    def kinds(self) -> dict[GroupVersionKind, str]:
        """Every kind of object, with the name of its definition; lists and requests are no objects."""
        found: dict[GroupVersionKind, str] = {}
        for name, definition in self._definitions.items():
            entries = items(mapping(definition).get("x-kubernetes-group-version-kind"))
            if len(entries) == 1 and dig(definition, "properties", "metadata", "$ref") == _OBJECT_META:
                entry = mapping(entries[0])
                group, version, kind = (text(entry.get(key)) for key in ("group", "version", "kind"))
                found[GroupVersionKind(group, version, kind)] = name
        return found

    def schema(self, kind: GroupVersionKind) -> JsonObject:
        """Cut out the schema of a kind, with everything that it refers to.

        Raises:
            KeyError: this minor version has no such kind.
        """
        wanted = [self.kinds[kind]]
        definitions: JsonObject = {}
        while wanted:
            name = wanted.pop()
            if name not in definitions:
                closed = _closed(mapping(self._definitions[name]), is_open=name.endswith(_OPEN_TYPES))
                definitions[name] = closed
                wanted.extend(_references(closed))
        root = mapping(definitions.pop(self.kinds[kind]))
        required = {str(name) for name in items(root.get("required"))} | {"apiVersion", "kind", "metadata"}
        return {"$schema": DRAFT, **root, "required": [*sorted(required)], "definitions": definitions}


def _references(schema: JsonObject) -> list[str]:
    found = [text(schema["$ref"]).rpartition("/")[2]] if "$ref" in schema else []
    for child in children(schema):
        found.extend(_references(child))
    return found


def _closed(schema: JsonObject, *, is_open: bool = False) -> JsonObject:
    """Copy a schema without prose, with formats as `formats` reads them and references that stay in the file."""
    if "$ref" in schema:
        return {"$ref": f"#/definitions/{text(schema['$ref']).rpartition('/')[2]}"}
    kept: JsonObject = {key: value for key, value in schema.items() if key in _KEPT}
    closed = {**rebuilt(kept, _closed), **formats.builtin(schema)}
    types = _alternatives(schema)
    if types:
        del closed["oneOf"]
        closed["type"] = types
    has_fields = "properties" in kept or "additionalProperties" in kept
    if "object" in items(schema.get("type")) and not has_fields and not is_open:
        closed["additionalProperties"] = False
    return closed


def _alternatives(schema: JsonObject) -> list[JsonValue]:
    """Give the types of a `oneOf` that lists nothing but types: null fits several of them, which it would refuse."""
    forms = [mapping(form) for form in items(schema.get("oneOf"))]
    if any(form.keys() != {"type"} for form in forms):
        return []
    return [*sorted({str(name) for form in forms for name in items(form["type"])})]
