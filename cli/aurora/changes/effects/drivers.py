"""Effects of changing what storage drivers are described and recorded by."""

from __future__ import annotations

from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_driver = Subject(
    "csidriver",
    (("storage.k8s.io", "CSIDriver"),),
    """\
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: cephfs.csi.ceph.com}
spec: {attachRequired: true, podInfoOnMount: false, fsGroupPolicy: File}
""",
)
_STORAGE = "pkg/apis/storage/validation/validation.go"
_DOCS = "kubernetes.io/docs/concepts/storage"

_drivers = (
    _driver.row(
        "immutable",
        "spec.attachRequired",
        "spec.volumeLifecycleModes.**",
        effect=Effect.REFUSED,
        words="how a driver attaches volumes is immutable: delete the CSIDriver and create it anew",
        source=f"{_STORAGE}: ValidateCSIDriverUpdate",
        swap=("attachRequired: true", "attachRequired: false"),
    ),
    _driver.row(
        "settings",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="counts for volumes that are mounted from now on",
        source="kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-driver-v1",
        swap=("podInfoOnMount: false", "podInfoOnMount: true"),
    ),
)

_node = Subject(
    "csinode",
    (("storage.k8s.io", "CSINode"),),
    """\
apiVersion: storage.k8s.io/v1
kind: CSINode
metadata: {name: node-1}
spec:
  drivers:
  - {name: cephfs.csi.ceph.com, nodeID: node-1, topologyKeys: [], allocatable: {count: 10}}
""",
)
_capacity = Subject(
    "csistoragecapacity",
    (("storage.k8s.io", "CSIStorageCapacity"),),
    """\
apiVersion: storage.k8s.io/v1
kind: CSIStorageCapacity
metadata: {name: models, namespace: storage}
storageClassName: models
capacity: 100Gi
""",
)
_attachment = Subject(
    "volumeattachment",
    (("storage.k8s.io", "VolumeAttachment"),),
    """\
apiVersion: storage.k8s.io/v1
kind: VolumeAttachment
metadata: {name: models-node-1}
spec: {attacher: cephfs.csi.ceph.com, nodeName: node-1, source: {persistentVolumeName: models}}
""",
)
_attributes = Subject(
    "volumeattributesclass",
    (("storage.k8s.io", "VolumeAttributesClass"),),
    """\
apiVersion: storage.k8s.io/v1
kind: VolumeAttributesClass
metadata: {name: fast}
driverName: ebs.csi.aws.com
parameters: {iops: "4000"}
""",
)

_records = (
    _node.row(
        "allocatable",
        "spec.drivers.allocatable.**",
        effect=Effect.IN_PLACE,
        words="the scheduler counts by the new number; the kubelet writes its own again",
        source=f"{_STORAGE}: validateCSINodeDrivers",
        swap=("count: 10", "count: 20"),
    ),
    _node.row(
        "drivers",
        "spec.drivers.**",
        effect=Effect.REFUSED,
        words="what a driver says of its node is immutable, and the kubelet's to write",
        source=f"{_STORAGE}: ValidateCSINodeUpdate",
        swap=("nodeID: node-1", "nodeID: node-2"),
    ),
    _capacity.row(
        "immutable",
        "nodeTopology.**",
        "storageClassName",
        effect=Effect.REFUSED,
        words="what the capacity belongs to is immutable, and the driver's to write",
        source=f"{_STORAGE}: ValidateCSIStorageCapacityUpdate",
        swap=("storageClassName: models", "storageClassName: other"),
    ),
    _capacity.row(
        "capacity",
        "capacity",
        "maximumVolumeSize",
        effect=Effect.IN_PLACE,
        words="the scheduler counts by the new size until the driver writes its own",
        source=f"{_DOCS}/storage-capacity",
        swap=("capacity: 100Gi", "capacity: 50Gi"),
    ),
    _attachment.row(
        "immutable",
        "spec.**",
        effect=Effect.REFUSED,
        words="an attachment is immutable, and the attach controller's to make",
        source=f"{_STORAGE}: ValidateVolumeAttachmentUpdate",
        swap=("nodeName: node-1", "nodeName: node-2"),
    ),
    _attributes.row(
        "immutable",
        "driverName",
        "parameters.**",
        effect=Effect.REFUSED,
        words="the class is immutable: make one of another name and let the claims refer to it",
        source=f"{_STORAGE}: ValidateVolumeAttributesClassUpdate",
        swap=('"4000"', '"8000"'),
    ),
)

ROWS: tuple[Row, ...] = (*_drivers, *_records)
