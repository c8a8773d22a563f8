"""Keeps the values of Secrets out of every report: what shows is that they differ, never what they are."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace

from aurora.model.change import ABSENT, Absent, FieldChange
from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.manifest import Manifest
from aurora.model.resource import ResourceId
from aurora.yamlio import writing

_OPEN = frozenset({"apiVersion", "kind", "metadata", "type", "immutable"})
"""What of a Secret may be shown; a value may stand in any other field, `Data` or `stringdata` by mistake."""
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""What `kubectl apply` keeps of the object: all of it."""
_SHOWN = 6
"""Hexadecimal digits of the hash: enough to see a change, too few to confirm a guess."""


def is_secret(resource: ResourceId) -> bool:
    """Tell whether an object is a Secret, or was meant as one: the value is as real where the kind is misspelt."""
    return resource.group == "" and resource.kind.casefold() in ("secret", "secrets")


def masked(value: JsonValue) -> JsonValue:
    """Replace every value by the beginning of its hash; keys stay."""
    if isinstance(value, dict):
        return {key: masked(entry) for key, entry in value.items()}
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:_SHOWN]}…"


def fields(changes: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """Mask the values of a Secret's changed fields."""
    return tuple(
        replace(change, before=_side(change, change.before), after=_side(change, change.after)) for change in changes
    )


def _side(change: FieldChange, value: JsonValue | Absent) -> JsonValue | Absent:
    if value is ABSENT:
        return value
    steps = change.pointer.split("/")[1:]
    if steps[0] not in _OPEN:
        return masked(value)
    if steps[:2] == ["metadata", "annotations"]:
        if steps[2:] == [_APPLIED.replace("/", "~1")]:
            return masked(value)
        if isinstance(value, dict):
            return _without_applied(value)
    return value


def _without_applied(annotations: JsonObject) -> JsonObject:
    return {key: masked(value) if key == _APPLIED else value for key, value in annotations.items()}


def manifest(found: Manifest | None) -> Manifest | None:
    """Give a manifest as reports may show it: that of a Secret without its values, in body and text."""
    if found is None or not is_secret(found.id):
        return found
    body = {key: value if key in _OPEN else masked(value) for key, value in found.body.items()}
    metadata = body.get("metadata")
    if isinstance(metadata, dict) and isinstance(annotations := metadata.get("annotations"), dict):
        body["metadata"] = {**metadata, "annotations": _without_applied(annotations)}
    return replace(found, body=body, text=writing.dump(body))
