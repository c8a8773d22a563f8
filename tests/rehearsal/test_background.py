"""Programs that run beside Aurora: they are waited for, told of when they end, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aurora.errors import StorageError, ToolCrashedError, ToolMissingError, ToolTimeoutError
from aurora.tools import background
from aurora.tools.background import Programs, free_ports, listens

SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")
IGNORES = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)",
)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    limit = time.monotonic() + seconds
    while not holds() and time.monotonic() < limit:
        time.sleep(0.02)
    return holds()


def test_programs_end_with_all_that_they_started(tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    child = (
        "import subprocess, sys, time\n"
        "own = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(own.pid, flush=True)\ntime.sleep(60)"
    )
    started = programs.start("parent", (sys.executable, "-c", child))
    assert within(10, lambda: bool(started.log.read_text().strip()))
    grandchild = int(started.log.read_text())
    programs.stop()
    assert not programs.running and not started.alive
    assert within(5, lambda: gone(grandchild))


def test_a_program_that_does_not_listen_to_the_signal_is_killed(tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    started = programs.start("deaf", IGNORES)
    programs.wait(started, lambda: "ready" in started.log.read_text(), 10)
    programs.stop(grace=0.2)
    assert started.process.returncode == -signal.SIGKILL


def test_waiting_ends_with_the_program_or_with_the_time(tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    try:
        ended = programs.start("short", (sys.executable, "-c", "print('no such flag'); raise SystemExit(4)"))
        with pytest.raises(ToolCrashedError, match=r"`short` ended with 4 while it started\n  no such flag"):
            programs.wait(ended, lambda: False, 10)
        slow = programs.start("slow", SLEEPS)
        with pytest.raises(ToolTimeoutError, match=r"was not ready after 0\.1 s"):
            programs.wait(slow, lambda: False, 0.1)
        with pytest.raises(ToolCrashedError, match="`short` ended in the middle"):
            programs.check()
    finally:
        programs.stop()


def test_a_program_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(ToolMissingError):
        Programs(tmp_path).start("none", (str(tmp_path / "none"),))
    with pytest.raises(StorageError):
        Programs(tmp_path / "absent").start("sleeps", SLEEPS)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a program with its parent")
def test_a_killed_parent_leaves_no_program_behind(tmp_path: Path) -> None:
    code = (
        "import time; from pathlib import Path; from aurora.tools.background import Programs\n"
        f"started = Programs(Path({str(tmp_path)!r})).start('sleeps', {SLEEPS!r})\n"
        "print(started.process.pid, flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert within(5, lambda: gone(pid))


def test_free_ports_are_free_and_different() -> None:
    found = free_ports(3)
    assert len(set(found)) == 3
    assert not any(listens(port) for port in found)


def test_a_part_is_stopped_alone_or_with_the_whole_and_nothing_starts_afterwards(tmp_path: Path) -> None:
    whole = Programs(tmp_path)
    one, other = whole.part("one"), whole.part("other")
    first, second = one.start("sleeps", SLEEPS), other.start("sleeps", SLEEPS)
    one.stop()
    assert not first.alive and second.alive
    whole.stop()
    assert not second.alive
    for stopped in (one, other, whole):
        with pytest.raises(ToolCrashedError, match="is not started"):
            stopped.start("late", SLEEPS)


def test_a_disk_without_room_is_told_before_a_program_that_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = Programs(tmp_path)
    try:
        programs.start("short", (sys.executable, "-c", "")).process.wait(10)
        monkeypatch.setattr(background, "ROOM", 2**80)
        with pytest.raises(StorageError, match=r"the disk of .* is full"):
            programs.check()
    finally:
        programs.stop()
