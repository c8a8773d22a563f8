"""Stands in for the kubelets: runs the commands of pods as processes, probes them, and reports what became of them.

As a kubelet: init containers one after the other and again until they succeed, restarts by the policy, probes with the
periods and thresholds of the manifest, `preStop` sleeps, SIGTERM and after the grace period SIGKILL, exit codes and
termination messages, no capabilities. Not as a kubelet: a mount is a folder that paths in variables and arguments are
mapped to, without limits, isolation, or read-only mounts; an image is a command of this repository; a pod's address
is a name for a port of this machine; a container that ended is started again after `BACKOFF` seconds every time.
"""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from aurora_contract import variables
from chaos.cluster import MERGE, GoneError, Object, RefusedError, Server, conditions
from demo import asking
from demo.running import ROOT, free_ports

BACKOFF, SETTLED = 2.0, 3.0
READINESS = {"Ready", "ContainersReady"}
IMAGES = {"inference": "aurora_programs.inference", "trainer": "chaos.trainer"}


def now() -> str:
    """Give the time as the API writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Node(Protocol):
    """What a pod needs of its node."""

    server: Server
    folder: Path
    claim: Path
    stopped: threading.Event

    def address(self) -> str:
        """Give the address of a new pod."""
        ...


class Pod(threading.Thread):
    """One pod: its containers as processes, and its status."""

    def __init__(self, kubelets: Node, stated: Object) -> None:
        super().__init__(daemon=True)
        self.kubelets, self.stated, self.spec = kubelets, stated, stated["spec"]
        metadata = stated["metadata"]
        self.name, self.uid = metadata["name"], metadata["uid"]
        self.path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{self.name}"
        self.folder = kubelets.folder / self.uid
        self.address = kubelets.address()
        (self.port,) = free_ports(1)
        self.container = self.spec["containers"][0]
        self.process: subprocess.Popen[bytes] | None = None
        self.grace: float | None = None
        self.restarts, self.was_ready = 0, False
        self.reported: tuple[float, dict[str, Any]] | None = None
        self.killed = threading.Event()

    def delete(self, grace: float) -> None:
        """Take note that the object is to be deleted."""
        if self.grace is None:
            self.grace = grace
            threading.Thread(target=self._terminate, daemon=True).start()

    def reconcile(self, found: Object) -> None:
        """Report again where somebody else changed what was reported, as who holds the node for lost does."""
        if self.reported is None or time.monotonic() - self.reported[0] < SETTLED:
            return
        status = self.reported[1]
        if set(conditions(found)) & READINESS != set(conditions({"status": status})) & READINESS:
            self._send(status)

    def crash(self) -> None:
        """Kill the running process, as a program that fails: its pod starts it again."""
        if self.process:
            self.process.kill()

    def kill(self) -> None:
        """End the processes at once."""
        self.killed.set()
        if self.process and self.process.poll() is None:
            self.process.kill()

    def run(self) -> None:
        """Live: volumes, init containers, the container again and again, and the end."""
        try:
            volumes = self._volumes()
            self._report("Pending", ready=False, state={"waiting": {"reason": "PodInitializing"}})
            if all(self._initialise(each, volumes) for each in self.spec.get("initContainers", ())):
                self._live(volumes)
        except (OSError, RefusedError) as error:
            self._report(
                "Pending", ready=False, state={"waiting": {"reason": "CreateContainerError", "message": str(error)}}
            )

    @property
    def serving(self) -> bool:
        """Whether its container runs and was ready once, and nobody asked it to end."""
        running = self.process is not None and self.process.poll() is None
        return running and self.was_ready and not self._ending

    @property
    def _ending(self) -> bool:
        return self.killed.is_set() or self.grace is not None

    def _initialise(self, container: Object, volumes: dict[str, Path]) -> bool:
        while not self._ending:
            self.process = self._start(container, volumes)
            code = self.process.wait()
            if code == 0 or self._ending:
                return code == 0
            state = {"waiting": {"reason": "CrashLoopBackOff", "message": self._last_line(container["name"])}}
            self.restarts += 1
            self._report("Pending", ready=False, state={"waiting": {"reason": "PodInitializing"}}, initial=state)
            self.killed.wait(BACKOFF)
        return False

    def _live(self, volumes: dict[str, Path]) -> None:
        self.restarts = 0
        while not self._ending:
            self.was_ready = False
            self.process = self._start(self.container, volumes)
            running: Object = {"running": {"startedAt": now()}}
            self._report("Running", ready=not self._probed, state=running)
            self._watch(self.process, running)
            code = self.process.wait()
            ended = {
                "terminated": {
                    "exitCode": code if code >= 0 else 128 - code,
                    "message": self._said(),
                    "finishedAt": now(),
                }
            }
            if self.spec["restartPolicy"] != "Always":
                if not self.killed.is_set():
                    self._report("Failed" if code else "Succeeded", ready=False, state=ended)
                return
            if not self._ending:
                self.restarts += 1
                self._report("Running", ready=False, state=ended)
                self.killed.wait(BACKOFF)

    @property
    def _probed(self) -> bool:
        return bool(self.container.get("readinessProbe"))

    def _watch(self, process: subprocess.Popen[bytes], state: Object) -> None:
        """Probe until the process ends."""
        started, ready = not self.container.get("startupProbe"), not self._probed
        counts = {"startupProbe": 0, "readinessProbe": 0, "livenessProbe": 0}
        due = dict.fromkeys(counts, 0.0)
        while process.poll() is None:
            for kind in counts if started else ("startupProbe",):
                probe = self.container.get(kind)
                if not probe or time.monotonic() < due[kind]:
                    continue
                due[kind] = time.monotonic() + probe.get("periodSeconds", 10)
                good = asking.answers(self.port, probe["httpGet"]["path"])
                counts[kind] = 0 if good else counts[kind] + 1
                failed = counts[kind] >= probe.get("failureThreshold", 3)
                if kind == "startupProbe":
                    started = started or good
                elif kind == "readinessProbe" and (good or failed) and ready != (good and self.grace is None):
                    ready = good and self.grace is None
                    self._report("Running", ready=ready, state=state)
                if failed and kind != "readinessProbe":
                    process.terminate()
            time.sleep(0.05)

    def _terminate(self) -> None:
        """End as a kubelet does, then take the object away."""
        end = time.monotonic() + (self.grace or 0)
        sleep = self.container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        self.killed.wait(min(sleep, self.grace or 0))
        if self.process and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(max(0.0, end - time.monotonic()))
        self.kill()
        body = {"gracePeriodSeconds": 0, "preconditions": {"uid": self.uid}}
        while not self.kubelets.stopped.is_set():
            try:
                self.kubelets.server.ask("DELETE", self.path, {"apiVersion": "v1", "kind": "DeleteOptions", **body})
            except GoneError:
                time.sleep(0.5)
            else:
                return

    def _volumes(self) -> dict[str, Path]:
        self.folder.mkdir(parents=True)
        found = {}
        for volume in self.spec.get("volumes", ()):
            folder = self.folder / volume["name"]
            if "persistentVolumeClaim" in volume:
                folder = self.kubelets.claim
            elif "configMap" in volume:
                self._write(folder, volume["configMap"]["name"])
            else:
                folder.mkdir()
            found[volume["name"]] = folder
        return found

    def _write(self, folder: Path, name: str) -> None:
        folder.mkdir()
        path = f"{self.path.rpartition('/pods/')[0]}/configmaps/{name}"
        for key, content in self.kubelets.server.do("GET", path)["data"].items():
            (folder / key).write_text(content)

    def _start(self, container: Object, volumes: dict[str, Path]) -> subprocess.Popen[bytes]:
        mounts = {each["mountPath"]: volumes[each["name"]] for each in container.get("volumeMounts", ())}
        stated = {each["name"]: mapped(each.get("value", ""), mounts) for each in container.get("env", ())}
        image = container["image"].partition("@")[0].rpartition("/")[2].partition(":")[0]
        command = container.get("command") or ["python3", "-m", IMAGES[image]]
        arguments = [mapped(each, mounts) for each in (*command, *container.get("args", ()))]
        if arguments[0] == "python3":
            arguments[0] = sys.executable
        path = os.pathsep.join(map(str, (ROOT, ROOT / "contract")))
        own = {"PYTHONPATH": path, "PATH": os.defpath, variables.PORT: str(self.port), "TMPDIR": str(self.folder)}
        with (self.folder / f"{container['name']}.log").open("ab") as log:
            return subprocess.Popen(
                (*_without_capabilities(), *arguments),
                env={**own, "TERMINATION_LOG": str(self.folder / "said"), **stated},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _said(self) -> str:
        said: Path = self.folder / "said"
        return said.read_text()[:4096] if said.exists() else ""

    def _last_line(self, container: str) -> str:
        log: Path = self.folder / f"{container}.log"
        return (log.read_text("utf-8", "replace").splitlines() or [""])[-1]

    def _report(self, phase: str, *, ready: bool, state: Object, initial: Object | None = None) -> None:
        self.was_ready = self.was_ready or ready
        one = {"name": self.container["name"], "image": self.container["image"], "imageID": "", "ready": ready}
        holds = {"Initialized": phase != "Pending", "ContainersReady": ready, "Ready": ready, "PodScheduled": True}
        status: dict[str, Any] = {
            "phase": phase,
            "podIP": self.address,
            "podIPs": [{"ip": self.address}],
            "startTime": self.stated["metadata"]["creationTimestamp"],
            "conditions": [
                {"type": kind, "status": str(bool(value)), "lastTransitionTime": now()} for kind, value in holds.items()
            ],
            "containerStatuses": [
                {**one, "restartCount": self.restarts, "state": state, "started": "running" in state}
            ],
        }
        if initial:
            first = self.spec["initContainers"][0]
            told = {"name": first["name"], "image": first["image"], "imageID": "", "ready": False}
            status["initContainerStatuses"] = [{**told, "restartCount": self.restarts, "state": initial}]
        self._send(status)

    def _send(self, status: dict[str, Any]) -> None:
        self.reported = time.monotonic(), status
        while not self.kubelets.stopped.is_set():
            try:
                answer, _ = self.kubelets.server.ask("PATCH", f"{self.path}/status", {"status": status}, MERGE)
            except GoneError:
                time.sleep(0.5)
                continue
            if answer != 409:
                return


def mapped(text: str, mounts: dict[str, Path]) -> str:
    """Give a text with the folder in the place of the mount that it is in."""
    for mount in sorted(mounts, key=len, reverse=True):
        if text == mount or text.startswith(f"{mount}/"):
            return f"{mounts[mount]}{text[len(mount) :]}"
    return text


def _without_capabilities() -> Iterator[str]:
    """Give what drops them, as the manifests ask: without it root may write wherever it likes."""
    if os.geteuid() == 0:
        yield from (shutil.which("setpriv") or "setpriv", "--bounding-set=-all", "--inh-caps=-all")
