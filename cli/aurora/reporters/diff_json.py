"""The diff as JSON: `aurora.diff/v1`, whose JSON Schema stands beside this file.

Stable: fields are added, never changed. Writes no files.
"""

from fractions import Fraction
from pathlib import Path
from typing import Any

from aurora.model.change import ABSENT, Change, Consequence, Effect, FieldChange, Impact
from aurora.model.diff import Diff, Edit, Fold, Totals
from aurora.model.manifest import Manifest
from aurora.reporters import json_values
from aurora.reporters.json_report import findings_json

SCHEMA = "aurora.diff/v1"
SCHEMA_FILE = Path(__file__).with_name("diff-v1.schema.json")


def write(diff: Diff) -> str:
    """Write a diff as one JSON object."""
    return json_values.dump(as_json(diff))


def as_json(diff: Diff) -> dict[str, Any]:
    """Give a diff as plain values."""
    effects, impacts = diff.effects(), diff.impacts()
    numbers = {id(change): number for number, change in enumerate(diff.changes)}
    return {
        "schema": SCHEMA,
        "base": diff.base,
        "head": diff.head,
        "environments": list(diff.environments),
        "summary": {
            "objectsBefore": diff.objects_before,
            "objectsAfter": diff.objects_after,
            "identical": diff.identical,
            "changed": len(diff.changes),
            "effects": {str(effect): effects[effect] for effect in Effect if effects[effect]},
            "impacts": {str(impact): impacts[impact] for impact in Impact if impacts[impact]},
        },
        "changes": [_change(change) for change in diff.changes],
        "folds": [_fold(fold, numbers) for fold in diff.folds],
        "totals": [
            {"environment": entry.environment, "before": _totals(entry.before), "after": _totals(entry.after)}
            for entry in diff.movements
        ],
        "edits": [_edit(edit) for edit in diff.edits],
        "findings": findings_json(diff.findings),
        "seconds": json_values.seconds(diff.seconds),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "resource": json_values.resource(change.resource),
        "environment": change.environment,
        "component": change.component,
        "effect": str(change.effect),
        "impacts": [str(impact) for impact in change.impacts],
        "rule": change.rule,
        "reason": change.reason,
        "before": _manifest(change.before),
        "after": _manifest(change.after),
        "fields": [_field(entry) for entry in change.fields],
        "consequences": [_consequence(entry) for entry in change.consequences],
        "origin": json_values.origin(change.origin),
    }


def _manifest(manifest: Manifest | None) -> dict[str, Any] | None:
    """Say where a side of the object stands and what it is called there; its text is in the repository."""
    if manifest is None:
        return None
    return {"path": manifest.source.path, "line": manifest.source.line, "resource": json_values.resource(manifest.id)}


def _field(entry: FieldChange) -> dict[str, Any]:
    """Leave out the value of a side that has no such field: null is a value."""
    found: dict[str, Any] = {"pointer": entry.pointer, "path": entry.path}
    if entry.before is not ABSENT:
        found["before"] = entry.before
    if entry.after is not ABSENT:
        found["after"] = entry.after
    return found | {"reordered": True} if entry.reordered else found


def _consequence(entry: Consequence) -> dict[str, Any]:
    return {
        "rule": entry.rule,
        "message": entry.message,
        "impacts": [str(impact) for impact in entry.impacts],
        "pointer": entry.pointer,
        "resource": json_values.resource(entry.resource),
    }


def _fold(fold: Fold, numbers: dict[int, int]) -> dict[str, Any]:
    """Name the changes of a fold by their positions in `changes`."""
    return {"changes": [numbers[id(change)] for change in fold.changes], "environments": list(fold.environments)}


def _totals(totals: Totals) -> dict[str, Any]:
    return {
        "pods": totals.pods,
        "cpu": _number(totals.cpu),
        "memory": _number(totals.memory),
        "gpus": _number(totals.gpus),
        "storage": _number(totals.storage),
    }


def _number(amount: Fraction) -> int | float:
    return int(amount) if amount.denominator == 1 else float(amount)


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "what": edit.what,
        "place": json_values.place(edit.place),
        "resources": [
            {"environment": environment, "resource": json_values.resource(resource)}
            for environment, resource in edit.resources
        ],
    }
