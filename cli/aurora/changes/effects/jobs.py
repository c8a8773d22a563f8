"""Effects of changing Jobs and CronJobs."""

from __future__ import annotations

from aurora.changes.effects.conditions import after_is, before_is
from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_job = Subject(
    "job",
    (("batch", "Job"),),
    """\
apiVersion: batch/v1
kind: Job
metadata: {name: train, namespace: aurora}
spec:
  parallelism: 2
  completions: 4
  completionMode: NonIndexed
  backoffLimit: 3
  suspend: false
  template:
    metadata: {labels: {app: train}}
    spec:
      restartPolicy: Never
      nodeSelector: {pool: gpu}
      containers:
      - {name: train, image: "registry.example.com/train:v1"}
""",
)
_cronjob = Subject(
    "cronjob",
    (("batch", "CronJob"),),
    """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: retrain, namespace: aurora}
spec:
  schedule: "0 3 * * *"
  suspend: false
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        metadata: {labels: {app: retrain}}
        spec:
          restartPolicy: Never
          containers:
          - {name: train, image: "registry.example.com/train:v1"}
""",
)
_VALIDATION = "pkg/apis/batch/validation/validation.go"
_MANAGE = "pkg/controller/job/job_controller.go: manageJob"
_SYNC = "pkg/controller/cronjob/cronjob_controllerv2.go: syncCronJob"
_AGAIN = (
    "run it again under another name, or let Argo CD make it anew: a hook with `BeforeHookCreation`, or "
    "`Replace=true,Force=true`"
)

_jobs = (
    _job.like("suspend: false", "suspend: true").row(
        "suspended-template",
        "spec.template.metadata.**",
        "spec.template.spec.nodeSelector.**",
        "spec.template.spec.tolerations.**",
        "spec.template.spec.affinity.nodeAffinity.**",
        "spec.template.spec.schedulingGates.**",
        effect=Effect.IN_PLACE,
        words="a suspended Job that has never started may still choose other nodes; its pods start by them when "
        "it is resumed",
        source=f"{_VALIDATION}: validatePodTemplateUpdate",
        swap=("pool: gpu", "pool: spot"),
        when=before_is("the Job was suspended", "spec", "suspend", value=True),
    ),
    _job.row(
        "template",
        "spec.template.**",
        effect=Effect.REFUSED,
        words=f"a Job's template is immutable: {_AGAIN}",
        source=f"{_VALIDATION}: validatePodTemplateUpdate",
        swap=("train:v1", "train:v2"),
        ordered=True,
    ),
    _job.row(
        "suspend",
        "spec.suspend",
        effect=Effect.SCALE,
        words="suspending ends the Job's running pods, and what they have not saved is lost; resuming starts pods",
        source=_MANAGE,
        swap=("suspend: false", "suspend: true"),
    ),
    _job.like("NonIndexed", "Indexed").row(
        "indexed-completions",
        "spec.completions",
        effect=Effect.SCALE,
        words="an indexed Job changes its number of indexes, together with its parallelism",
        source=f"{_VALIDATION}: validateCompletions",
        swap=("parallelism: 2\n  completions: 4", "parallelism: 6\n  completions: 6"),
        when=after_is("the Job is indexed", "spec", "completionMode", value="Indexed"),
    ),
    _job.row(
        "parallelism",
        "spec.parallelism",
        effect=Effect.SCALE,
        words="pods are started or ended until as many run at the same time",
        source=_MANAGE,
        swap=("parallelism: 2", "parallelism: 4"),
    ),
    _job.row(
        "completions",
        "spec.completions",
        effect=Effect.REFUSED,
        words=f"the number of completions is immutable where the Job is not indexed: {_AGAIN}",
        source=f"{_VALIDATION}: validateCompletions",
        swap=("completions: 4", "completions: 8"),
    ),
    _job.row(
        "limits",
        "spec.backoffLimit",
        "spec.activeDeadlineSeconds",
        "spec.maxFailedIndexes",
        "spec.podReplacementPolicy",
        effect=Effect.IN_PLACE,
        words="running pods go on; the Job fails, or replaces pods, by the new limit from now on",
        source="pkg/controller/job/job_controller.go: syncJob",
        swap=("backoffLimit: 3", "backoffLimit: 5"),
    ),
    _job.row(
        "time-to-live",
        "spec.ttlSecondsAfterFinished",
        effect=Effect.IN_PLACE,
        words="the finished Job and its pods are deleted after that time; while Git holds the Job, it then runs again",
        source="pkg/controller/ttlafterfinished/ttlafterfinished_controller.go: processJob",
        swap=("suspend: false", "suspend: false\n  ttlSecondsAfterFinished: 600"),
    ),
    _job.row(
        "manual-selector",
        "spec.manualSelector",
        effect=Effect.IN_PLACE,
        words="counts only when the Job is made",
        source="pkg/registry/batch/job/strategy.go: PrepareForCreate",
        swap=("suspend: false", "suspend: false\n  manualSelector: false"),
    ),
    _job.row(
        "immutable",
        "spec.selector.**",
        "spec.completionMode",
        "spec.podFailurePolicy.**",
        "spec.backoffLimitPerIndex",
        "spec.managedBy",
        "spec.successPolicy.**",
        effect=Effect.REFUSED,
        words=f"the field is immutable: {_AGAIN}",
        source=f"{_VALIDATION}: ValidateJobSpecUpdate",
        swap=("completionMode: NonIndexed", "completionMode: Indexed"),
        ordered=True,
    ),
)

_cronjobs = (
    _cronjob.row(
        "job-template",
        "spec.jobTemplate.**",
        effect=Effect.IN_PLACE,
        words="only the next run uses the new template; Jobs that run or have run stay as they are",
        source="kubernetes.io/docs/concepts/workloads/controllers/cron-jobs: modifying a CronJob",
        swap=("train:v1", "train:v2"),
        ordered=True,
    ),
    _cronjob.row(
        "schedule",
        "spec.schedule",
        "spec.timeZone",
        effect=Effect.IN_PLACE,
        words="the next run is planned by the new schedule; one of its times that has passed since the last run "
        "may start at once",
        source="pkg/controller/cronjob/utils.go: nextScheduleTime",
        swap=("0 3 * * *", "0 5 * * *"),
    ),
    _cronjob.row(
        "suspend",
        "spec.suspend",
        effect=Effect.IN_PLACE,
        words="no new run starts while it is suspended; a running one goes on",
        source=_SYNC,
        swap=("suspend: false", "suspend: true"),
        when=after_is("it is suspended", "spec", "suspend", value=True),
    ),
    _cronjob.like("suspend: false", "suspend: true").row(
        "resume",
        "spec.suspend",
        effect=Effect.IN_PLACE,
        words="runs are planned again; without a starting deadline, the latest one that was missed starts at once",
        source="kubernetes.io/docs/concepts/workloads/controllers/cron-jobs: schedule suspension",
        swap=("suspend: true", "suspend: false"),
    ),
    _cronjob.row(
        "policy",
        "spec.concurrencyPolicy",
        "spec.startingDeadlineSeconds",
        "spec.successfulJobsHistoryLimit",
        "spec.failedJobsHistoryLimit",
        effect=Effect.IN_PLACE,
        words="counts from the next planned run on; no running Job is touched",
        source=f"{_SYNC}, cleanupFinishedJobs",
        swap=("concurrencyPolicy: Forbid", "concurrencyPolicy: Allow"),
    ),
)

ROWS: tuple[Row, ...] = (*_jobs, *_cronjobs)
