"""Starts programs: the only place that imports `subprocess`.

No shell, no standard input but a file, a fixed environment, a time limit that ends the whole process group, and a
bound on the output. Must not know what any program does.
"""

import os
import shlex
import signal
import subprocess  # noqa: TID251 - this is the one gate
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from aurora import signals
from aurora.errors import ToolCrashedError, ToolMissingError, ToolOutputError, ToolTimeoutError

OUTPUT_LIMIT = 256 * 1024 * 1024
"""Bytes of standard output or standard error after which a program is stopped."""

_POLL_SECONDS = 0.02

FIXED_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program call: arguments, folder, extra environment, time limit and the exit codes it may end with.

    `on_error_line` is called with each line of standard error while the program runs, to show progress.
    `input` is a file for standard input, which is empty otherwise. `output` is a file that takes standard output
    byte for byte; `ToolRun.stdout` is then empty.
    """

    args: tuple[str, ...]
    cwd: Path
    timeout: float
    accepted_codes: frozenset[int] = frozenset({0})
    environment: Mapping[str, str] | None = None
    output_limit: int = OUTPUT_LIMIT
    on_error_line: Callable[[str], None] | None = None
    input: Path | None = None
    output: Path | None = None

    @property
    def program(self) -> str:
        """The program's file name."""
        return os.path.basename(self.args[0])  # noqa: PTH119 - the argument may be a bare name

    def __str__(self) -> str:
        return shlex.join(self.args)


@dataclass(frozen=True, slots=True)
class ToolRun:
    """What a finished program left behind."""

    code: int
    stdout: str
    stderr: str
    seconds: float


def run(command: Command) -> ToolRun:
    """Run a program to its end and return its code and output.

    Raises:
        ToolMissingError: the program does not exist.
        ToolTimeoutError: the time limit passed; the whole process group was killed.
        ToolOutputError: it printed more than the limit, or something that is not UTF-8.
        ToolCrashedError: it could not be started, died of a signal, or ended with a code it must not use.
    """
    if _stopping.is_set():
        raise ToolCrashedError(f"`{command.program}` was not started: the run is being stopped")
    started = time.monotonic()
    with _output(command) as out, tempfile.TemporaryFile() as err:
        process = _start(command, out=out, err=err)
        _running.add(process)
        try:
            _wait(process, command, (out, err))
        finally:
            _kill_group(process)
            _running.discard(process)
        run = ToolRun(
            code=process.returncode,
            stdout="" if command.output else _decode(out, command),
            stderr=_decode(err, command),
            seconds=time.monotonic() - started,
        )
    if run.code < 0 or run.code not in command.accepted_codes:
        raise ToolCrashedError(
            f"`{command.program}` ended with {_outcome(run.code)}{_tail(run.stderr or run.stdout)}",
            hint=f"run it by hand: `{command}`",
        )
    return run


def _output(command: Command) -> IO[bytes]:
    return command.output.open("w+b") if command.output else tempfile.TemporaryFile()


_running: set[subprocess.Popen[bytes]] = set()
_stopping = threading.Event()


def stop() -> None:
    """End every running program and start no more: they have sessions of their own, which Ctrl-C does not reach."""
    _stopping.set()
    for process in list(_running):
        _kill_group(process)


@contextmanager
def stopped_on_interrupt() -> Iterator[None]:
    """End the running programs when the body is interrupted: a pool waits for its threads, and they for them."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        stop()
        signal.default_int_handler(number, frame)

    with signals.handled(interrupt):
        yield


def _start(command: Command, *, out: IO[bytes], err: IO[bytes]) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.defpath,
        "HOME": tempfile.gettempdir(),
        **FIXED_ENVIRONMENT,
        **(command.environment or {}),
    }
    try:
        with Path(os.devnull if command.input is None else command.input).open("rb") as given:
            return subprocess.Popen(
                command.args,
                cwd=command.cwd,
                env=environment,
                stdin=given,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
    except FileNotFoundError as error:
        raise ToolMissingError(f"`{command.args[0]}` does not exist", hint="run `aurora tools install`") from error
    except OSError as error:
        raise ToolCrashedError(f"`{command.args[0]}` cannot be started: {error.strerror}") from error


def _wait(process: subprocess.Popen[bytes], command: Command, outputs: Sequence[IO[bytes]]) -> None:
    deadline = time.monotonic() + command.timeout
    follow = _Follower(outputs[1], command.on_error_line)
    while True:
        try:
            process.wait(timeout=_POLL_SECONDS)
            finished = True
        except subprocess.TimeoutExpired:
            finished = False
        follow.emit()
        if any(os.fstat(output.fileno()).st_size > command.output_limit for output in outputs):
            raise ToolOutputError(f"`{command.program}` printed more than {command.output_limit} bytes")
        if finished:
            return
        if time.monotonic() > deadline:
            raise ToolTimeoutError(
                f"`{command.program}` did not end within {command.timeout:g} s", hint=f"run it by hand: `{command}`"
            )


class _Follower:
    """Hands over the complete lines that a growing file has gained."""

    def __init__(self, file: IO[bytes], sink: Callable[[str], None] | None) -> None:
        self._file = file
        self._sink = sink
        self._offset = 0

    def emit(self) -> None:
        """Call the sink with each new line."""
        if self._sink is None:
            return
        size = os.fstat(self._file.fileno()).st_size
        fresh = os.pread(self._file.fileno(), size - self._offset, self._offset)
        complete = fresh[: fresh.rfind(b"\n") + 1]
        self._offset += len(complete)
        for line in complete.decode(errors="replace").splitlines():
            self._sink(line)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End the program and all that it started, also after a clean exit: children must not outlive a run."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _decode(output: IO[bytes], command: Command) -> str:
    output.seek(0)
    try:
        return output.read().decode()
    except UnicodeDecodeError as error:
        raise ToolOutputError(f"`{command.program}` printed something that is not UTF-8") from error


def _outcome(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


def _tail(text: str, *, lines: int = 5) -> str:
    last = [line for line in text.strip().splitlines() if line.strip()][-lines:]
    return "".join(f"\n  {line[:300]}" for line in last)
