"""An object graph as JSON: `aurora.graph/v1`, whose JSON Schema stands beside this file.

Stable: fields are added, never changed. Writes no files.
"""

from pathlib import Path
from typing import Any

from aurora.model.object_graph import ObjectGraph
from aurora.reporters.json_values import dump, plain

SCHEMA = "aurora.graph/v1"
SCHEMA_FILE = Path(__file__).with_name("graph-v1.schema.json")


def write(graph: ObjectGraph) -> str:
    """Write a graph as one JSON object; edges name nodes by their position."""
    return dump(as_json(graph))


def as_json(graph: ObjectGraph) -> dict[str, Any]:
    """Give a graph as plain values."""
    return {
        "schema": SCHEMA,
        "environment": graph.environment,
        "nodes": [{**plain(node.resource), **plain(node, without=("resource",))} for node in graph.nodes],
        "edges": plain(graph.edges),
    }
