"""Rehearsals as JSON: `aurora.rehearsal/v1`, whose JSON Schema stands beside this file.

Stable: fields are added, never changed. Writes no files.
"""

from pathlib import Path

from aurora.model.rehearsal import Rehearsals
from aurora.reporters.json_values import dump, plain

SCHEMA = "aurora.rehearsal/v1"
SCHEMA_FILE = Path(__file__).with_name("rehearsal-v1.schema.json")


def write(found: Rehearsals) -> str:
    """Write everything as one JSON object; `holds` says whether all of it was as it should be."""
    environments = [
        {**plain(each), "holds": each.holds, "notShown": list(each.not_shown)} for each in found.environments
    ]
    return dump(
        {"schema": SCHEMA, "holds": found.holds, "programs": dict(found.programs), "environments": environments}
    )
