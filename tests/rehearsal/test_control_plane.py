"""The control plane of a rehearsal, as real programs; skipped where they are not built."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from aurora.errors import ToolCrashedError, ToolMissingError
from aurora.model.json_value import JsonObject, dig
from aurora.paths import cache_folder
from aurora.rehearsal import bring_up, control_plane, machines, run, simulated
from aurora.rehearsal.control_plane import ControlPlane
from aurora.tools import pins
from aurora.tools.background import free_ports
from aurora.tools.installed import Toolbox, toolbox
from rehearsal.test_background import within

NEEDED = pins.CLUSTER


def built() -> Toolbox:
    tools = toolbox()
    for pin in NEEDED:
        try:
            tools.find(pin)
        except ToolMissingError as error:
            pytest.skip(f"{error.message}: `aurora rehearse` builds it")
    return tools


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    tools = built()
    with ExitStack() as stack:
        programs = stack.enter_context(run.programs())
        found = control_plane.start(tools, programs, simulated.kubelets())
        machines.add(found.server, [{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "one"}}])
        stack.enter_context(machines.Volumes(found.server))
        stack.enter_context(simulated.Statuses(found.server, simulated.simulated()))
        yield found


DEPLOYMENT: JsonObject = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [{"name": "web", "image": "example.com/web:1"}],
                "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
            },
        },
    },
}
CLAIM: JsonObject = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data", "namespace": "default"},
    "spec": {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "any",
        "resources": {"requests": {"storage": "1Gi"}},
    },
}
SERVICE: JsonObject = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80}]},
}


def test_pods_claims_and_services_become_what_a_cluster_makes_of_them(plane: ControlPlane) -> None:
    server = plane.server
    for body in (CLAIM, DEPLOYMENT, SERVICE):
        assert server.apply(body).done
    assert within(60, lambda: dig(server.get(server.path_of(DEPLOYMENT)).body, "status", "readyReplicas") == 1)
    assert dig(server.get(server.path_of(CLAIM)).body, "status", "phase") == "Bound"
    assert within(
        20, lambda: dig(server.get(server.path_of(SERVICE)).body, "status", "loadBalancer", "ingress") is not None
    )


def test_the_server_says_what_it_refuses(plane: ControlPlane) -> None:
    answer = plane.server.apply({**SERVICE, "spec": {"ports": []}})
    assert not answer.done and "spec.ports" in answer.message
    with pytest.raises(ToolCrashedError, match="does not know `Certificate`"):
        plane.server.path("cert-manager.io/v1", "Certificate", "a", "b")


def test_a_program_that_dies_in_the_middle_is_told() -> None:
    tools = built()
    with run.programs() as programs:
        found = control_plane.start(tools, programs, simulated.kubelets())
        scheduler = next(each for each in programs.running if each.name == "kube-scheduler")
        scheduler.process.kill()
        with pytest.raises(ToolCrashedError, match="`kube-scheduler` ended in the middle"):
            bring_up.Watch(found.server, programs).until(lambda _: False, 10)


def test_a_port_that_is_taken_ends_the_start_and_leaves_nothing_running(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    tools = built()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(control_plane, "free_ports", lambda count: [port, *free_ports(count - 1)])
        with run.programs() as programs, pytest.raises(ToolCrashedError, match="`etcd` ended"):
            control_plane.start(tools, programs, simulated.kubelets())
    assert not programs.running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_rehearsal_leaves_no_program_and_no_folder(number: signal.Signals, tmp_path: Path) -> None:
    built()
    code = (
        "import time\n"
        "from aurora.rehearsal import control_plane, run, simulated\n"
        "from aurora.tools.installed import toolbox\n"
        "with run.programs() as programs:\n"
        "    control_plane.start(toolbox(), programs, simulated.kubelets())\n"
        "    print(*[each.process.pid for each in programs.running], flush=True)\n"
        "    time.sleep(60)\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        parent.send_signal(number)
        parent.wait(timeout=30)
    assert len(pids) == len(NEEDED)
    assert within(10, lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    assert not list(tmp_path.glob("aurora-rehearsal-*"))


SMALL_DISK = """\
import sys
from pathlib import Path
from aurora.errors import StorageError
from aurora.rehearsal import bring_up, control_plane, run, simulated
from aurora.tools.installed import toolbox
try:
    with run.programs() as programs:
        plane = control_plane.start(toolbox(), programs, simulated.kubelets())
        print(*[each.process.pid for each in programs.running], flush=True)
        try:
            with (programs.folder / "filling").open("wb", buffering=0) as file:
                while file.write(bytes(2**20)):
                    pass
        except OSError:
            bring_up.Watch(plane.server, programs).until(lambda _: False, 60)
except StorageError as error:
    print(error.message)
print("left", *Path(sys.argv[1]).iterdir())
"""


def test_a_disk_that_becomes_full_ends_the_rehearsal_and_leaves_nothing(tmp_path: Path) -> None:
    built()
    alone = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-ec")
    mounted = f"mount -t tmpfs -o size=220m tmpfs {tmp_path}; "
    if not shutil.which("unshare") or subprocess.run([*alone, mounted], check=False, capture_output=True).returncode:
        pytest.skip("no file system of a limited size can be made here")
    called = shlex.join([sys.executable, "-c", SMALL_DISK, str(tmp_path)])
    environment = {**os.environ, "AURORA_CACHE": str(cache_folder()), "TMPDIR": str(tmp_path)}
    asked = [*alone, mounted + called]
    ran = subprocess.run(asked, check=True, capture_output=True, text=True, env=environment, timeout=120)
    pids, told, left = ran.stdout.splitlines()
    assert told.startswith("the disk of `") and told.endswith("` is full")
    assert left == "left" and len(pids.split()) == len(NEEDED)
    assert within(10, lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids.split()))
