"""The stand-in for the kubelet does with processes what a kubelet does, and scenarios try statements of the page."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from chaos import __main__, cluster, load, pod, scenarios
from chaos.cluster import Object, Server
from chaos.outcome import Outcome
from chaos.scene import LateError

DOCS = Path(__file__).resolve().parents[2] / "docs"


class Told:
    """The API server, as pods speak to it."""

    def __init__(self) -> None:
        self.statuses: list[Object] = []
        self.deleted: list[Object] = []

    def ask(self, method: str, path: str, body: Object, kind: str = "") -> tuple[int, Object]:
        (self.deleted if method == "DELETE" else self.statuses).append(body.get("status", body))
        return 200, {}


class OneNode:
    def __init__(self, folder: Path) -> None:
        self.told = Told()
        self.server = cast("Server", self.told)
        self.folder, self.claim = folder / "pods", folder / "claim"
        self.claim.mkdir()
        self.stopped = threading.Event()

    def address(self) -> str:
        return "10.244.0.1"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[OneNode]:
    found = OneNode(tmp_path)
    yield found
    found.stopped.set()


def container(script: str, name: str = "main", **more: Any) -> Object:
    return {"name": name, "image": "registry.example.com/a/trainer:v1", "command": ["python3", "-c", script], **more}


def started(node: OneNode, *containers: Object, policy: str = "Never", **more: Any) -> pod.Pod:
    metadata = {"name": "p", "namespace": "n", "uid": "u", "creationTimestamp": pod.now()}
    found = pod.Pod(
        node, {"metadata": metadata, "spec": {"containers": [*containers], "restartPolicy": policy, **more}}
    )
    found.start()
    return found


def wait(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def runs(node: OneNode) -> bool:
    return bool(node.told.statuses) and "running" in state(node.told.statuses[-1])


def state(told: Object) -> Object:
    (one,) = told["containerStatuses"]
    return cast("Object", one["state"])


@pytest.mark.parametrize(("code", "phase"), [(0, "Succeeded"), (65, "Failed")])
def test_a_job_s_pod_ends_with_its_code_and_its_last_words(node: OneNode, code: int, phase: str) -> None:
    script = (
        f"import os, pathlib; pathlib.Path(os.environ['TERMINATION_LOG']).write_text('said'); raise SystemExit({code})"
    )
    started(node, container(script)).join(20)
    last = node.told.statuses[-1]
    assert last["phase"] == phase
    assert {key: state(last)["terminated"][key] for key in ("exitCode", "message")} == {
        "exitCode": code,
        "message": "said",
    }


def test_a_container_waits_for_its_init_container_which_is_tried_again(node: OneNode, monkeypatch: Any) -> None:
    monkeypatch.setattr(pod, "BACKOFF", 0.05)
    claim = {"name": "c", "persistentVolumeClaim": {"claimName": "c"}}
    first = container("import sys; sys.exit('no model')", "gate")
    running = started(node, container("print(1)"), initContainers=[first], volumes=[claim])
    wait(lambda: len(node.told.statuses) > 3)
    told = node.told.statuses[-1]["initContainerStatuses"][0]["state"]["waiting"]
    assert told == {"reason": "CrashLoopBackOff", "message": "no model"}
    assert {each["phase"] for each in node.told.statuses} == {"Pending"}
    running.kill()


def test_a_container_that_is_killed_is_started_again(node: OneNode, monkeypatch: Any) -> None:
    monkeypatch.setattr(pod, "BACKOFF", 0.05)
    running = started(node, container("import time; time.sleep(60)"), policy="Always")
    wait(lambda: runs(node))
    running.crash()
    wait(lambda: node.told.statuses[-1]["containerStatuses"][0]["restartCount"] == 1 and running.process is not None)
    assert any(state(each).get("terminated", {}).get("exitCode") == 137 for each in node.told.statuses)
    running.kill()


def test_a_deleted_pod_sleeps_is_asked_to_end_and_is_killed_after_its_grace(node: OneNode) -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    hook = {"preStop": {"sleep": {"seconds": 1}}}
    running = started(node, container(stubborn, lifecycle=hook), policy="Always")
    wait(lambda: runs(node))
    begun = time.monotonic()
    running.delete(2)
    wait(lambda: bool(node.told.deleted))
    assert 1.9 < time.monotonic() - begun < 4
    assert running.process is not None
    assert running.process.wait(5) == -9
    assert node.told.deleted[0]["preconditions"] == {"uid": "u"}


def test_paths_of_mounts_are_mapped_and_no_others() -> None:
    mounts = {"/model": Path("/a"), "/model/deep": Path("/b"), "/tmp": Path("/c")}
    texts = ["/model", "/model/x", "/model/deep/x", "/models", "x/model", "/tmp/y"]
    assert [pod.mapped(each, mounts) for each in texts] == ["/a", "/a/x", "/b/x", "/models", "x/model", "/c/y"]


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "etcd").touch(mode=0o700)
    assert cluster.missing(tmp_path) == ["kube-apiserver", "kube-controller-manager", "kube-scheduler"]


def test_every_scenario_tries_a_statement_of_the_page_and_stands_in_the_table() -> None:
    page, table = (DOCS / "guarantees.md").read_text(), (DOCS / "chaos.md").read_text()
    for each in scenarios.SCENARIOS:
        assert f"| {each.guarantee} |" in page
        assert f"| {each.name} | {each.asked} |" in table
    named = set(re.findall(r"^\| ([a-z0-9-]+) (?:\|[^|]*){8}\|$", table, re.M)) - {"scenario", "train-and-serve"}
    assert named == {each.name for each in scenarios.SCENARIOS}


def test_the_table_tells_failures_by_their_kind() -> None:
    told = Outcome("a", "b", "c", ["d"], holds=False)
    told.figures.requests, told.figures.failed, told.figures.failures = 10, 3, {"502": 1, "503": 2}
    assert "| a | b | d | 10 | 1 502, 2 503 | 0.0 | 0.0 s | 0, 0 | does not hold: c |" in __main__.table([told])


@pytest.mark.parametrize(
    ("holds", "guaranteed", "verdict"),
    [
        (True, True, "holds"),
        (False, True, "does not hold"),
        (True, False, "holds this time, is not guaranteed"),
        (False, False, "does not hold this time, is not guaranteed"),
    ],
)
def test_what_is_not_guaranteed_is_said_to_be_so_even_where_it_held(
    holds: bool, guaranteed: bool, verdict: str
) -> None:
    assert __main__.verdict(Outcome("a", "b", "c", holds=holds, guaranteed=guaranteed)) == verdict


@pytest.mark.parametrize(
    ("stated", "again"), [([], True), (["Ready", "ContainersReady"], False), (["Ready", "Initialized"], True)]
)
def test_what_somebody_else_changed_of_a_pod_s_status_is_reported_again(
    node: OneNode, stated: list[str], again: bool, monkeypatch: Any
) -> None:
    monkeypatch.setattr(pod, "SETTLED", 0.0)
    running = started(node, container("import time; time.sleep(60)"), policy="Always")
    wait(lambda: runs(node))
    before = len(node.told.statuses)
    held = [{"type": each, "status": "True"} for each in stated]
    running.reconcile({"status": {"conditions": held}})
    assert len(node.told.statuses) == before + again
    running.kill()


def test_an_answer_that_is_no_json_is_a_message() -> None:
    assert cluster._parsed(b"404 page not found\n") == {"message": "404 page not found\n"}
    assert cluster._parsed(b"") == {}
    assert cluster._parsed(b'{"kind": "Pod"}') == {"kind": "Pod"}


def test_figures_are_there_when_a_scenario_ends_early() -> None:
    found = load.Load(cast("Any", None), cast("Any", None))
    with pytest.raises(LateError), found.measured() as figures:
        found.answers += [(time.monotonic(), 0.5, "v20261101-090000"), (time.monotonic(), 0.1, "502")]
        raise LateError("too late")
    assert (figures.requests, figures.failed, figures.failures) == (2, 1, {"502": 1})
