"""What the cloud must provide, as JSON: `aurora.prerequisites/v1`, whose JSON Schema stands beside this file.

Stable: fields are added, never changed. Writes no files.
"""

from pathlib import Path

from aurora.model.prerequisites import Prerequisites
from aurora.reporters.json_values import dump, plain

SCHEMA = "aurora.prerequisites/v1"
SCHEMA_FILE = Path(__file__).with_name("prerequisites-v1.schema.json")


def write(found: Prerequisites) -> str:
    """Write everything as one JSON object; documents are in the cloud's own form."""
    return dump({"schema": SCHEMA, **plain(found)})
