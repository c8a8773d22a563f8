"""Effects of changing training runs and the runtimes that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.effects.conditions import before_is
from aurora.changes.effects.row import Row, Subject, When
from aurora.model.change import Effect
from aurora_constructs.labels import API_GROUP

if TYPE_CHECKING:
    from aurora.changes.effects.leaves import Leaf
    from aurora.changes.pairs import Pair

_RUNS = (
    (API_GROUP, "MLTrainingJob"),
    ("batch", "Job"),
    ("jobset.x-k8s.io", "JobSet"),
    ("kubeflow.org", "MPIJob"),
    ("kubeflow.org", "PyTorchJob"),
    ("ray.io", "RayCluster"),
    ("ray.io", "RayJob"),
    ("trainer.kubeflow.org", "TrainJob"),
)
_queued = Subject(
    "queued-job",
    _RUNS,
    """\
apiVersion: batch/v1
kind: Job
metadata: {name: train, namespace: aurora, labels: {kueue.x-k8s.io/queue-name: research}}
spec:
  suspend: true
  template: {spec: {restartPolicy: Never, containers: [{name: train, image: "registry.example.com/train:v1"}]}}
""",
)
_run = Subject(
    "mltrainingjob",
    ((API_GROUP, "MLTrainingJob"),),
    f"""\
apiVersion: {API_GROUP}/v1alpha1
kind: MLTrainingJob
metadata: {{name: train, namespace: aurora, annotations: {{aurora.example.com/job-template: one}}}}
spec:
  suspend: false
  ttlSecondsAfterFinished: 3600
  model: housing
  image: "registry.example.com/train:v1"
  serviceAccountName: trainer
  dataset: {{pvc: {{claimName: data, path: housing}}}}
  output: {{claimName: models, basePath: /models, version: v20261101-090000}}
  resources: {{cpu: "1", memory: 2Gi}}
  retry: {{backoffLimit: 1, activeDeadlineSeconds: 3600}}
""",
)
_set = Subject(
    "jobset",
    (("jobset.x-k8s.io", "JobSet"),),
    """\
apiVersion: jobset.x-k8s.io/v1alpha2
kind: JobSet
metadata: {name: train, namespace: aurora}
spec:
  suspend: false
  ttlSecondsAfterFinished: 600
  replicatedJobs:
  - name: workers
    replicas: 1
    template:
      spec:
        template:
          spec:
            restartPolicy: Never
            nodeSelector: {pool: gpu}
            containers: [{name: train, image: "registry.example.com/train:v1"}]
""",
)
_trainjob = Subject(
    "trainjob",
    (("trainer.kubeflow.org", "TrainJob"),),
    """\
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {name: train, namespace: aurora}
spec:
  suspend: false
  runtimeRef: {name: torch-distributed}
  trainer: {numNodes: 2}
  runtimePatches: [{manager: aurora.example.com/one, trainingRuntimeSpec: {}}]
""",
)
_runtime = Subject(
    "trainingruntime",
    (("trainer.kubeflow.org", "TrainingRuntime"), ("trainer.kubeflow.org", "ClusterTrainingRuntime")),
    """\
apiVersion: trainer.kubeflow.org/v1alpha1
kind: ClusterTrainingRuntime
metadata: {name: torch-distributed}
spec: {mlPolicy: {numNodes: 1}, template: {spec: {replicatedJobs: []}}}
""",
)
_mpi = Subject(
    "replicajob",
    (("kubeflow.org", "MPIJob"), ("kubeflow.org", "PyTorchJob")),
    """\
apiVersion: kubeflow.org/v2beta1
kind: MPIJob
metadata: {name: train, namespace: aurora}
spec:
  runPolicy: {suspend: false, cleanPodPolicy: Running}
  mpiReplicaSpecs:
    Worker:
      replicas: 2
      template: {spec: {containers: [{name: worker, image: "registry.example.com/train:v1"}]}}
