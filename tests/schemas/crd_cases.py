"""Builds small definitions for tests, and finds the fixture files."""

from __future__ import annotations

from pathlib import Path

from aurora.model.json_value import JsonObject
from aurora.schemas.trim import TrimmedCrd, trim
from aurora.yamlio import reading

FOLDER = Path(__file__).parent / "crds"


def definition(root: JsonObject, *, name: str = "thing", subresources: JsonObject | None = None) -> JsonObject:
    """Wrap a root schema into a definition of `Thing` in `example.com/v1`."""
    version: JsonObject = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": root},
        "subresources": subresources or {},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{name}s.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"kind": name.capitalize(), "plural": f"{name}s"},
            "scope": "Namespaced",
            "versions": [version],
        },
    }


def of_spec(spec: JsonObject) -> JsonObject:
    """Wrap the schema of a spec into a root schema."""
    return {"type": "object", "properties": {"spec": spec}}


def trimmed(body: JsonObject) -> TrimmedCrd:
    """Trim a definition that has no problems."""
    result = trim(body)
    assert result.crd is not None, result.problems
    return result.crd


def documents(path: Path) -> list[JsonObject]:
    """Read the documents of a fixture file."""
    found = [reading.parse(document.text).value for document in reading.split(path.read_text(encoding="utf-8"))]
    return [document for document in found if isinstance(document, dict)]
