"""Effects of changing claims, volumes and the classes and drivers of storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.effects.conditions import added
from aurora.changes.effects.row import Row, Subject, When
from aurora.model import quantity
from aurora.model.change import ABSENT, Effect

if TYPE_CHECKING:
    from aurora.changes.effects.leaves import Leaf
    from aurora.changes.pairs import Pair

_claim = Subject(
    "claim",
    (("", "PersistentVolumeClaim"),),
    """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: models, namespace: aurora}
spec:
  accessModes: [ReadWriteMany]
  storageClassName: models
  volumeAttributesClassName: slow
  resources: {requests: {storage: 100Gi}}
""",
)
_volume = Subject(
    "volume",
    (("", "PersistentVolume"),),
    """\
apiVersion: v1
kind: PersistentVolume
metadata: {name: models}
spec:
  capacity: {storage: 100Gi}
  accessModes: [ReadWriteMany]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: models
  volumeAttributesClassName: slow
  mountOptions: [noatime]
  csi: {driver: cephfs.csi.ceph.com, volumeHandle: models-1}
""",
)
_class = Subject(
    "storageclass",
    (("storage.k8s.io", "StorageClass"),),
    """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: models, annotations: {storageclass.kubernetes.io/is-default-class: "false"}}
provisioner: cephfs.csi.ceph.com
parameters: {fsName: models}
reclaimPolicy: Retain
volumeBindingMode: Immediate
allowVolumeExpansion: true
mountOptions: [noatime]
""",
)
_AFFINITY = "{required: {nodeSelectorTerms: [{matchExpressions: [{key: pool, operator: Exists}]}]}}"
_CORE = "pkg/apis/core/validation/validation.go"
_STORAGE = "pkg/apis/storage/validation/validation.go"
_DOCS = "kubernetes.io/docs/concepts/storage"


def _shrinks(_pair: Pair, leaf: Leaf) -> bool:
    before, after = (quantity.read(None if value is ABSENT else value) for value in (leaf.before, leaf.after))
    return before is not None and (after is None or after < before)


_claims = (
    _claim.row(
        "shrink",
        "spec.resources.requests.storage",
        effect=Effect.REFUSED,
        words="a claim never shrinks: make a smaller one of another name and copy the data",
        source=f"{_CORE}: ValidatePersistentVolumeClaimUpdate",
        swap=("storage: 100Gi", "storage: 50Gi"),
        when=When("it becomes less", _shrinks),
    ),
    _claim.row(
        "grow",
        "spec.resources.**",
        effect=Effect.IN_PLACE,
        words="the volume grows while pods use it, where its class allows that; some drivers need the pod to restart",
        source=f"{_DOCS}/persistent-volumes: expanding persistent volume claims",
        swap=("storage: 100Gi", "storage: 200Gi"),
    ),
    _claim.row(
        "attributes-class",
        "spec.volumeAttributesClassName",
        effect=Effect.IN_PLACE,
        words="the driver changes the volume's attributes while pods use it",
        source=f"{_DOCS}/volume-attributes-classes",
        swap=("volumeAttributesClassName: slow", "volumeAttributesClassName: fast"),
    ),
    _claim.row(
        "immutable",
        "spec.**",
        effect=Effect.REFUSED,
        words="a claim only grows: make one of another name, copy the data, and let the pods refer to it",
        source=f"{_CORE}: ValidatePersistentVolumeClaimUpdate",
        swap=("storageClassName: models", "storageClassName: other"),
    ),
)

_volumes = (
    _volume.row(
        "reclaim-policy",
        "spec.persistentVolumeReclaimPolicy",
        effect=Effect.IN_PLACE,
        words="decides what happens to the data once the claim is gone; nothing happens before",
        source=f"{_DOCS}/persistent-volumes: reclaiming",
        swap=("Policy: Retain", "Policy: Delete"),
    ),
    _volume.row(
        "binding",
        "spec.capacity.**",
        "spec.accessModes.**",
        "spec.claimRef.**",
        "spec.storageClassName",
        "spec.mountOptions.**",
        effect=Effect.IN_PLACE,
        words="counts for claims that are bound and pods that mount it from now on; it does not resize the volume",
        source="pkg/controller/volume/persistentvolume/pv_controller.go: syncVolume",
        swap=("[noatime]", "[noatime, nodiratime]"),
    ),
    _volume.row(
        "attributes-class",
        "spec.volumeAttributesClassName",
        "spec.csi.controllerExpandSecretRef.**",
        effect=Effect.IN_PLACE,
        words="only a record for the driver, which acts on the claim",
        source=f"{_CORE}: ValidatePersistentVolumeUpdate",
        swap=("volumeAttributesClassName: slow", "volumeAttributesClassName: fast"),
    ),
    _volume.row(
        "first-affinity",
        "spec.nodeAffinity.**",
        effect=Effect.IN_PLACE,
        words="pods that start from now on run where the volume can be reached",
        source=f"{_CORE}: ValidatePersistentVolumeUpdate",
        swap=(
            "  mountOptions",
            f"  nodeAffinity: {_AFFINITY}\n  mountOptions",
        ),
        when=added("the volume had none"),
    ),
    _volume.row(
        "immutable",
        "spec.**",
        effect=Effect.REFUSED,
        words="where a volume's data is never changes: make a volume of another name for another place",
        source=f"{_CORE}: ValidatePersistentVolumeUpdate",
        swap=("models-1", "models-2"),
    ),
)

_classes = (
    _class.row(
        "immutable",
        "provisioner",
        "parameters.**",
        "reclaimPolicy",
        "volumeBindingMode",
        effect=Effect.REFUSED,
        words="a class is immutable: delete it and create it anew, which leaves volumes that it made as they are",
        source=f"{_STORAGE}: ValidateStorageClassUpdate",
        swap=("fsName: models", "fsName: data"),
    ),
    _class.row(
        "new-volumes",
        "allowVolumeExpansion",
        "mountOptions.**",
        "allowedTopologies.**",
        "metadata.annotations[storageclass.kubernetes.io/is-default-class]",
        effect=Effect.IN_PLACE,
        words="counts for volumes that are made or grown from now on; being the default, for claims that name no class",
        source=f"{_DOCS}/storage-classes",
        swap=("allowVolumeExpansion: true", "allowVolumeExpansion: false"),
    ),
)

ROWS: tuple[Row, ...] = (*_claims, *_volumes, *_classes)
