"""An object graph as JSON: `aurora.graph/v1`, whose JSON Schema stands beside this file.

Stable: fields are added, never changed. Writes no files.
"""

from pathlib import Path
from typing import Any

from aurora.model.object_graph import Node, ObjectGraph
from aurora.reporters import json_values

SCHEMA = "aurora.graph/v1"
SCHEMA_FILE = Path(__file__).with_name("graph-v1.schema.json")


def write(graph: ObjectGraph) -> str:
    """Write a graph as one JSON object; edges name nodes by their position."""
    return json_values.dump(as_json(graph))


def as_json(graph: ObjectGraph) -> dict[str, Any]:
    """Give a graph as plain values."""
    return {
        "schema": SCHEMA,
        "environment": graph.environment,
        "nodes": [_node(node) for node in graph.nodes],
        "edges": [{"source": edge.source, "target": edge.target, "how": edge.how} for edge in graph.edges],
    }


def _node(node: Node) -> dict[str, Any]:
    return {
        **(json_values.resource(node.resource) or {}),
        "component": node.component,
        "state": str(node.state),
        "place": json_values.place(node.place),
    }
