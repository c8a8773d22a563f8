"""The operator on a real API server, as its committed ServiceAccount; skipped where programs are not built."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.rehearsal import bring_up, control_plane, machines, run, simulated
from aurora.rehearsal.control_plane import ControlPlane
from aurora.tools.background import Programs, Running, free_ports
from aurora.yamlio import reading
from rehearsal.test_background import within
from rehearsal.test_control_plane import built

ROOT = Path(__file__).resolve().parents[2]
KOPF = ROOT / "programs" / ".venv" / "bin" / "kopf"
GENERATED = ROOT / "generated" / "aurora-dev"
APPLIED = ("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "PersistentVolumeClaim")


def read(part: str) -> list[JsonObject]:
    files = sorted((GENERATED / part).rglob("*.yaml"))
    return [mapping(reading.parse(path.read_text(encoding="utf-8")).value) for path in files]


@dataclass
class Scene:
    """A control plane with everything that the operator needs, and the run that it is asked for."""

    plane: ControlPlane
    run: JsonObject
    template: JsonObject
    start: Callable[[], Running]

    @property
    def path(self) -> str:
        return self.plane.server.path_of(self.run)

    @property
    def job(self) -> str:
        return f"/apis/batch/v1/namespaces/aurora/jobs/{text(dig(self.run, 'metadata', 'name'))}"

    def there(self, path: str) -> bool:
        return self.plane.server.get(path).done

    def status(self, *steps: str | int) -> JsonValue | None:
        return dig(self.plane.server.get(self.path).body, "status", *steps)

    def ask(self, body: JsonObject) -> None:
        answer = self.plane.server.apply(body)
        assert answer.done, answer.message


def access(plane: ControlPlane, programs: Programs) -> Path:
    """Write how the operator asks: with a token of its ServiceAccount, so that it may do what its roles say."""
    accounts = "/api/v1/namespaces/aurora-system/serviceaccounts"
    asked: JsonObject = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    answer = plane.server.call("POST", f"{accounts}/aurora-operator/token", asked)
    found = json.loads(plane.kubeconfig.read_text(encoding="utf-8"))
    found["users"][0]["user"] = {"token": text(dig(answer.body, "status", "token"))}
    path = programs.folder / "operator.json"
    path.write_text(json.dumps(found), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    tools = built()
    if not KOPF.is_file():
        pytest.skip("the programs have no environment: `make workloads` makes it")
    with ExitStack() as stack:
        programs = stack.enter_context(run.programs())
        plane = control_plane.start(tools, programs, simulated.kubelets())
        machines.add(plane.server, [{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "one"}}])
        stack.enter_context(machines.Volumes(plane.server))
        for namespace in ("aurora", "aurora-system"):
            plane.server.call("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
        bring_up.define(plane.server, tuple(read("api")))
        objects = [body for part in ("operator", "training", "model-store") for body in read(part)]
        for body in objects:
            if body["kind"] in APPLIED:
                assert plane.server.apply(body).done
        deployment = next(body for body in objects if body["kind"] == "Deployment")
        args = [text(each) for each in items(dig(deployment, "spec", "template", "spec", "containers", 0, "args"))]
        alive, measured = free_ports(2)
        environment = {"KUBECONFIG": str(access(plane, programs)), "METRICS_PORT": str(measured)}
        words = (str(KOPF), *(arg.replace(":8080/", f":{alive}/") for arg in args))
        yield Scene(
            plane,
            next(body for body in objects if body["kind"] == "MLTrainingJob"),
            next(body for body in objects if "job.json" in mapping(body.get("data"))),
            lambda: programs.start("operator", words, environment=environment),
        )


def test_a_run_is_taken_up_followed_and_let_go(scene: Scene) -> None:
    server = scene.plane.server
    # Asked for while no operator runs, with a template that is broken.
    scene.ask({**scene.template, "data": {"job.json": "{"}})
    scene.ask(scene.run)
    assert scene.status() is None
    operator = scene.start()
    assert within(30, lambda: scene.status("conditions", 0, "reason") == "TemplateBroken"), operator.last_lines(20)
    assert not scene.there(scene.job)
    # The template is mended, and the operator tries again by itself.
    scene.ask(scene.template)
    assert within(60, lambda: scene.status("phase") == "Succeeded"), operator.last_lines(20)
    assert scene.status("modelVersion") == dig(scene.run, "spec", "output", "version")
    # The Job of a run that has ended stays away.
    server.call("DELETE", f"{scene.job}?propagationPolicy=Background")
    time.sleep(2)
    assert not scene.there(scene.job)
    # What the definition refuses never reaches the operator.
    assert not server.merge(scene.path, {"spec": {"model": "other"}}).done
    # Without an operator a deletion waits for nobody, and a new one takes up what was asked for meanwhile.
    scene.plane.programs.end(operator)
    server.call("DELETE", scene.path)
    assert within(10, lambda: not scene.there(scene.path))
    scene.ask(scene.run)
    operator = scene.start()
    assert within(60, lambda: scene.status("phase") == "Succeeded"), operator.last_lines(20)
    events = {text(each.get("reason")) for each in server.listed("/api/v1/namespaces/aurora/events")}
    assert {"TemplateBroken", "JobSucceeded"} <= events
