"""The control matrix as JSON: `aurora.matrix/v1`, whose JSON Schema stands beside this file.

Stable: fields are added, never changed. Writes no files.
"""

from pathlib import Path
from typing import Any

from aurora.model.control_matrix import ControlMatrix, Guard, Row
from aurora.reporters import json_values

SCHEMA = "aurora.matrix/v1"
SCHEMA_FILE = Path(__file__).with_name("matrix-v1.schema.json")


def write(matrix: ControlMatrix) -> str:
    """Write a matrix as one JSON object."""
    return json_values.dump(as_json(matrix))


def as_json(matrix: ControlMatrix) -> dict[str, Any]:
    """Give a matrix as plain values."""
    return {
        "schema": SCHEMA,
        "environments": list(matrix.environments),
        "guards": [str(guard) for guard in Guard],
        "sections": [
            {
                "environment": section.environment,
                "namespaces": list(section.namespaces),
                "controls": [_row(row) for row in section.rows],
            }
            for section in matrix.sections
        ],
        "unassigned": [{"environment": name, "policy": policy} for name, policy in matrix.unassigned],
        "unproved": list(matrix.unproved),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "id": row.control,
        "title": row.title,
        "cells": [
            {
                "guard": str(guard),
                "grip": str(cell.grip),
                "words": cell.words,
                "proofs": [{"name": proof.name, "place": json_values.place(proof.place)} for proof in cell.proofs],
            }
            for guard, cell in row.cells.items()
        ],
    }
