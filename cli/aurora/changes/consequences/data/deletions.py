"""What is destroyed with a deleted object: volumes, claims, everything in a namespace, every object of a kind.

Sources: Kubernetes 1.35, reclaim policies (the default of a StorageClass is Delete), namespace deletion, deletion of
CustomResourceDefinitions, and `persistentVolumeClaimRetentionPolicy` (the default is Retain).
"""

from collections.abc import Iterator

from aurora.changes.consequences.downtime.definitions import served
from aurora.changes.consequences.row import DATA_LOSS, DOWNTIME, Found, Row, counted
from aurora.changes.consequences.view import View, left
from aurora.changes.pairs import Pair
from aurora.model import counts
from aurora.model.json_value import text
from aurora.model.manifest import Manifest

CLAIM_GONE = Row("data/claim-deleted", DATA_LOSS)
CLAIM_RETAINED = Row("data/claim-released", DOWNTIME)
VOLUME_GONE = Row("data/volume-deleted", DATA_LOSS)
RECLAIM = Row("data/reclaim-delete", DATA_LOSS)
SET_GONE = Row("data/claims-of-set-deleted", DATA_LOSS)
SCALED = Row("data/claims-scaled-away", DATA_LOSS)
RETENTION = Row("data/retention-delete", DATA_LOSS)
NAMESPACE_GONE = Row("data/namespace-deleted", DATA_LOSS + DOWNTIME)
DEFINITION_GONE = Row("data/definition-deleted", DATA_LOSS + DOWNTIME)
VERSION_GONE = Row("data/version-not-served", DOWNTIME)


def find(view: View) -> Iterator[Found]:
    """Yield what deletions destroy, and what later ones will."""
    for pair, gone in view.gone("", "PersistentVolumeClaim"):
        yield from _claim(view, pair, gone)
    for pair in [*view.of("", "PersistentVolume"), *view.of("storage.k8s.io", "StorageClass")]:
        yield from _volume(pair)
    for pair in view.of("apps", "StatefulSet"):
        yield from _set(pair)
    for pair, gone in view.gone("", "Namespace"):
        inside = sum(1 for entry in view.before.mentioning(gone.id.name) if entry.id.namespace == gone.id.name)
        yield NAMESPACE_GONE.found(pair, f"everything in it is deleted; Git has {counted(inside, 'object')} of it")
    for pair, gone in view.gone("apiextensions.k8s.io", "CustomResourceDefinition"):
        kind, group = text(gone.get("spec", "names", "kind")), text(gone.get("spec", "group"))
        known = sum(1 for entry in view.before.of_kinds(kind) if entry.id.group == group) if kind else 0
        yield DEFINITION_GONE.found(pair, f"every {kind} is deleted; Git has {counted(known, 'object')} of them")
    for pair, before, after in view.updated("apiextensions.k8s.io", "CustomResourceDefinition"):
        lost = served(before).keys() - served(after).keys()
        if lost:
            yield VERSION_GONE.found(pair, f"{', '.join(f'`{name}`' for name in sorted(lost))} is no longer served")


def _claim(view: View, pair: Pair, gone: Manifest) -> Iterator[Found]:
    volume = view.before.find("PersistentVolume", text(gone.get("spec", "volumeName")))
    name = text(gone.get("spec", "storageClassName"))
    found = volume or view.before.find("StorageClass", name)
    if found is None:
        known = (
            f"nothing here says whether class `{name}` retains volumes"
            if name
            else "its class is the cluster's default"
        )
        yield CLAIM_GONE.found(pair, f"{gone.id} is deleted; {known}")
    elif _policy(found) == "Retain":
        yield CLAIM_RETAINED.found(pair, f"{gone.id} is deleted; {found.id} retains the volume")
    else:
        yield CLAIM_GONE.found(pair, f"{gone.id} is deleted, and its data with it: {found.id} reclaims by Delete")


def _policy(manifest: Manifest) -> str:
    if manifest.id.kind == "PersistentVolume":
        return text(manifest.get("spec", "persistentVolumeReclaimPolicy")) or "Retain"
    return text(manifest.get("reclaimPolicy")) or "Delete"


def _volume(pair: Pair) -> Iterator[Found]:
    gone = left(pair)
    if gone is not None and gone.id.kind == "PersistentVolume":
        yield VOLUME_GONE.found(pair, f"{gone.id} is deleted; its reclaim policy is {_policy(gone)}")
    elif pair.before is not None and pair.after is not None:
        old, new = _policy(pair.before), _policy(pair.after)
        if new == "Delete" and old != new:
            yield RECLAIM.found(pair, f"the reclaim policy is Delete in place of {old}")


def _retention(manifest: Manifest, event: str) -> bool:
    return manifest.get("spec", "persistentVolumeClaimRetentionPolicy", event) == "Delete"


def _set(pair: Pair) -> Iterator[Found]:
    gone = left(pair)
    if gone is not None and _retention(gone, "whenDeleted"):
        yield SET_GONE.found(pair, "the claims of its pods are deleted with it")
    if pair.before is None or pair.after is None:
        return
    events = [event for event in ("whenDeleted", "whenScaled") if _retention(pair.after, event)]
    more = [event for event in events if not _retention(pair.before, event)]
    if more:
        yield RETENTION.found(pair, f"{' and '.join(f'`{event}: Delete`' for event in more)} is set", steps=("spec",))
    old, new = (counts.integer(side.get("spec", "replicas")) for side in (pair.before, pair.after))
    if "whenScaled" in events and (1 if new is None else new) < (1 if old is None else old):
        yield SCALED.found(pair, f"the claims of {(old or 1) - (1 if new is None else new)} replicas are deleted")
