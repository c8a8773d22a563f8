"""What the operator makes of a run, and what it says of runs and of what serves."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import kopf
import pytest

from aurora_programs.operator import cluster, handlers, runs, tracks
from aurora_programs.operator.cluster import UnreachableError

NOW, EARLIER = "2026-11-20T02:10:00Z", "2026-11-20T02:00:00Z"
RUN: dict[str, Any] = {
    "metadata": {
        "name": "wine-v20261120-020000",
        "namespace": "ml",
        "uid": "u1",
        "generation": 3,
        "annotations": {"a.example.com/job-template": "wine-job"},
    },
    "spec": {"model": "wine", "output": {"basePath": "/shared-models/a", "version": "v20261120-020000"}},
}
JOB: dict[str, Any] = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "wine-v20261120-020000", "labels": {"a": "b"}},
    "spec": {"template": {}},
}


def done(kind: str, **more: Any) -> dict[str, Any]:
    return {**JOB, "status": {"conditions": [{"type": kind, "status": "True", **more}]}}


def pod(message: str, at: str = NOW) -> dict[str, Any]:
    return {"status": {"containerStatuses": [{"state": {"terminated": {"message": message, "finishedAt": at}}}]}}


def condition(status: dict[str, Any]) -> tuple[str, str]:
    (found,) = status["conditions"]
    assert found["observedGeneration"] == status["observedGeneration"] == 3
    return found["status"], found["reason"]


def test_the_job_of_a_run_is_the_committed_one_and_belongs_to_it() -> None:
    job = runs.job_of(RUN, json.dumps(JOB))
    assert job["spec"] == JOB["spec"] and job["metadata"]["labels"] == {"a": "b"}
    assert job["metadata"]["namespace"] == "ml"
    (owner,) = job["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"], owner["controller"]) == ("MLTrainingJob", "u1", True)
    assert runs.owns(RUN, job)
    assert not runs.owns(RUN, JOB)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (None, "TemplateMissing"),
        ("{", "TemplateBroken"),
        ("[]", "TemplateBroken"),
        (json.dumps({**JOB, "kind": "Pod"}), "TemplateBroken"),
        (json.dumps({**JOB, "metadata": {"name": "other"}}), "TemplateOfAnotherRun"),
        (json.dumps({**JOB, "metadata": None}), "TemplateOfAnotherRun"),
    ],
)
def test_a_template_that_is_no_job_of_the_run_is_told(template: str | None, reason: str) -> None:
    with pytest.raises(runs.TemplateError) as error:
        runs.job_of(RUN, template)
    assert error.value.reason == reason


@pytest.mark.parametrize(
    ("job", "phase"),
    [
        (JOB, "Pending"),
        ({**JOB, "status": {"active": 1}}, "Running"),
        ({**JOB, "status": {"uncountedTerminatedPods": {"succeeded": ["a"]}}}, "Running"),
        (done("Complete"), "Succeeded"),
        (done("Failed"), "Failed"),
        (done("Suspended"), "Suspended"),
        ({**JOB, "status": {"conditions": [{"type": "Complete", "status": "False"}]}}, "Pending"),
    ],
)
def test_the_phase_of_a_job(job: dict[str, Any], phase: str) -> None:
    assert runs.phase_of(job) == phase


def test_a_run_that_succeeded_says_what_it_published_and_measured() -> None:
    said = json.dumps({"version": "v", "metrics": {"r2": 0.81, "rows": 20640}})
    status = runs.status_of(RUN, done("Complete"), [pod("early", EARLIER), pod(said)], NOW)
    assert status["metrics"] == {"r2": "0.81", "rows": "20640"}
    assert status["modelPath"] == "/shared-models/a/wine/versions/v20261120-020000"
    assert status["completionTime"] == NOW
    assert condition(status) == ("True", "JobSucceeded")


def test_a_run_that_failed_says_why_by_its_own_words() -> None:
    told = pod(json.dumps({"reason": "Dataset", "error": "no column `price`"}))
    status = runs.status_of(RUN, done("Failed", reason="BackoffLimitExceeded", message="too often"), [told], NOW)
    assert condition(status) == ("False", "Dataset")
    assert status["conditions"][0]["message"] == "no column `price`"
    silent = runs.status_of(RUN, done("Failed", reason="BackoffLimitExceeded", message="too often"), [], NOW)
    assert condition(silent) == ("False", "BackoffLimitExceeded")


@pytest.mark.parametrize("message", ["", "no JSON", "[1]", '{"metrics": 5}', '{"metrics": {}}'])
def test_a_message_that_says_nothing_gives_no_metrics(message: str) -> None:
    assert "metrics" not in runs.status_of(RUN, done("Complete"), [pod(message)], NOW)


def test_metrics_are_as_many_and_as_long_as_the_definition_takes() -> None:
    said = json.dumps({"metrics": {f"m{number:03}": "x" * 900 for number in range(90)}})
    found = runs.status_of(RUN, done("Complete"), [pod(said)], NOW)["metrics"]
    assert len(found) == runs.MOST_METRICS
    assert {len(value) for value in found.values()} == {runs.LONGEST}


def test_the_time_of_a_condition_moves_with_its_state_only() -> None:
    first = runs.status_of(RUN, {**JOB, "status": {"active": 1}}, [], EARLIER)
    again = runs.status_of({**RUN, "status": first}, {**JOB, "status": {"active": 1}}, [], NOW)
    assert again["conditions"][0]["lastTransitionTime"] == EARLIER
    ended = runs.status_of({**RUN, "status": again}, done("Complete"), [], NOW)
    assert ended["conditions"][0]["lastTransitionTime"] == NOW


def deployment(ready: int, wanted: int = 2, version: str = "v20261101-090000") -> dict[str, Any]:
    return {
        "metadata": {"generation": 2},
        "spec": {"replicas": wanted, "template": {"metadata": {"labels": {"a.example.com/model-version": version}}}},
        "status": {"observedGeneration": 2, "updatedReplicas": wanted, "replicas": wanted, "readyReplicas": ready},
    }


SERVED: dict[str, Any] = {"metadata": {"name": "wine", "generation": 3}, "spec": {"canary": {"weight": 10}}}


@pytest.mark.parametrize(
    ("found", "phase", "ready"),
    [
        ({}, "Pending", "Unknown"),
        ({"wine": deployment(0)}, "Degraded", "False"),
        ({"wine": deployment(1)}, "Progressing", "Unknown"),
        ({"wine": deployment(2)}, "Progressing", "Unknown"),
        ({"wine": deployment(2), "wine-canary": deployment(1, 1, "v20261102-090000")}, "Available", "True"),
    ],
)
def test_what_serves_is_told_of_both_tracks(found: dict[str, Any], phase: str, ready: str) -> None:
    status = tracks.status_of(SERVED, found, 10, NOW)
    assert (status["phase"], status["conditions"][0]["status"], status["observedWeight"]) == (phase, ready, 10)
    assert ("stableVersion" in status) is (found.get("wine") is not None and tracks.settled(found["wine"]))


def test_the_share_of_the_canary_is_what_route_or_ingress_say() -> None:
    both = [{"name": "wine", "weight": 9}, {"name": "wine-canary", "weight": 1}]
    route = {"spec": {"rules": [{"backendRefs": both}]}}
    alone = {"spec": {"rules": [{"backendRefs": both[:1]}]}}
    ingress = {"metadata": {"annotations": {tracks.WEIGHT: "25"}}}
    assert tracks.observed_weight("wine-canary", route, None) == 10
    assert tracks.observed_weight("wine-canary", route, ingress) == 25
    assert tracks.observed_weight("wine-canary", None, {"metadata": {"annotations": {tracks.WEIGHT: "many"}}}) is None
    assert tracks.observed_weight("wine-canary", alone, None) is None


def test_a_server_that_does_not_answer_is_asked_again_at_growing_intervals() -> None:
    delays = []
    for retry in range(6):
        with pytest.raises(kopf.TemporaryError) as error, handlers.again(retry):
            raise UnreachableError("gone")
        delays.append(error.value.delay)
    assert delays == [2, 5, 15, 60, 60, 60]


def test_an_api_server_may_be_away_for_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_PORT", "9090")
    monkeypatch.setattr(handlers, "start_http_server", lambda port: None)
    settings, begin = kopf.OperatorSettings(), cast("Callable[[kopf.OperatorSettings], None]", handlers.begin)
    begin(settings)
    tries = settings.networking.error_backoffs
    assert isinstance(tries, tuple) and sum(tries) >= 600 and max(tries) <= 15


class Fake:
    """The API server as a few objects, in the place of `cluster`."""

    def __init__(self, run: dict[str, Any], template: str | None) -> None:
        self.run, self.text = run, template
        self.made: list[dict[str, Any]] = []
        self.reported: list[dict[str, Any]] = []
        self.found: dict[str, Any] | None = None

    def own(self, *_: str) -> dict[str, Any]:
        return self.run

    def template(self, *_: str) -> str | None:
        return self.text

    def job(self, *_: str) -> dict[str, Any] | None:
        return self.found

    def pods(self, *_: str) -> list[dict[str, Any]]:
        return []

    def make(self, body: dict[str, Any]) -> dict[str, Any]:
        self.made.append(body)
        self.found = body
        return body

    def report(self, _: str, body: dict[str, Any], status: dict[str, Any]) -> None:
        self.reported.append(status)
        self.run = {**body, "status": status}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake(RUN, json.dumps(JOB))
    for name in ("own", "template", "job", "pods", "make", "report"):
        monkeypatch.setattr(cluster, name, getattr(fake, name))
    monkeypatch.setattr(kopf, "event", lambda *_, **__: None)
    return fake


def test_looking_twice_makes_one_job_and_one_report(server: Fake) -> None:
    for _ in range(3):
        handlers.follow_run("ml", "wine-v20261120-020000")
    assert len(server.made) == len(server.reported) == 1


def test_a_job_that_went_is_made_again_only_while_its_run_is_open(server: Fake) -> None:
    handlers.follow_run("ml", "wine-v20261120-020000")
    server.found = None
    handlers.follow_run("ml", "wine-v20261120-020000")
    assert len(server.made) == 2
    server.found = {**server.made[0], "status": done("Complete")["status"]}
    handlers.follow_run("ml", "wine-v20261120-020000")
    server.found = None
    handlers.follow_run("ml", "wine-v20261120-020000")
    assert len(server.made) == 2


def test_without_a_template_nothing_is_made_and_the_status_says_why(server: Fake) -> None:
    server.text = None
    with pytest.raises(runs.TemplateError):
        handlers.follow_run("ml", "wine-v20261120-020000")
    assert not server.made
    assert condition(server.reported[0]) == ("False", "TemplateMissing")


def test_a_job_of_somebody_else_is_left_alone(server: Fake) -> None:
    server.found = {**JOB, "metadata": {**JOB["metadata"], "ownerReferences": []}}
    handlers.follow_run("ml", "wine-v20261120-020000")
    assert condition(server.reported[0]) == ("False", "JobTaken")


def test_a_failed_run_is_counted_once(server: Fake) -> None:
    counted = handlers.FAILURES.labels("ml", "wine-v20261120-020000")
    before = counted._value.get()
    server.found = {**runs.job_of(RUN, json.dumps(JOB)), "status": done("Failed", message="m")["status"]}
    for _ in range(3):
        handlers.follow_run("ml", "wine-v20261120-020000")
    assert counted._value.get() == before + 1
