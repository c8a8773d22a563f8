"""Starts programs that run beside Aurora until they are stopped: the only other place that imports `subprocess`.

No shell, no standard input, a fixed environment, a log of each program, and a session of its own for each, which is
ended as a whole. Must not know what any program does.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess  # noqa: TID251 - the gate to programs that go on running
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from aurora.errors import StorageError, ToolCrashedError, ToolMissingError, ToolTimeoutError
from aurora.tools.runner import FIXED_ENVIRONMENT

_POLL_SECONDS = 0.05
_GRACE = 5.0
ROOM = 8 * 2**20
"""The bytes of a disk below which it counts as full."""
_KIBI = 1024


@dataclass(frozen=True, slots=True)
class Running:
    """One program that was started, and its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def last_lines(self, count: int = 5) -> str:
        """Give the end of its log, for a message."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
        return "".join(f"\n  {line[:300]}" for line in lines)

    @property
    def megabytes(self) -> float:
        """The memory that it has of its own and shares, in megabytes; 0 where the system does not tell."""
        with suppress(OSError, ValueError, IndexError):
            pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
            return pages * os.sysconf("SC_PAGE_SIZE") / _KIBI**2
        return 0.0


@dataclass(slots=True)
class Programs:
    """The programs of one run, in a folder that holds their logs, and parts that may be stopped alone."""

    folder: Path
    running: list[Running] = field(default_factory=list)
    parts: list[Programs] = field(default_factory=list)
    _stopped: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def part(self, name: str) -> Programs:
        """Give programs with a folder of their own, which are stopped with these at the latest."""
        folder = self.folder / name
        folder.mkdir()
        self.parts.append(Programs(folder))
        return self.parts[-1]

    def start(
        self, name: str, args: tuple[str, ...], *, environment: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Running:
        """Start a program, which is ended with Aurora whatever ends Aurora.

        Raises:
            ToolMissingError: there is no such program.
            ToolCrashedError: it cannot be started, or all were stopped meanwhile.
            StorageError: its log cannot be written.
        """
        known = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), **FIXED_ENVIRONMENT}
        log = self.folder / f"{name}.log"
        try:
            out = log.open("wb")
        except OSError as error:
            raise StorageError(f"`{log}` cannot be written: {error.strerror}") from error
        try:
            with out, self._lock:
                if self._stopped:
                    raise ToolCrashedError(f"`{name}` is not started: the others were stopped")
                process = subprocess.Popen(
                    args,
                    cwd=cwd or self.folder,
                    env={**known, **(environment or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=_end_with_parent,  # noqa: PLW1509 - it calls nothing that takes a lock
                )
                started = Running(name, process, log)
                self.running.append(started)
        except FileNotFoundError as error:
            raise ToolMissingError(f"`{args[0]}` does not exist") from error
        except OSError as error:
            raise ToolCrashedError(f"`{name}` cannot be started: {error.strerror}") from error
        return started

    def wait(self, program: Running, ready: Callable[[], bool], seconds: float) -> float:
        """Wait until a program is ready, and give the seconds that took.

        Raises:
            ToolCrashedError: it ended before.
            ToolTimeoutError: it was not ready in time.
            StorageError: the disk is full.
        """
        began = time.monotonic()
        while not ready():
            self._room()
            spent = time.monotonic() - began
            if not program.alive:
                code = program.process.returncode
                raise ToolCrashedError(f"`{program.name}` ended with {code} while it started{program.last_lines()}")
            if spent > seconds:
                raise ToolTimeoutError(f"`{program.name}` was not ready after {seconds:g} s{program.last_lines()}")
            time.sleep(_POLL_SECONDS)
        return time.monotonic() - began

    def check(self) -> None:
        """Look whether all still run, and whether they can still write.

        Raises:
            StorageError: the disk is full.
            ToolCrashedError: one is no longer there though nobody stopped it.
        """
        self._room()
        for program in self.running:
            if not program.alive:
                raise ToolCrashedError(f"`{program.name}` ended in the middle{program.last_lines()}")

    def _room(self) -> None:
        if shutil.disk_usage(self.folder).free < ROOM:
            raise StorageError(
                f"the disk of `{self.folder}` is full",
                hint="free some space, or set TMPDIR to a folder of another disk",
            )

    def end(self, program: Running, grace: float = _GRACE) -> None:
        """End one program with all that it started; what does not end in time is killed."""
        _end([program.process], grace)
        with suppress(ValueError):
            self.running.remove(program)

    def stop(self, grace: float = _GRACE) -> None:
        """End all programs; none can be started any more."""
        with self._lock:
            self._stopped = True
        for part in self.parts:
            part.stop(grace)
        _end([program.process for program in reversed(self.running)], grace)
        self.running.clear()


def _end(processes: Sequence[subprocess.Popen[bytes]], grace: float) -> None:
    """Ask all to end, and kill those that have not after a while."""
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, None)):
        for process in processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
        limit = None if seconds is None else time.monotonic() + seconds
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=None if limit is None else max(limit - time.monotonic(), 0))


def _end_with_parent() -> None:
    """Ask Linux to kill this process when Aurora is gone, also where Aurora was killed (prctl(2), PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - needed in the new process alone

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def free_ports(count: int) -> list[int]:
    """Give ports of the loopback address that nobody listens on; another program may take one at any time."""
    held = [socket.socket() for _ in range(count)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


def listens(port: int) -> bool:
    """Tell whether somebody listens on a port of the loopback address."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
