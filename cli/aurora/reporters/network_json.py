"""The network of an environment as JSON: `aurora.network/v1`, whose JSON Schema stands beside this file.

Stable: fields are added, never changed. Writes no files.
"""

from pathlib import Path

from aurora.model.network_graph import NetworkGraph
from aurora.reporters.json_values import dump, plain

SCHEMA = "aurora.network/v1"
SCHEMA_FILE = Path(__file__).with_name("network-v1.schema.json")


def write(graph: NetworkGraph) -> str:
    """Write a network as one JSON object; flows name parties by their position."""
    return dump({"schema": SCHEMA, **plain(graph)})
