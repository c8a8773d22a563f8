"""Processes of the trial: each writes its log into a file, and all of them end with the trial."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GRACE = 15.0


class FailedError(Exception):
    """A process ended too early, or did not become ready; the message holds the end of its log."""


def free_ports(count: int) -> list[int]:
    """Give ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


class Processes:
    """The processes that were started in a folder; leaving it ends them: SIGTERM, and SIGKILL after a while."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running.values():
            process.terminate()
        end = time.monotonic() + GRACE
        for process in self._running.values():
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name: str, command: Sequence[str], **variables: str) -> subprocess.Popen[bytes]:
        """Start a process with these variables and no others that matter."""
        path = os.pathsep.join(map(str, (ROOT, ROOT / "contract")))
        environment = {"PYTHONPATH": path, "PATH": os.defpath, "TMPDIR": str(self.folder), **variables}
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        self._running[name] = process
        return process

    def python(self, name: str, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
        """Start `python ARGUMENTS...`."""
        return self.start(name, (sys.executable, *arguments), **variables)

    def kill(self, name: str) -> None:
        """Kill one process, and wait for its end."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def done(self, *names: str, seconds: float) -> None:
        """Wait until processes have ended well.

        Raises:
            FailedError: one of them ended with another code than 0, or still runs.
        """
        end = time.monotonic() + seconds
        for name in names:
            try:
                code = self._running[name].wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                raise FailedError(self._last(name, f"runs after {seconds:.0f} s")) from None
            if code:
                raise FailedError(self._last(name, f"ended with {_code(code)}"))

    def ready(self, name: str, asked: Callable[[], bool], seconds: float) -> None:
        """Wait until a process answers.

        Raises:
            FailedError: it ended, or does not answer in time.
        """
        end = time.monotonic() + seconds
        while not asked():
            code = self._running[name].poll()
            if code is not None:
                raise FailedError(self._last(name, f"ended with {_code(code)}"))
            if time.monotonic() > end:
                raise FailedError(self._last(name, f"is not ready after {seconds:.0f} s"))
            time.sleep(0.05)

    def _last(self, name: str, what: str) -> str:
        log = (self.folder / f"{name}.log").read_text("utf-8", "replace")
        return "\n".join((f"{name} {what}; the end of its log:", *log.splitlines()[-10:]))


def _code(code: int) -> str:
    return f"code {code}" if code > 0 else signal.Signals(-code).name
