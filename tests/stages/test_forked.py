"""Jobs that copies of the process share come to the same results, whatever becomes of the copies."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from aurora import forked
from aurora.tools.runner import Command, run

HERE = os.getpid()


def square(number: int) -> int:
    return number * number


def wait_for(file: Path) -> None:
    while not file.exists():
        time.sleep(0.001)


@pytest.mark.parametrize("processors", [1, 2, 3, 64])
@pytest.mark.parametrize("jobs", [0, 1, 2, 40])
def test_results_come_in_the_order_of_the_jobs(jobs: int, processors: int) -> None:
    with forked.shared([partial(square, number) for number in range(jobs)], processors=processors) as results:
        assert results() == [number * number for number in range(jobs)]


def test_a_copy_works_beside_the_body(tmp_path: Path) -> None:
    last = tmp_path / "last"

    def finish() -> int:
        last.touch()
        return os.getpid()

    with forked.shared([os.getpid, finish], processors=2) as results:
        wait_for(last)
        first, second = results()
    assert first == second != HERE


def test_a_process_that_waits_for_results_helps(tmp_path: Path) -> None:
    taken, released = tmp_path / "taken", tmp_path / "released"

    def hold() -> int:
        taken.touch()
        wait_for(released)
        return os.getpid()

    def release() -> int:
        released.touch()
        return os.getpid()

    with forked.shared([hold, release], processors=2) as results:
        wait_for(taken)
        holder, releaser = results()
    assert (holder != HERE, releaser) == (True, HERE)


def test_without_a_second_processor_nothing_is_copied() -> None:
    with forked.shared([os.getpid, os.getpid], processors=1) as results:
        assert results() == [HERE, HERE]


def test_where_no_process_is_to_be_had_the_jobs_are_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - only their number matters
    monkeypatch.setattr(os, "fork", refused)
    with forked.shared([os.getpid, os.getpid], processors=2) as results:
        assert results() == [HERE, HERE]
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - as above


def killed() -> int:
    if os.getpid() != HERE:
        os.kill(os.getpid(), signal.SIGKILL)
    return HERE


def unreadable() -> Callable[[], int]:
    return lambda: HERE  # a function without a name cannot be sent


@pytest.mark.parametrize("job", [killed, unreadable])
def test_what_a_copy_loses_is_done_here(job: Callable[[], object], tmp_path: Path) -> None:
    started = tmp_path / "started"

    def start() -> int:
        started.touch()
        return 1

    jobs: list[Callable[[], object]] = [start, job, partial(square, 3)]
    with forked.shared(jobs, processors=2) as results:
        wait_for(started)
        one, other, nine = results()
    assert (one, nine) == (1, 9)
    assert other == HERE or callable(other)


def test_an_error_of_a_job_is_raised_here() -> None:
    def broken() -> int:
        raise LookupError("no such thing")

    with forked.shared([broken, broken], processors=2) as results, pytest.raises(LookupError, match="no such thing"):
        results()


def test_more_jobs_than_a_pipe_holds_are_all_done() -> None:
    jobs = 20_000
    with forked.shared([partial(square, number) for number in range(jobs)], processors=2) as results:
        assert results() == [number * number for number in range(jobs)]


def test_a_failed_body_ends_the_copy_in_the_middle_of_its_job(tmp_path: Path) -> None:
    report = tmp_path / "number"

    def endless() -> None:
        (tmp_path / "writing").write_text(str(os.getpid()))
        (tmp_path / "writing").rename(report)
        while True:
            time.sleep(1)

    with pytest.raises(KeyboardInterrupt), forked.shared([endless, endless], processors=2):
        wait_for(report)
        raise KeyboardInterrupt
    with pytest.raises(ProcessLookupError):
        os.kill(int(report.read_text()), 0)


def test_signals_end_a_copy_silently(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "number"

    def interrupted() -> int:
        if os.getpid() != HERE:
            report.touch()
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(60)
        return HERE

    with forked.shared([interrupted, interrupted], processors=2) as results:
        wait_for(report)
        assert results() == [HERE, HERE]
    assert capfd.readouterr() == ("", "")


def test_a_signal_during_the_copying_is_neither_lost_nor_leaves_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    copies: list[int] = []
    original = os.fork

    def interrupted() -> int:
        child = original()
        if child:
            copies.append(child)
            signal.raise_signal(signal.SIGINT)
        return child

    monkeypatch.setattr(os, "fork", interrupted)
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), forked.shared([partial(time.sleep, 60)] * 2, processors=2):
        pass
    assert signal.getsignal(signal.SIGINT) is handler
    with pytest.raises(ProcessLookupError):
        os.kill(copies[0], 0)


ORPHANED = """
import os, signal, sys, time
from aurora import forked
from aurora.tools.runner import Command, run

def result():
    with open("copy", "w") as file:
        file.write(str(os.getpid()))
    os.rename("copy", "number")
    return bytes(10_000_000)

if os.fork() == 0:
    with forked.shared([result, result], processors=2):
        while not os.path.exists("number"):
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGKILL)
os.wait()
with open("number") as file:
    status = f"/proc/{file.read()}/stat"
for _ in range(2000):
    if not os.path.exists(status) or open(status).read().rpartition(")")[2].split()[0] == "Z":
        sys.exit("gone")
    time.sleep(0.01)
sys.exit("still there")
"""


def test_a_copy_ends_when_nobody_is_left_to_read_its_results(tmp_path: Path) -> None:
    cli = str(Path(forked.__file__).parents[1])
    command = Command(
        args=(sys.executable, "-c", ORPHANED),
        cwd=tmp_path,
        timeout=60,
        accepted_codes=frozenset({1}),
        environment={"PYTHONPATH": cli, "PATH": os.environ["PATH"]},
    )
    assert run(command).stderr == "gone\n"


def test_where_children_vanish_nothing_is_copied() -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        with forked.shared([os.getpid, os.getpid], processors=2) as results:
            assert results() == [HERE, HERE]
    finally:
        signal.signal(signal.SIGCHLD, before)
