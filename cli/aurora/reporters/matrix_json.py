"""The control matrix as JSON: `aurora.matrix/v1`, whose JSON Schema stands beside this file.

Stable: fields are added, never changed. Writes no files.
"""

from pathlib import Path
from typing import Any

from aurora.model.control_matrix import ControlMatrix, Guard, Row
from aurora.reporters.json_values import dump, plain

SCHEMA = "aurora.matrix/v1"
SCHEMA_FILE = Path(__file__).with_name("matrix-v1.schema.json")


def write(matrix: ControlMatrix) -> str:
    """Write a matrix as one JSON object."""
    return dump(as_json(matrix))


def as_json(matrix: ControlMatrix) -> dict[str, Any]:
    """Give a matrix as plain values."""
    return {
        "schema": SCHEMA,
        "environments": list(matrix.environments),
        "objects": [plain(each) for each in matrix.objects],
        "guards": [str(guard) for guard in Guard],
        "sections": [
            {**plain(section, without=("rows",)), "controls": [_row(row) for row in section.rows]}
            for section in matrix.sections
        ],
        "unassigned": [{"environment": name, "policy": policy} for name, policy in matrix.unassigned],
        "unproved": list(matrix.unproved),
    }


def _row(row: Row) -> dict[str, Any]:
    cells = [{"guard": str(guard), **plain(cell)} for guard, cell in row.cells.items()]
    return {"id": row.control, "title": row.title, "cells": cells}
