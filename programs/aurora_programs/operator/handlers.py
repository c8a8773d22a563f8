"""What Kopf calls: when a resource, a Job or a Deployment changes, and when a resource is seen after a start.

Nothing needs a finalizer: a run's Job belongs to it and goes with it, also while no operator is there.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import kopf
from prometheus_client import REGISTRY, start_http_server
from pydantic import Field
from pydantic_settings import BaseSettings

from aurora_contract import metrics, programs, variables
from aurora_programs import logs
from aurora_programs.exporting import counter, gauge
from aurora_programs.operator import cluster, runs, tracks
from aurora_programs.settings import read

RUNS, SERVED = "mltrainingjobs", "mldeployments"
FAILURES = counter(metrics.TRAINING_FAILURES, REGISTRY)
LAST_SUCCESS = gauge(metrics.TRAINING_LAST_SUCCESS, REGISTRY)
BACKOFF = (2, 5, 15, 60)
"""Seconds until the next try, the last one again and again."""
OUTAGE = (1, 2, 5, 10, *[15] * 40)
"""Seconds between Kopf's own tries: ten minutes. With its default an operator ends when the server is away for 54 s."""


class Settings(BaseSettings):
    """What the manifest says."""

    port: int = Field(validation_alias=variables.METRICS_PORT, ge=1, le=65535)


@kopf.on.startup()
def begin(settings: kopf.OperatorSettings, **_: Any) -> None:
    """Serve metrics, sit out outages, and keep what Kopf remembers in annotations: the status is the definition's."""
    logs.configure(programs.OPERATOR.container)
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage()
    settings.persistence.diffbase_storage = kopf.AnnotationsDiffBaseStorage()
    settings.posting.loggers = False
    settings.networking.error_backoffs = OUTAGE
    start_http_server(read(Settings).port)


@kopf.on.create(runs.GROUP, runs.VERSION, RUNS)
@kopf.on.update(runs.GROUP, runs.VERSION, RUNS)
@kopf.on.resume(runs.GROUP, runs.VERSION, RUNS)
def run_seen(namespace: str | None, name: str, retry: int, **_: Any) -> None:
    """Make the Job of a run that has none, and say what came of it."""
    with again(retry):
        follow_run(str(namespace), str(name))


@kopf.on.event("batch", "v1", "jobs")
def job_changed(body: kopf.Body, namespace: str | None, logger: kopf.Logger, **_: Any) -> None:
    """Look at the run of a Job that changed or went."""
    for owner in body.metadata.get("ownerReferences") or ():
        if owner["kind"] == "MLTrainingJob":
            try:
                follow_run(str(namespace), owner["name"])
            except (cluster.UnreachableError, runs.TemplateError) as error:
                logger.warning(str(error))


@kopf.on.create(runs.GROUP, runs.VERSION, SERVED)
@kopf.on.update(runs.GROUP, runs.VERSION, SERVED)
@kopf.on.resume(runs.GROUP, runs.VERSION, SERVED)
def served_seen(namespace: str | None, name: str, retry: int, **_: Any) -> None:
    """Say what serves of an MLDeployment."""
    with again(retry):
        follow_served(str(namespace), str(name))


@kopf.on.event("apps", "v1", "deployments")
def deployment_changed(name: str, namespace: str | None, logger: kopf.Logger, **_: Any) -> None:
    """Look at the MLDeployment of a Deployment that changed; one without is none of the operator's."""
    try:
        follow_served(str(namespace), str(name).removesuffix(tracks.CANARY))
    except cluster.UnreachableError as error:
        logger.warning(str(error))


@contextmanager
def again(retry: int) -> Iterator[None]:
    """Let Kopf try again later, at growing intervals."""
    try:
        yield
    except (cluster.UnreachableError, runs.TemplateError) as error:
        raise kopf.TemporaryError(str(error), delay=BACKOFF[min(retry, len(BACKOFF) - 1)]) from error


def follow_run(namespace: str, name: str) -> None:
    """Bring a run one step further: idempotent, and nothing for a run that has ended.

    Raises:
        UnreachableError: the server does not answer, or refuses.
        TemplateError: there is no Job to make of it; its status says so.
    """
    run = cluster.own(RUNS, namespace, name)
    if run is None or run["metadata"].get("deletionTimestamp"):
        return
    before = run.get("status") or {}
    if before.get("phase") in runs.ENDED:
        _remember(namespace, name, before)
        return
    now = _now()
    job = cluster.job(namespace, name)
    if job is None:
        try:
            body = runs.job_of(run, cluster.template(namespace, runs.named(run["metadata"], runs.TEMPLATE)))
        except runs.TemplateError as error:
            _report(
                RUNS, run, runs.with_condition(run, {"phase": "Pending"}, (False, False, error.reason, str(error)), now)
            )
            raise
        job = cluster.make(body)
    if not runs.owns(run, job):
        message = f"the Job `{name}` belongs to something else"
        _report(RUNS, run, runs.with_condition(run, {"phase": "Pending"}, (False, False, "JobTaken", message), now))
        return
    ended = runs.phase_of(job) in runs.ENDED
    status = runs.status_of(run, job, cluster.pods(namespace, name) if ended else (), now)
    if _report(RUNS, run, status) and status["phase"] == runs.FAILED:
        FAILURES.labels(namespace, name).inc()
    _remember(namespace, name, status)


def _remember(namespace: str, name: str, status: runs.Body) -> None:
    """Export when a run succeeded, which is known from its status after a start too."""
    done = status.get("completionTime") if status.get("phase") == runs.SUCCEEDED else None
    if done:
        LAST_SUCCESS.labels(namespace, name).set(datetime.fromisoformat(str(done)).timestamp())


def follow_served(namespace: str, name: str) -> None:
    """Say what serves of an MLDeployment, if there is one of that name.

    Raises:
        UnreachableError: the server does not answer, or refuses.
    """
    body = cluster.own(SERVED, namespace, name)
    if body is None:
        return
    canary = f"{name}{tracks.CANARY}"
    both = {each: cluster.of("apps/v1", "deployments", namespace, each) for each in (name, canary)}
    there = {key: value for key, value in both.items() if value is not None}
    route = cluster.of("gateway.networking.k8s.io/v1", "httproutes", namespace, name)
    ingress = cluster.of("networking.k8s.io/v1", "ingresses", namespace, canary)
    _report(SERVED, body, tracks.status_of(body, there, tracks.observed_weight(canary, route, ingress), _now()))


def _report(plural: str, body: runs.Body, status: runs.Body) -> bool:
    """Write a status where it differs, with an event where the phase or the reason does; tell whether it differed."""
    before = body.get("status") or {}
    if all(before.get(key) == value for key, value in status.items()):
        return False
    cluster.report(plural, body, status)
    new = status["conditions"][0]
    old: dict[str, Any] = next(iter(before.get("conditions") or ()), {})
    if (before.get("phase"), old.get("reason")) != (status["phase"], new["reason"]):
        kind = "Normal" if new["status"] != "False" or status["phase"] == "Suspended" else "Warning"
        named: Any = body
        kopf.event(named, type=kind, reason=new["reason"], message=new["message"])
        logging.getLogger(__name__).info("%s is %s: %s", body["metadata"]["name"], status["phase"], new["message"])
    return True


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
