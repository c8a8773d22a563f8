"""Workloads that sleep: the script that scales them, what is refused, and what Argo CD leaves alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from aurora.gitops import _sleeping
from aurora_constructs.components.sleep_schedule.script import SCALE
from components.building import specification

ENTRY: dict[str, Any] = {
    "kind": "SleepSchedule",
    "namespace": "ml",
    "deployments": {"api": 2},
    "sleep": "0 20 * * 1-5",
    "wake": "0 7 * * 1-5",
    "timezone": "Europe/Berlin",
}
SCRIPT: dict[str, Any] = {"__name__": "scale"}
exec(compile(SCALE.text, SCALE.file_name, "exec"), SCRIPT)  # noqa: S102 - as the pod runs it


class Api:
    """An API server with Deployments of some replicas."""

    def __init__(self, **replicas: int) -> None:
        self.replicas = replicas

    def ask(self, method: str, path: str, body: Any = None, kind: str = "") -> Any:
        assert path.startswith("/apis/apps/v1/namespaces/ml/deployments/")
        name = path.split("/")[-2]
        if name not in self.replicas:
            return None
        if method == "PATCH":
            assert kind == "application/merge-patch+json"
            self.replicas[name] = body["spec"]["replicas"]
        # The API server leaves out a number that is zero.
        return {"spec": {"replicas": self.replicas[name]} if self.replicas[name] else {}}


@pytest.mark.parametrize(
    ("mode", "before", "after"), [("sleep", 7, 0), ("sleep", 0, 0), ("wake", 0, 2), ("wake", 5, 5)]
)
def test_it_takes_all_to_zero_and_wakes_what_sleeps(mode: str, before: int, after: int) -> None:
    api = Api(api=before)
    SCRIPT["main"](api, "ml", mode, "api=2")
    assert api.replicas == {"api": after}


def test_a_deployment_that_is_gone_fails_the_run_after_the_others() -> None:
    api = Api(api=3)
    with pytest.raises(SystemExit, match="there is no Deployment gone"):
        SCRIPT["main"](api, "ml", "sleep", "gone=1", "api=2")
    assert api.replicas == {"api": 0}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"wake": "0 20 * * 1-5"}, "sleep and wake at the same time"),
        ({"sleep": "0 25 * * *"}, "`25` is no hour"),
        ({"timezone": "berlin time"}, "there is no time zone `berlin time`; write a name of the tz database"),
        ({"timezone": "Europe/Berln"}, "did you mean `Europe/Berlin`"),
        ({"timezone": "Local"}, "the zone of the machine"),
        ({"deployments": {"api": 0}}, "greater than or equal to 1"),
        ({"deployments": {}}, "deployments"),
    ],
)
def test_an_entry_that_cannot_work_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        specification({**ENTRY, **changes})


def test_argo_cd_leaves_the_replicas_of_what_sleeps_alone() -> None:
    annotations = {"aurora.example.com/scales": "api=2,web=1"}
    entry = SimpleNamespace(
        id=SimpleNamespace(kind="CronJob", namespace="ml"), body={"metadata": {"annotations": annotations}}
    )
    found: Any = _sleeping([entry], "aurora.example.com/scales")  # type: ignore[list-item]
    assert found == {("Deployment", "ml", "api"), ("Deployment", "ml", "web")}
