"""Pods that end: what Jobs and CronJobs have in common. Adds CronJobs, no other object."""

from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs import pods
from aurora_constructs.component import Component

START_SECONDS = 3600
"""How late a run may begin; a controller that was down for longer leaves it out."""


def job_spec(pod: pods.PodSpec, *, retries: int, deadline: int, alone: bool = False) -> k8s.JobSpec:
    """Describe a Job; with `alone` no two of its pods ever run, and a pod that a node took with it is no failure."""
    disrupted = k8s.PodFailurePolicyOnPodConditionsPattern(type="DisruptionTarget", status="True")
    ignored = k8s.PodFailurePolicyRule(action="Ignore", on_pod_conditions=[disrupted])
    return k8s.JobSpec(
        backoff_limit=retries,
        active_deadline_seconds=deadline,
        completions=1 if alone else None,
        parallelism=1 if alone else None,
        pod_failure_policy=k8s.PodFailurePolicy(rules=[ignored]) if alone else None,
        pod_replacement_policy="Failed" if alone else None,
        template=pods.template(pod),
    )


def cron_job(
    owner: Component[Any],
    id: str,  # noqa: A002 - cdk8s' name
    *,
    metadata: k8s.ObjectMeta,
    job: k8s.JobSpec,
    schedule: str,
    timezone: str,
    suspend: bool = False,
) -> None:
    """Add a CronJob of which no two runs overlap; the last failure and the last success stay to be read."""
    k8s.KubeCronJob(
        owner,
        id,
        metadata=metadata,
        spec=k8s.CronJobSpec(
            schedule=schedule,
            time_zone=timezone,
            suspend=suspend or None,
            concurrency_policy="Forbid",
            starting_deadline_seconds=START_SECONDS,
            failed_jobs_history_limit=1,
            successful_jobs_history_limit=1,
            job_template=k8s.JobTemplateSpec(spec=job),
        ),
    )
