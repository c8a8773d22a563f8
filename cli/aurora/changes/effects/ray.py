"""Effects of changing the kinds of Ray: clusters, services, jobs."""

from __future__ import annotations

from aurora.changes.effects.conditions import after_is
from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_cluster = Subject(
    "raycluster",
    (("ray.io", "RayCluster"),),
    """\
apiVersion: ray.io/v1
kind: RayCluster
metadata: {name: ray, namespace: aurora}
spec:
  upgradeStrategy: {type: None}
  suspend: false
  managedBy: ray.io/kuberay-operator
  headGroupSpec: {template: {spec: {containers: [{name: head, image: "registry.example.com/ray:v1"}]}}}
  workerGroupSpecs:
  - {groupName: gpu, replicas: 2, minReplicas: 1, maxReplicas: 4, template: {spec: {containers: [{name: worker}]}}}
""",
)
_service = Subject(
    "rayservice",
    (("ray.io", "RayService"),),
    """\
apiVersion: ray.io/v1
kind: RayService
metadata: {name: assistant, namespace: aurora}
spec:
  upgradeStrategy: {type: NewCluster}
  serveConfigV2: "applications: []"
  rayClusterConfig:
    headGroupSpec: {template: {spec: {containers: [{name: head, image: "registry.example.com/ray:v1"}]}}}
    workerGroupSpecs:
    - {groupName: gpu, replicas: 2, minReplicas: 1, maxReplicas: 4, template: {spec: {containers: [{name: worker}]}}}
""",
)
_rayjob = Subject(
    "rayjob",
    (("ray.io", "RayJob"),),
    """\
apiVersion: ray.io/v1
kind: RayJob
metadata: {name: train, namespace: aurora}
spec: {suspend: false, entrypoint: python train.py, backoffLimit: 1}
""",
)
_raycron = Subject(
    "raycronjob",
    (("ray.io", "RayCronJob"),),
    """\
apiVersion: ray.io/v1
kind: RayCronJob
metadata: {name: retrain, namespace: aurora}
spec: {schedule: "0 3 * * *", jobTemplate: {entrypoint: python train.py}}
""",
)
_RAY = "KubeRay: ray-operator/controllers/ray"

_ray = (
    _cluster.row(
        "immutable",
        "spec.managedBy",
        "spec.gcsFaultToleranceOptions.backend",
        effect=Effect.REFUSED,
        words="a rule of the CRD keeps it as it is: make a cluster of another name",
        source="RayCluster CRD 1.7.0: rules `self == oldSelf`",
        swap=("ray.io/kuberay-operator", "kueue.x-k8s.io/multikueue"),
    ),
    _cluster.row(
        "workers",
        "spec.workerGroupSpecs.replicas",
        "spec.workerGroupSpecs.minReplicas",
        "spec.workerGroupSpecs.maxReplicas",
        "spec.workerGroupSpecs.scaleStrategy.**",
        "spec.workerGroupSpecs.suspend",
        "spec.suspend",
        effect=Effect.SCALE,
        words="worker pods are started or ended; with the in-tree autoscaler it decides the number within the bounds",
        source=f"{_RAY}/raycluster_controller.go: reconcilePods",
        swap=("replicas: 2, minReplicas", "replicas: 3, minReplicas"),
    ),
    _cluster.like("type: None", "type: Recreate").row(
        "upgrade",
        "spec.**",
        effect=Effect.RECREATE,
        words="the upgrade strategy is Recreate: all pods end, head and workers, before new ones start",
        source=f"{_RAY}/raycluster_controller.go: shouldRecreatePodsForUpgrade",
        swap=("ray:v1", "ray:v2"),
        when=after_is("the upgrade strategy is Recreate", "spec", "upgradeStrategy", "type", value="Recreate"),
        ordered=True,
    ),
    _cluster.row(
        "new-pods",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="pods that run stay as they are; only those that are made from now on differ, so the cluster "
        "becomes mixed",
        source=f"{_RAY}/raycluster_controller.go: shouldRecreatePodsForUpgrade",
        swap=("ray:v1", "ray:v2"),
        ordered=True,
    ),
    _service.row(
        "replicas",
        "spec.rayClusterConfig.workerGroupSpecs.replicas",
        "spec.rayClusterConfig.workerGroupSpecs.minReplicas",
        "spec.rayClusterConfig.workerGroupSpecs.maxReplicas",
        "spec.rayClusterConfig.workerGroupSpecs.scaleStrategy.**",
        effect=Effect.IN_PLACE,
        words="the running cluster is not changed for it: numbers of workers are left to its autoscaler",
        source=f"{_RAY}/rayservice_controller.go: isClusterSpecHashEqual",
        swap=("replicas: 2, minReplicas", "replicas: 3, minReplicas"),
    ),
    _service.like("type: NewCluster", "type: None").row(
        "cluster-kept",
        "spec.rayClusterConfig.**",
        effect=Effect.IN_PLACE,
        words="the upgrade strategy is None: the running cluster stays as it is",
        source=f"{_RAY}/rayservice_controller.go: shouldPrepareNewCluster",
        swap=("ray:v1", "ray:v2"),
        when=after_is("the upgrade strategy is None", "spec", "upgradeStrategy", "type", value="None"),
        ordered=True,
    ),
    _service.row(
        "cluster",
        "spec.rayClusterConfig.**",
        effect=Effect.ROLLING_RESTART,
        words="a second cluster is started beside the first and takes the requests over once it is ready; then "
        "the first ends",
        source=f"{_RAY}/rayservice_controller.go: shouldPrepareNewCluster",
        swap=("ray:v1", "ray:v2"),
        ordered=True,
    ),
    _service.row(
        "applications",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="Ray Serve changes its applications in the running cluster; no pod restarts",
        source="docs.ray.io: Kubernetes, RayService user guide, in-place updates",
        swap=("applications: []", "applications: [{name: one}]"),
    ),
    _rayjob.row(
        "suspend",
        "spec.suspend",
        effect=Effect.SCALE,
        words="suspending deletes the job's cluster and ends its work; resuming makes a new one",
        source=f"{_RAY}/rayjob_controller.go: Reconcile",
        swap=("suspend: false", "suspend: true"),
    ),
    _rayjob.row(
        "next-attempt",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="the job that runs stays as it is; only another attempt, or one that is resumed, uses it",
        source=f"{_RAY}/rayjob_controller.go: Reconcile",
        swap=("python train.py", "python train2.py"),
        ordered=True,
    ),
    _raycron.row(
        "next-run",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="counts from the next planned run on; running jobs go on",
        source=f"{_RAY}/raycronjob_controller.go: Reconcile",
        swap=("0 3 * * *", "0 4 * * *"),
        ordered=True,
    ),
)

ROWS: tuple[Row, ...] = _ray
