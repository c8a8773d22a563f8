"""The JSON Schemas that editors use, kept beside the files that they describe."""

import json
from collections.abc import Mapping
from typing import Any

from aurora.environment.plugins import component_kinds
from aurora.environment.schema import editor_schema, layer_schema
from aurora.paths import RepositoryPaths
from aurora.reporters import graph_json, json_report, matrix_json, suite_json
from aurora_constructs.catalogue import BY_NAME, ComponentKind

KINDS = ("environment", "layer", "report", "test", "matrix", "graph")
_REPORTS = {
    "report": json_report.SCHEMA_FILE,
    "test": suite_json.SCHEMA_FILE,
    "matrix": matrix_json.SCHEMA_FILE,
    "graph": graph_json.SCHEMA_FILE,
}


def text(kind: str, kinds: Mapping[str, ComponentKind] = BY_NAME) -> str:
    """Give a schema as the text that is committed: sorted, so that equal schemas are equal bytes."""
    schema: dict[str, Any]
    if kind in _REPORTS:
        return _REPORTS[kind].read_text(encoding="utf-8")
    schema = editor_schema(kinds) if kind == "environment" else layer_schema(kinds)
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def committed(paths: RepositoryPaths) -> dict[str, str]:
    """Give the text of each schema file of a repository by its path relative to the root.

    Raises:
        UsageError: a plugin that the repository allows cannot be used.
    """
    folder = paths.shown(paths.environments)
    kinds = component_kinds(paths)
    return {
        f"{folder}/environment.schema.json": text("environment", kinds),
        f"{folder}/bases/layer.schema.json": text("layer", kinds),
    }


def write(paths: RepositoryPaths) -> list[str]:
    """Write a repository's schema files and return their paths."""
    found = committed(paths)
    for path, content in found.items():
        (paths.root / path).write_text(content, encoding="utf-8")
    return sorted(found)
