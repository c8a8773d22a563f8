"""In what two environments differ, as JSON: `aurora.parity/v1`, whose JSON Schema stands beside this file.

Stable: fields are added, never changed. Writes no files.
"""

from pathlib import Path

from aurora.model.parity import Parity
from aurora.reporters.json_values import dump, plain

SCHEMA = "aurora.parity/v1"
SCHEMA_FILE = Path(__file__).with_name("parity-v1.schema.json")


def write(found: Parity) -> str:
    """Write everything as one JSON object; a side that does not have the value has no `value`."""
    return dump({"schema": SCHEMA, **plain(found)})