""",
)
_WEBHOOK = "JobSet 0.12: pkg/webhooks/jobset_webhook.go, ValidateUpdate"
_ENDED = "suspending ends the run's pods, and what they have not saved is lost; resuming starts them"
_DEFINITION = "MLTrainingJob CRD of the AuroraApi component: transition rules"


def _runs(pair: Pair, _leaf: Leaf) -> bool:
    sides = (pair.before, pair.after)
    return not any(side is not None and side.get("spec", "suspend") is True for side in sides)


_own = (
    _queued.row(
        "queue",
        "metadata.labels[kueue.x-k8s.io/*]",
        effect=Effect.IN_PLACE,
        words="a suspended run waits in the other queue, or with another priority; Kueue refuses the change of a "
        "running one",
        source="kueue.sigs.k8s.io: tasks, run workloads; Kueue: pkg/controller/jobframework/validation.go",
        swap=("queue-name: research", "queue-name: urgent"),
    ),
    _run.row(
        "suspend",
        "spec.suspend",
        effect=Effect.SCALE,
        words=_ENDED,
        source=f"{_DEFINITION}, all fields but suspend and ttlSecondsAfterFinished",
        swap=("suspend: false", "suspend: true"),
    ),
    _run.row(
        "time-to-live",
        "spec.ttlSecondsAfterFinished",
        effect=Effect.IN_PLACE,
        words="the finished Job is deleted after that time",
        source=f"{_DEFINITION}, all fields but suspend and ttlSecondsAfterFinished",
        swap=("ttlSecondsAfterFinished: 3600", "ttlSecondsAfterFinished: 7200"),
    ),
    _run.row(
        "immutable",
        "spec.**",
        effect=Effect.REFUSED,
        words="a run is immutable: a new run is a new object of another name",
        source=_DEFINITION,
        swap=("train:v1", "train:v2"),
        ordered=True,
    ),
    _run.row(
        "template",
        "metadata.annotations[aurora.example.com/job-template]",
        effect=Effect.IN_PLACE,
        words="the operator reads the template when it makes the Job; a Job that is made stays",
        source="README of the TrainingJob component",
        swap=("job-template: one", "job-template: two"),
    ),
)

_sets = (
    _set.row(
        "suspend",
        "spec.suspend",
        effect=Effect.SCALE,
        words=_ENDED,
        source="jobset.sigs.k8s.io: concepts, suspend",
        swap=("suspend: false", "suspend: true"),
    ),
    _set.like("suspend: false", "suspend: true").row(
        "suspended-template",
        "spec.replicatedJobs.template.spec.template.metadata.**",
        "spec.replicatedJobs.template.spec.template.spec.nodeSelector.**",
        "spec.replicatedJobs.template.spec.template.spec.tolerations.**",
        "spec.replicatedJobs.template.spec.template.spec.schedulingGates.**",
        effect=Effect.IN_PLACE,
        words="a suspended JobSet may still choose other nodes; its pods start by them when it is resumed",
        source=_WEBHOOK,
        swap=("pool: gpu", "pool: spot"),
        when=before_is("it was suspended", "spec", "suspend", value=True),
    ),
    _set.row(
        "immutable",
        "spec.replicatedJobs.**",
        "spec.failurePolicy.**",
        "spec.network.**",
        "spec.startupPolicy.**",
        "spec.successPolicy.**",
        "spec.volumeClaimPolicies.**",
        "spec.managedBy",
        effect=Effect.REFUSED,
        words="its webhook, and rules of its CRD, keep what runs as it is: run it again under another name",
        source=_WEBHOOK,
        swap=("train:v1", "train:v2"),
        ordered=True,
        by_webhook=True,
    ),
    _set.row(
        "settings",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="running pods go on; the set is cleaned up, or coordinated, by the new value",
        source="jobset.sigs.k8s.io: API reference, JobSetSpec",
        swap=("ttlSecondsAfterFinished: 600", "ttlSecondsAfterFinished: 60"),
    ),
)

_trainer = (
    _trainjob.row(
        "suspend",
        "spec.suspend",
        effect=Effect.SCALE,
        words=_ENDED,
        source="TrainJob CRD 2.3.0; Kubeflow Trainer: user guides, job scheduling",
        swap=("suspend: false", "suspend: true"),
    ),
    _trainjob.row(
        "patches-running",
        "spec.runtimePatches.**",
        effect=Effect.REFUSED,
        words="the webhook refuses it while the run is not suspended: suspend the run first",
        source="Kubeflow Trainer: pkg/runtime/framework/plugins/jobset/jobset.go, checkRuntimePatchesImmutability",
        swap=("trainingRuntimeSpec: {}", "trainingRuntimeSpec: {template: {}}"),
        when=When("it is suspended on neither side", _runs),
        by_webhook=True,
    ),
    _trainjob.like("suspend: false", "suspend: true").row(
        "patches",
        "spec.runtimePatches.**",
        effect=Effect.IN_PLACE,
        words="counts when the run is resumed",
        source="Kubeflow Trainer: pkg/runtime/framework/plugins/jobset/jobset.go, checkRuntimePatchesImmutability",
        swap=("trainingRuntimeSpec: {}", "trainingRuntimeSpec: {template: {}}"),
    ),
    _trainjob.row(
        "immutable",
        "spec.**",
        effect=Effect.REFUSED,
        words="rules of its CRD keep the run as it is: run it again under another name",
        source="TrainJob CRD 2.3.0: rules `self == oldSelf`",
        swap=("numNodes: 2", "numNodes: 4"),
    ),
    _runtime.row(
        "new-runs",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="only TrainJobs that are made from now on use the new runtime",
        source="Kubeflow Trainer: operator guides, runtimes",
        swap=("numNodes: 1", "numNodes: 2"),
        ordered=True,
    ),
    _mpi.row(
        "suspend",
        "spec.runPolicy.suspend",
        effect=Effect.SCALE,
        words=_ENDED,
        source="mpi-operator 0.8: pkg/controller/mpi_job_controller.go, syncHandler",
        swap=("suspend: false", "suspend: true"),
    ),
    _mpi.row(
        "replicas",
        "spec.mpiReplicaSpecs.*.replicas",
        "spec.pytorchReplicaSpecs.*.replicas",
        effect=Effect.SCALE,
        words="workers are started or ended; whether the run survives that is up to its framework",
        source="mpi-operator 0.8: pkg/controller/mpi_job_controller.go, getOrCreateWorker",
        swap=("replicas: 2", "replicas: 4"),
    ),
    _mpi.row(
        "new-pods",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="pods that run stay as they are; only those that are made from now on differ, so the run becomes mixed",
        source="mpi-operator 0.8: pkg/controller/mpi_job_controller.go, getOrCreateWorker",
        swap=("train:v1", "train:v2"),
        ordered=True,
    ),
)

ROWS: tuple[Row, ...] = (*_own, *_sets, *_trainer)
