"""The JSON Schemas that editors use, kept beside the files that they describe."""

from __future__ import annotations

import json
from typing import Any

from aurora.environment.schema import editor_schema, layer_schema
from aurora.paths import RepositoryPaths
from aurora.reporters.json_report import SCHEMA_FILE
from aurora_constructs.catalogue import BY_NAME

KINDS = ("environment", "layer", "report")


def text(kind: str) -> str:
    """Give a schema as the text that is committed: sorted, so that equal schemas are equal bytes."""
    schema: dict[str, Any]
    if kind == "report":
        return SCHEMA_FILE.read_text(encoding="utf-8")
    schema = editor_schema(BY_NAME) if kind == "environment" else layer_schema(BY_NAME)
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def committed(paths: RepositoryPaths) -> dict[str, str]:
    """Give the text of each schema file of a repository by its path relative to the root."""
    folder = paths.shown(paths.environments)
    return {
        f"{folder}/environment.schema.json": text("environment"),
        f"{folder}/bases/layer.schema.json": text("layer"),
    }


def write(paths: RepositoryPaths) -> list[str]:
    """Write a repository's schema files and return their paths."""
    found = committed(paths)
    for path, content in found.items():
        (paths.root / path).write_text(content, encoding="utf-8")
    return sorted(found)
