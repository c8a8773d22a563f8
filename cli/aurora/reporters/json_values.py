"""What every JSON report is made of: resources, places and origins as plain values. Writes no files."""

import json
from typing import Any

from aurora.model.manifest import Origin
from aurora.model.place import Place
from aurora.model.resource import ResourceId


def dump(body: dict[str, Any]) -> str:
    """Write a report as one JSON object."""
    return json.dumps(body, indent=2, ensure_ascii=False)


def resource(found: ResourceId | None) -> dict[str, Any] | None:
    """Give an object's identity."""
    if found is None:
        return None
    return {"apiVersion": found.api_version, "kind": found.kind, "namespace": found.namespace, "name": found.name}


def place(found: Place | None) -> dict[str, Any] | None:
    """Give a place in a file."""
    return {"path": found.path, "line": found.line, "column": found.column} if found else None


def origin(found: Origin | None) -> dict[str, Any] | None:
    """Give the line of an environment file that an object comes from."""
    return {"path": found.path, "line": found.line, "construct": found.construct} if found else None


def seconds(stages: dict[str, float]) -> dict[str, float]:
    """Give how long each stage took."""
    return {stage: round(taken, 3) for stage, taken in stages.items()}
