"""Jobs that run on a schedule, one at a time and for a limited time. Adds objects to a component."""

from cdk8s_plus_35 import k8s

from aurora_constructs import pods
from aurora_constructs.cron import Cron
from aurora_constructs.schedules import TimeZone
from aurora_constructs.services import Owner

HISTORY = 3
STARTING_SECONDS = 3600
"""How late a run may still start: what a cluster missed while it was down is not made up for hours later."""
_DAY = 24 * 3600


def cron_job(
    owner: Owner,
    id: str,  # noqa: A002 - cdk8s' name
    *,
    metadata: k8s.ObjectMeta,
    pod: pods.PodSpec,
    schedule: Cron,
    timezone: TimeZone,
    deadline: int,
    retries: int = 0,
) -> None:
    """Add a CronJob that never runs twice at once; its Jobs may go: no Git states them, and none is run again."""
    k8s.KubeCronJob(
        owner,
        id,
        metadata=metadata,
        spec=k8s.CronJobSpec(
            schedule=schedule,
            time_zone=timezone,
            concurrency_policy="Forbid",
            starting_deadline_seconds=STARTING_SECONDS,
            successful_jobs_history_limit=HISTORY,
            failed_jobs_history_limit=HISTORY,
            job_template=k8s.JobTemplateSpec(
                spec=k8s.JobSpec(
                    active_deadline_seconds=deadline,
                    backoff_limit=retries,
                    ttl_seconds_after_finished=7 * _DAY,
                    template=pods.template(pod),
                )
            ),
        ),
    )
