"""What a run is to become and what has become of it: values in, values out. Asks no server."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

GROUP, VERSION = "ml.aurora.example.com", "v1alpha1"
TEMPLATE = "/job-template"
"""End of the annotation that names the ConfigMap with the Job; what is before it is the platform's prefix."""
KEY = "job.json"
ENDED = SUCCEEDED, FAILED = ("Succeeded", "Failed")
MOST_METRICS, LONGEST = 64, 256
"""What the definition takes of a run's metrics."""

Body = Mapping[str, Any]


class TemplateError(Exception):
    """There is no Job to make of a run: the reason in one word, and in words."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def named(metadata: Body, ending: str) -> str:
    """Give the annotation or label whose key ends so, with whatever prefix; empty where there is none."""
    found = {**(metadata.get("annotations") or {}), **(metadata.get("labels") or {})}
    return next((str(value) for key, value in sorted(found.items()) if key.endswith(ending)), "")


def job_of(run: Body, template: str | None) -> dict[str, Any]:
    """Give the Job of a run: the committed one, which belongs to the run.

    Raises:
        TemplateError: the template is missing, no JSON, or that of something else.
    """
    metadata = run["metadata"]
    if template is None:
        raise TemplateError("TemplateMissing", f"no ConfigMap `{named(metadata, TEMPLATE)}` with `{KEY}`")
    try:
        job = json.loads(template)
    except ValueError as error:
        raise TemplateError("TemplateBroken", f"`{KEY}` is no JSON: {error}") from error
    if not isinstance(job, dict) or (job.get("apiVersion"), job.get("kind")) != ("batch/v1", "Job"):
        raise TemplateError("TemplateBroken", f"`{KEY}` is no Job of batch/v1")
    own = job.get("metadata")
    if not isinstance(own, dict) or own.get("name") != metadata["name"]:
        raise TemplateError("TemplateOfAnotherRun", f"`{KEY}` is not the Job of `{metadata['name']}`")
    owner = {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": "MLTrainingJob",
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
    }
    return {**job, "metadata": {**own, "namespace": metadata["namespace"], "ownerReferences": [owner]}}


def owns(run: Body, job: Body) -> bool:
    """Tell whether a Job belongs to a run."""
    owners = job["metadata"].get("ownerReferences") or ()
    return any(owner.get("uid") == run["metadata"]["uid"] for owner in owners)


def phase_of(job: Body) -> str:
    """Say where a Job is in its life."""
    status = job.get("status") or {}
    held = {each["type"]: each for each in status.get("conditions") or () if each.get("status") == "True"}
    for kind, phase in (("Complete", SUCCEEDED), ("Failed", FAILED), ("Suspended", "Suspended")):
        if kind in held:
            return phase
    counted = any(status.get(key) for key in ("active", "succeeded", "failed", "terminating"))
    uncounted = any((status.get("uncountedTerminatedPods") or {}).values())
    return "Running" if counted or uncounted else "Pending"


def said(pods: Iterable[Body]) -> dict[str, Any]:
    """Give the last termination message of a run's pods that is a JSON object; the last that ended counts."""
    ended: list[tuple[str, str]] = []
    for pod in pods:
        for container in (pod.get("status") or {}).get("containerStatuses") or ():
            state = (container.get("state") or {}).get("terminated") or {}
            ended.append((str(state.get("finishedAt") or ""), str(state.get("message") or "")))
    for _, message in sorted(ended, reverse=True):
        try:
            found = json.loads(message)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    return {}


def status_of(run: Body, job: Body, pods: Iterable[Body], now: str) -> dict[str, Any]:
    """Give the status of a run whose Job is there."""
    phase, told = phase_of(job), said(pods)
    state, output = job.get("status") or {}, run["spec"]["output"]
    status: dict[str, Any] = {
        "phase": phase,
        "jobRef": {"apiVersion": "batch/v1", "kind": "Job", "name": job["metadata"]["name"]},
    }
    if state.get("startTime"):
        status["startTime"] = state["startTime"]
    metrics = told.get("metrics")
    if isinstance(metrics, dict) and metrics:
        chosen = sorted(metrics.items())[:MOST_METRICS]
        status["metrics"] = {str(name)[:LONGEST]: str(value)[:LONGEST] for name, value in chosen}
    reason, message = _outcome(phase, job, told)
    if phase == SUCCEEDED:
        status["completionTime"] = state.get("completionTime") or now
        status["modelVersion"] = output["version"]
        status["modelPath"] = f"{output['basePath']}/{run['spec']['model']}/versions/{output['version']}"
    return with_condition(run, status, (phase == SUCCEEDED, phase not in ENDED, reason, message), now)


def _outcome(phase: str, job: Body, told: Body) -> tuple[str, str]:
    if phase == FAILED:
        held = [each for each in job["status"]["conditions"] if each["type"] == "Failed"]
        message = str(told.get("error") or held[0].get("message") or "the Job failed")
        return str(told.get("reason") or held[0].get("reason") or "JobFailed"), message
    return f"Job{phase}", {SUCCEEDED: "the version is published"}.get(phase, f"the Job is {phase.lower()}")


def with_condition(run: Body, status: Body, verdict: tuple[bool, bool, str, str], now: str) -> dict[str, Any]:
    """Add the condition `Ready`, and the generation that it is about; its time moves only when its state does."""
    ready, open_, reason, message = verdict
    generation = run["metadata"].get("generation", 1)
    state = "Unknown" if open_ else str(ready)
    before = [each for each in (run.get("status") or {}).get("conditions") or () if each.get("type") == "Ready"]
    since = before[0]["lastTransitionTime"] if before and before[0].get("status") == state else now
    condition = {
        "type": "Ready",
        "status": state,
        "reason": reason[:1024] or "Unknown",
        "message": message[:4096],
        "observedGeneration": generation,
        "lastTransitionTime": since,
    }
    return {**status, "observedGeneration": generation, "conditions": [condition]}
