"""Brings synthesised objects into the one form in which they are judged and committed.

List to list, no disk: waves are added, order is fixed, and two objects of one identity are refused.
"""

from collections.abc import Iterable
from dataclasses import replace

from aurora.cluster.sync_order import HELM_HOOK
from aurora.errors import CollisionError
from aurora.kinds import table
from aurora.model.json_value import JsonObject, mapping
from aurora.synth import SynthesisedObject
from aurora_constructs import labels


def normalise(objects: Iterable[SynthesisedObject]) -> tuple[SynthesisedObject, ...]:
    """Add sync waves, sort by component and identity, and prove that every identity is unique.

    Raises:
        CollisionError: two constructs made an object of one identity.
    """
    found = sorted((_with_wave(entry) for entry in objects), key=_order)
    owners: dict[tuple[str, str, str, str], SynthesisedObject] = {}
    for entry in found:
        resource = entry.id
        earlier = owners.setdefault(resource.identity, entry)
        if earlier is not entry and earlier.emitted and entry.emitted:
            raise CollisionError(
                f"`{earlier.construct}` and `{entry.construct}` both make {resource}",
                hint="give one of the two another name, or let one component own the object",
            )
    return tuple(found)


def _order(entry: SynthesisedObject) -> tuple[str, tuple[str, str, str, str], bool]:
    return entry.component, entry.id.identity, entry.emitted


def _with_wave(entry: SynthesisedObject) -> SynthesisedObject:
    """Number an object's place in its Application; hooks are ordered by their phase."""
    resource = entry.id
    annotations = mapping(mapping(entry.body.get("metadata")).get("annotations"))
    known = table.find(resource.group, resource.kind)
    wave = known.wave if known else 0
    if not entry.emitted or wave == 0 or annotations.keys() & {labels.SYNC_WAVE, labels.HOOK, HELM_HOOK}:
        return entry
    metadata = {**mapping(entry.body.get("metadata")), "annotations": {**annotations, labels.SYNC_WAVE: str(wave)}}
    body: JsonObject = {**entry.body, "metadata": metadata}
    return replace(entry, body=body)
