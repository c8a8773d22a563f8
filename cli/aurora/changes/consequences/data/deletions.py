"""What is destroyed with a deleted object: volumes, claims, everything in a namespace, every object of a kind.

Sources: Kubernetes 1.35, reclaim policies (the default of a StorageClass is Delete), namespace deletion, deletion of
CustomResourceDefinitions, and `persistentVolumeClaimRetentionPolicy` (the default is Retain); domain section 19.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.consequences.examples import CLAIM, NAMESPACE, delete, edit
from aurora.changes.consequences.row import Example, Row, counted
from aurora.changes.consequences.view import View, left
from aurora.model import counts
from aurora.model.change import Impact
from aurora.model.examples import altered
from aurora.model.json_value import dig, items, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.changes.consequences.row import Found
    from aurora.changes.pairs import Pair
    from aurora.model.manifest import Manifest

_RISK = (Impact.DATA_LOSS_RISK,)
_CLASS = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: shared}
provisioner: csi.example.com
reclaimPolicy: Retain
"""
_VOLUME = """\
apiVersion: v1
kind: PersistentVolume
metadata: {name: models}
spec: {persistentVolumeReclaimPolicy: Retain, csi: {driver: csi.example.com, volumeHandle: a}}
"""
_SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store, namespace: ml}
spec:
  replicas: 3
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Delete}
  template: {metadata: {labels: {app: store}}, spec: {containers: [{name: store, image: r.example.com/store:1}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: 1Gi}}}}]
"""
_KEEPING = altered(_SET, "{whenDeleted: Delete, whenScaled: Delete}", "{whenDeleted: Retain, whenScaled: Retain}")
_DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: models.ml.example.com}
spec:
  group: ml.example.com
  names: {kind: Model, plural: models}
  versions: [{name: v1, served: true, storage: true}, {name: v2, served: true, storage: false}]
"""

CLAIM_GONE = Row(
    id="data/claim-deleted",
    subject="PersistentVolumeClaim",
    words="the claim is gone: unless its volume is retained, its data is deleted",
    source="Kubernetes 1.35, persistent volumes, reclaiming",
    impacts=_RISK,
    example=delete(CLAIM),
    counter=delete(CLAIM, _CLASS),
)
CLAIM_RETAINED = Row(
    id="data/claim-released",
    subject="PersistentVolumeClaim",
    words="the claim is gone and its volume retained: the data stays, and nothing reaches it until somebody binds the "
    "volume by hand",
    source="Kubernetes 1.35, persistent volumes, reclaim policy Retain",
    impacts=(Impact.DOWNTIME_RISK,),
    example=delete(CLAIM, _CLASS),
    counter=delete(CLAIM),
)
VOLUME_GONE = Row(
    id="data/volume-deleted",
    subject="PersistentVolume",
    words="the volume's object is gone: with reclaim policy Delete its data goes too, otherwise only a person finds it",
    source="Kubernetes 1.35, persistent volumes, reclaiming",
    impacts=_RISK,
    example=delete(_VOLUME),
    counter=edit(_VOLUME, "metadata: {name: models}", "metadata: {name: models, labels: {a: b}}"),
)
RECLAIM = Row(
    id="data/reclaim-delete",
    subject="PersistentVolume, StorageClass",
    words="volumes are deleted with their claims from now on",
    source="Kubernetes 1.35, persistent volumes, reclaim policies",
    impacts=_RISK,
    example=edit(_VOLUME, "ReclaimPolicy: Retain", "ReclaimPolicy: Delete"),
    counter=edit(_VOLUME, "ReclaimPolicy: Retain", "ReclaimPolicy: Delete").back,
)
SET_GONE = Row(
    id="data/claims-of-set-deleted",
    subject="StatefulSet",
    words="the StatefulSet is gone, and its retention policy deletes the claims of its pods with it",
    source="Kubernetes 1.35, StatefulSets, `persistentVolumeClaimRetentionPolicy.whenDeleted`",
    impacts=_RISK,
    example=delete(_SET),
    counter=delete(_KEEPING),
)
SCALED = Row(
    id="data/claims-scaled-away",
    subject="StatefulSet",
    words="there are fewer replicas, and the retention policy deletes the claims of those that go",
    source="Kubernetes 1.35, StatefulSets, `persistentVolumeClaimRetentionPolicy.whenScaled`",
    impacts=_RISK,
    example=edit(_SET, "replicas: 3", "replicas: 1"),
    counter=edit(_KEEPING, "replicas: 3", "replicas: 1"),
)
RETENTION = Row(
    id="data/retention-delete",
    subject="StatefulSet",
    words="the claims of pods are deleted from now on when the StatefulSet goes, or shrinks",
    source="Kubernetes 1.35, StatefulSets, `persistentVolumeClaimRetentionPolicy`",
    impacts=_RISK,
    example=Example(before=_KEEPING, after=_SET),
    counter=Example(before=_SET, after=_KEEPING),
)
NAMESPACE_GONE = Row(
    id="data/namespace-deleted",
    subject="Namespace",
    words="everything in the namespace is deleted with it, claims and Secrets included, also what Git does not know",
    source="Kubernetes 1.35, namespace deletion",
    impacts=(Impact.DATA_LOSS_RISK, Impact.DOWNTIME_RISK),
    example=delete(NAMESPACE),
    counter=edit(NAMESPACE, "enforce: baseline", "enforce: restricted"),
)
DEFINITION_GONE = Row(
    id="data/definition-deleted",
    subject="CustomResourceDefinition",
    words="every object of the kind is deleted with its definition, in every namespace",
    source="Kubernetes 1.35, custom resources, deleting a CustomResourceDefinition",
    impacts=(Impact.DATA_LOSS_RISK, Impact.DOWNTIME_RISK),
    example=delete(_DEFINITION),
    counter=edit(_DEFINITION, ", {name: v2, served: true, storage: false}", ""),
)
VERSION_GONE = Row(
    id="data/version-not-served",
    subject="CustomResourceDefinition",
    words="a version is no longer served: manifests and clients that use it are refused",
    source="Kubernetes 1.35, versions in CustomResourceDefinitions",
    impacts=(Impact.DOWNTIME_RISK,),
    example=edit(_DEFINITION, "{name: v2, served: true,", "{name: v2, served: false,"),
    counter=delete(_DEFINITION),
)
ROWS = (
    *(CLAIM_GONE, CLAIM_RETAINED, VOLUME_GONE, RECLAIM, SET_GONE, SCALED, RETENTION),
    *(NAMESPACE_GONE, DEFINITION_GONE, VERSION_GONE),
)


