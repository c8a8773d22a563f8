"""Where data lies: claims that are changed against the rules, and pods whose data comes from elsewhere.

Sources: Kubernetes 1.35, validation of claims (only a larger request is accepted) and volumes of pods.
"""

import json
from collections.abc import Iterator

from aurora.changes.consequences.row import DATA_LOSS, Found, Row
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Pair
from aurora.model import quantity
from aurora.model.json_value import JsonObject, dig, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate

SHRUNK = Row("data/claim-shrunk", DATA_LOSS)
MOVED = Row("data/claim-moved", DATA_LOSS)
OTHER_VOLUME = Row("data/volume-source-changed", DATA_LOSS)

_FIXED = ("storageClassName", "volumeName", "accessModes", "volumeMode", "selector")
_LASTING = ("persistentVolumeClaim", "nfs", "csi", "hostPath", "azureFile", "cephfs", "ephemeral")
"""Sources whose data outlives a container; the others hold copies, or nothing worth keeping."""


def find(view: View) -> Iterator[Found]:
    """Yield claims and volumes whose data is at risk."""
    for pair, *sides in view.updated("", "PersistentVolumeClaim"):
        yield from _claim(pair, *sides)
    for pair, before, after in view.updated_workloads():
        yield from _volumes(pair, before, after)


def _claim(pair: Pair, *sides: Manifest) -> Iterator[Found]:
    steps = ("spec", "resources", "requests", "storage")
    old, new = (quantity.read(side.get(*steps)) for side in sides)
    if old is not None and new is not None and new < old:
        yield SHRUNK.found(pair, f"asks for {quantity.render(new)}, and has {quantity.render(old)}", steps=steps)
    for field in _FIXED:
        one, other = (side.get("spec", field) for side in sides)
        # What a manifest leaves out the cluster has filled in: nothing is known to change then.
        if one is not None and other is not None and one != other:
            yield MOVED.found(pair, f"`{field}` is {_shown(other)} in place of {_shown(one)}", steps=("spec", field))


def _shown(value: object) -> str:
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _volumes(pair: Pair, before: PodTemplate, after: PodTemplate) -> Iterator[Found]:
    known = {text(volume.get("name")): volume for _, volume in before.volumes}
    for steps, volume in after.volumes:
        name = text(volume.get("name"))
        old = _source(known.get(name, {}))
        if old is not None and _source(volume) != old:
            message = f"the volume `{name}` comes from {_words(volume)} in place of {_words(known[name])}"
            yield OTHER_VOLUME.found(pair, message, steps=steps)
        known.pop(name, None)
    for name, volume in known.items():
        if _source(volume) is not None:
            yield OTHER_VOLUME.found(pair, f"the volume `{name}` from {_words(volume)} is gone")


def _source(volume: JsonObject) -> str | None:
    """Say what a volume's data is, None where it does not last."""
    claim = text(dig(volume, "persistentVolumeClaim", "claimName"))
    if claim:
        return f"claim {claim}"
    found = next((field for field in _LASTING if field in volume), None)
    return None if found is None else f"{found} {json.dumps(volume[found], sort_keys=True)}"


def _words(volume: JsonObject) -> str:
    claim = text(dig(volume, "persistentVolumeClaim", "claimName"))
    if claim:
        return f"the claim `{claim}`"
    return f"`{next((field for field in volume if field != 'name'), 'emptyDir')}`"
