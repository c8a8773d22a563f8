"""The diff as JSON: `aurora.diff/v1`, whose JSON Schema stands beside this file.

Stable: fields are added, never changed. Writes no files.
"""

from pathlib import Path
from typing import Any

from aurora.model.change import Change, Effect, FieldChange, Impact
from aurora.model.diff import Diff, Edit
from aurora.reporters.json_report import findings_json
from aurora.reporters.json_values import dump, plain

SCHEMA = "aurora.diff/v1"
SCHEMA_FILE = Path(__file__).with_name("diff-v1.schema.json")


def write(diff: Diff) -> str:
    """Write a diff as one JSON object."""
    return dump(as_json(diff))


def as_json(diff: Diff) -> dict[str, Any]:
    """Give a diff as plain values; folds name their changes by the positions in `changes`."""
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
        "folds": [
            {"changes": [numbers[id(change)] for change in fold.changes], "environments": list(fold.environments)}
            for fold in diff.folds
        ],
        "totals": plain(diff.movements),
        "edits": [_edit(edit) for edit in diff.edits],
        "findings": findings_json(diff.findings),
        "seconds": plain(diff.seconds),
    }


def _change(change: Change) -> dict[str, Any]:
    found = plain(change, without=("fields",))
    return {**found, "impacts": plain(change.impacts), "fields": [_field(entry) for entry in change.fields]}


def _field(entry: FieldChange) -> dict[str, Any]:
    """Give a change of a field with its values as they are: a value may hold numbers of any kind."""
    found: dict[str, Any] = plain(entry, without=() if entry.reordered else ("reordered",))
    return found | {side: getattr(entry, side) for side in ("before", "after") if side in found}


def _edit(edit: Edit) -> dict[str, Any]:
    touched = [{"environment": environment, "resource": plain(resource)} for environment, resource in edit.resources]
    return {**plain(edit), "resources": touched}
