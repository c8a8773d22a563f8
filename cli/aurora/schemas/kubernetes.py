"""The schemas of the built-in kinds, by Kubernetes minor version, from the package `kubernetes-validate`.

The package keeps one file of definitions a minor version; each kind's own file refers to it by an address
that kubeconform cannot load. Here a kind is cut out together with everything that it refers to. Only the file
of the wanted minor version is read, and the package itself is never imported: that would cost 0.1 s.
"""

import hashlib
import importlib.util
import json
import re
from functools import cached_property
from pathlib import Path
from typing import cast

from aurora.errors import ToolMissingError
from aurora.model.json_schema import children, rebuilt
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.schemas import formats
from aurora.schemas.convert import DRAFT
from aurora.schemas.group_version_kind import GroupVersionKind

_PACKAGE = "kubernetes_validate"
_FOLDER = re.compile(r"v(1\.[0-9]+)\.[0-9]+-local-strict")
_OBJECT_META = "#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
# Go types that take any mapping; every other type without fields is an empty struct, which takes none.
_OPEN_TYPES = (".FieldsV1", ".Patch", ".RawExtension")
_KEPT = frozenset(
    {"$ref", "additionalProperties", "enum", "items", "maximum", "minimum", "oneOf", "properties", "required", "type"}
)


def _folders() -> dict[str, Path]:
    spec = importlib.util.find_spec(_PACKAGE)
    locations = list(spec.submodule_search_locations or ()) if spec else []
    if not locations:
        raise ToolMissingError(
            "the package `kubernetes-validate`, which holds the schemas of Kubernetes, is not installed",
            hint="install Aurora's own requirements: `make setup`",
        )
    found: dict[str, Path] = {}
    for folder in (Path(locations[0]) / "kubernetes-json-schema").iterdir():
        match = _FOLDER.fullmatch(folder.name)
        if match:
            found[match.group(1)] = folder
    return found


def available() -> tuple[str, ...]:
    """Give the minor versions whose schemas are installed, oldest first."""
    return tuple(sorted(_folders(), key=lambda minor: int(minor.partition(".")[2])))


class KubernetesSchemas:
    """The built-in kinds of one minor version."""

    def __init__(self, minor: str) -> None:
        folder = _folders().get(minor)
        self.minor = minor
        self._file = folder / "_definitions.json" if folder else None

    @property
    def exists(self) -> bool:
        """Whether the schemas of this minor version are installed."""
        return self._file is not None

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
