"""Effects of changing devices, claims of devices, and groups of pods that are scheduled together."""

from __future__ import annotations

from aurora.changes.effects.conditions import added, becomes
from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_RESOURCE = "resource.k8s.io"
_CONTROLLER = "  controllerRef: {apiGroup: batch, kind: Job, name: train}\n"
_claim = Subject(
    "resourceclaim",
    ((_RESOURCE, "ResourceClaim"), (_RESOURCE, "ResourceClaimTemplate")),
    """\
apiVersion: resource.k8s.io/v1
kind: ResourceClaim
metadata: {name: gpu, namespace: aurora}
spec:
  devices:
    requests: [{name: gpu, exactly: {deviceClassName: gpu.example.com}}]
""",
)
_class = Subject(
    "deviceclass",
    ((_RESOURCE, "DeviceClass"),),
    """\
apiVersion: resource.k8s.io/v1
kind: DeviceClass
metadata: {name: gpu.example.com}
spec:
  selectors: [{cel: {expression: 'device.driver == "gpu.example.com"'}}]
""",
)
_slice = Subject(
    "resourceslice",
    ((_RESOURCE, "ResourceSlice"),),
    """\
apiVersion: resource.k8s.io/v1
kind: ResourceSlice
metadata: {name: node-1-gpu}
spec:
  driver: gpu.example.com
  nodeName: node-1
  pool: {name: node-1, generation: 1, resourceSliceCount: 1}
  devices: [{name: gpu-0}]
""",
)
_taint = Subject(
    "devicetaintrule",
    ((_RESOURCE, "DeviceTaintRule"),),
    """\
apiVersion: resource.k8s.io/v1alpha3
kind: DeviceTaintRule
metadata: {name: broken}
spec:
  deviceSelector: {driver: gpu.example.com, pool: node-1, device: gpu-0}
  taint: {key: example.com/broken, effect: NoSchedule}
""",
)
_workload = Subject(
    "schedulingworkload",
    (("scheduling.k8s.io", "Workload"),),
    """\
apiVersion: scheduling.k8s.io/v1alpha1
kind: Workload
metadata: {name: train, namespace: aurora}
spec:
  controllerRef: {apiGroup: batch, kind: Job, name: train}
  podGroups: [{name: workers, policy: {gang: {minCount: 4}}}]
""",
)
_DRA = "pkg/apis/resource/validation/validation.go"

_devices = (
    _claim.row(
        "immutable",
        "spec.**",
        effect=Effect.REFUSED,
        words="a claim of devices is immutable: make one of another name and let the pods refer to it",
        source=f"{_DRA}: ValidateResourceClaimUpdate, ValidateResourceClaimTemplateUpdate",
        swap=("deviceClassName: gpu.example.com", "deviceClassName: other.example.com"),
    ),
    _class.row(
        "selection",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="claims that are allocated from now on get other devices; allocated ones keep theirs",
        source="kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation",
        swap=('== "gpu', '!= "gpu'),
    ),
    _slice.row(
        "immutable",
        "spec.pool.name",
        "spec.driver",
        "spec.nodeName",
        effect=Effect.REFUSED,
        words="what the devices belong to is immutable, and the driver's to write",
        source=f"{_DRA}: validateResourceSliceSpec",
        swap=("nodeName: node-1", "nodeName: node-2"),
    ),
    _slice.row(
        "devices",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="the scheduler sees other devices until the driver writes its own list",
        source="kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation",
        swap=("name: gpu-0", "name: gpu-1"),
    ),
    _taint.row(
        "evicting",
        "spec.taint.effect",
        effect=Effect.RECREATE,
        words="pods that use the device and do not tolerate the taint are evicted",
        source="pkg/controller/devicetainteviction/device_taint_eviction.go",
        swap=("effect: NoSchedule", "effect: NoExecute"),
        when=becomes("it becomes NoExecute", "NoExecute"),
    ),
    _taint.row(
        "taint",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="the devices that are chosen are taken by other claims from now on",
        source="kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation: device taints",
        swap=("device: gpu-0", "device: gpu-1"),
    ),
    _workload.like(_CONTROLLER, "").row(
        "first-controller",
        "spec.controllerRef.**",
        effect=Effect.IN_PLACE,
        words="the controller that the group belongs to may be named once; no pod is touched",
        source="pkg/apis/scheduling/validation/validation.go: validateWorkloadSpecUpdate",
        swap=("  podGroups", f"{_CONTROLLER}  podGroups"),
        when=added("none was named"),
    ),
    _workload.row(
        "immutable",
        "spec.**",
        effect=Effect.REFUSED,
        words="the pod groups are immutable: make a Workload of another name",
        source="pkg/apis/scheduling/validation/validation.go: validateWorkloadSpecUpdate",
        swap=("minCount: 4", "minCount: 2"),
    ),
)

ROWS: tuple[Row, ...] = _devices
