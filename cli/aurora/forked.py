"""Shares jobs with copies of this process, so that several interpreters compute at once.

Threads cannot: while one computes, the others wait. A copy shares the memory of its parent until one of the two
writes to it, so that nothing has to be sent but results. Must not know what the jobs are.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from typing import IO, Any, TypeVar

from aurora import signals

Result = TypeVar("Result")
Jobs = Sequence[Callable[[], Any]]

_COPIES = 3
"""More gain nothing: each costs milliseconds to make, and works out again what several jobs need."""
_NUMBER = 4
"""Bytes of a job's number."""


@contextmanager
def shared(jobs: Sequence[Callable[[], Result]], *, processors: int) -> Iterator[Callable[[], list[Result]]]:
    """Let copies work on the jobs beside the body; what is given helps them and returns the results in order.

    A job computes and no more: in a copy there are no other threads, so that it must import nothing and wait for no
    lock, and what it changes is lost. What no copy brings to a result, since none could be made, one was killed or
    a job failed, is done here: slower, but an error is then raised where it can be seen.
    """
    queue = _queue(len(jobs))
    copies: list[tuple[int, IO[bytes]]] = []
    try:
        with suppress(OSError):
            for _ in range(min(_processors(processors), len(jobs), _COPIES + 1) - 1):
                with _undisturbed():
                    copies.append(_start(jobs, queue, [stream.fileno() for _, stream in copies]))
        yield lambda: _results(jobs, queue, [stream for _, stream in copies])
    finally:
        os.close(queue)
        for child, stream in copies:
            stream.close()
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _processors(there_are: int) -> int:
    """Give how many can be used: system libraries elsewhere, or a parent whose children vanish, allow no copies."""
    return there_are if sys.platform == "linux" and signal.getsignal(signal.SIGCHLD) != signal.SIG_IGN else 1


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put signals off until a copy is known: in between, Python loses them, or nobody would end the copy."""
    held: list[int] = []
    try:
        with signals.handled(lambda number, _: held.append(number)):
            yield
    finally:
        for number in held:
            signal.raise_signal(number)


def _queue(jobs: int) -> int:
    """Give a pipe with the jobs' numbers, from which the kernel gives each to one reader alone."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):  # a pipe holds 16,000 of them; the rest is what no copy does
        for number in range(jobs):
            os.write(writing, number.to_bytes(_NUMBER, "big"))
    os.close(writing)
    return reading


def _taken(jobs: Jobs, queue: int) -> Iterator[tuple[int, Any]]:
    """Do one job after the other that nobody else has taken."""
    while number := os.read(queue, _NUMBER):
        index = int.from_bytes(number, "big")
        yield index, jobs[index]()


def _start(jobs: Jobs, queue: int, others: Sequence[int]) -> tuple[int, IO[bytes]]:
    """Start a copy; give its number and the stream of its results."""
    parent = os.getpid()
    reading, writing = os.pipe()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python warns of locks, and no job takes one
            child = os.fork()  # noqa: TID251 - this is the one gate
        if child == 0:
            _work(jobs, queue, writing, others=[reading, *others], parent=parent)
    except OSError:
        os.close(reading)
        os.close(writing)
        raise
    finally:
        if os.getpid() != parent:
            os._exit(1)  # whatever happens: the parent's own endings are not for its copy
    os.close(writing)
    return child, os.fdopen(reading, "rb")


def _work(jobs: Jobs, queue: int, stream: int, *, others: Iterable[int], parent: int) -> None:
    """Write results, as long as there is somebody to read them."""
    for number in signals.ENDING:
        signal.signal(number, signal.SIG_DFL)  # Ctrl-C reaches this process too: the parent speaks for both
    for other in others:
        os.close(other)  # whoever holds the end that is read never learns that nobody reads
    done = takewhile(lambda _: os.getppid() == parent, _taken(jobs, queue))
    with os.fdopen(stream, "wb") as file:
        pickle.dump(dict(done), file, protocol=pickle.HIGHEST_PROTOCOL)


def _results(jobs: Jobs, queue: int, streams: Sequence[IO[bytes]]) -> list[Any]:
    done = dict(_taken(jobs, queue))
    for stream in streams:
        with suppress(Exception):  # whatever the copy died of, its jobs are done again, or meet their error here
            done |= pickle.load(stream)  # noqa: S301 - written by a copy of this process
    return [done[index] if index in done else job() for index, job in enumerate(jobs)]