def find(view: View) -> Iterator[Found]:
    """Yield what deletions destroy, and what later ones will."""
    for pair in view.of("", "PersistentVolumeClaim"):
        yield from _claim(view, pair)
    for pair in [*view.of("", "PersistentVolume"), *view.of("storage.k8s.io", "StorageClass")]:
        yield from _volume(pair)
    for pair in view.of("apps", "StatefulSet"):
        yield from _set(pair)
    for pair in [*view.of("", "Namespace"), *view.of("apiextensions.k8s.io", "CustomResourceDefinition")]:
        yield from _container(view, pair)


def _claim(view: View, pair: Pair) -> Iterator[Found]:
    gone = left(pair)
    if gone is None:
        return
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


def _container(view: View, pair: Pair) -> Iterator[Found]:
    gone = left(pair)
    if gone is None:
        yield from _versions(pair)
        return
    if gone.id.kind == "Namespace":
        inside = sum(1 for entry in view.before.mentioning(gone.id.name) if entry.id.namespace == gone.id.name)
        yield NAMESPACE_GONE.found(pair, f"everything in it is deleted; Git has {counted(inside, 'object')} of it")
        return
    kind, group = text(gone.get("spec", "names", "kind")), text(gone.get("spec", "group"))
    known = sum(1 for entry in view.before.of_kinds(kind) if entry.id.group == group) if kind else 0
    yield DEFINITION_GONE.found(pair, f"every {kind} is deleted; Git has {counted(known, 'object')} of them")


def _versions(pair: Pair) -> Iterator[Found]:
    if pair.before is None or pair.after is None or pair.resource.kind != "CustomResourceDefinition":
        return
    lost = _served(pair.before) - _served(pair.after)
    if lost:
        yield VERSION_GONE.found(pair, f"{', '.join(f'`{name}`' for name in sorted(lost))} is no longer served")


def _served(definition: Manifest) -> set[str]:
    return {
        text(dig(entry, "name")) for entry in items(definition.get("spec", "versions")) if dig(entry, "served") is True
    }
