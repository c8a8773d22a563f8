"""The only writer to the terminal: results go to standard output, words for people to standard error.

Colour only on a terminal and never under `NO_COLOR`; progress bars become plain lines elsewhere. Decides
nothing.
"""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from aurora.errors import AuroraError

_CODES = {"error": "31;1", "warning": "33;1", "note": "36", "good": "32", "faint": "2", "strong": "1"}


@dataclass(slots=True)
class Console:
    """Where words go, and how many of them."""

    quiet: bool = False
    verbose: bool = False
    out: IO[str] = field(default_factory=lambda: sys.stdout)
    err: IO[str] = field(default_factory=lambda: sys.stderr)

    def result(self, text: str) -> None:
        """Write what the command was asked for."""
        try:
            self.out.write(text if text.endswith("\n") else f"{text}\n")
            self.out.flush()
        except OSError as error:
            # What is still buffered must not fail once more at the end of the process.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.out.fileno())
            # Who reads has seen enough; what the command found still decides how it ends.
            if not isinstance(error, BrokenPipeError):
                raise

    def say(self, text: str) -> None:
        """Tell people what was done."""
        if not self.quiet:
            self.err.write(f"{text}\n")

    def detail(self, text: str) -> None:
        """Tell people more than they need."""
        if self.verbose and not self.quiet:
            self.err.write(f"{text}\n")

    def error(self, error: AuroraError) -> None:
        """Say what failed, why, and what to do."""
        first, *more = map(printable, error.message.split("\n"))
        words = [f"{paint('error', 'error', stream=self.err)}: {first}", *more]
        if error.__cause__ is not None and str(error.__cause__) and str(error.__cause__) not in error.message:
            words.append(f"  caused by: {printable(str(error.__cause__).splitlines()[0])}")
        if error.hint:
            words.append(f"  {paint('hint', 'note', stream=self.err)}: {printable(error.hint)}")
        self.err.write("\n".join(words) + "\n")

    @contextmanager
    def progress(self) -> Iterator[Callable[[str, int, int | None], None]]:
        """Give a function that shows how far something is: a bar on a terminal, a line per change elsewhere."""
        if self.quiet:
            yield lambda _what, _done, _total: None
        elif self.err.isatty():
            with _bars(self.err) as show:
                yield show
        else:
            yield _Lines(self.err).show


@contextmanager
def _bars(stream: IO[str]) -> Iterator[Callable[[str, int, int | None], None]]:
    from rich.console import Console as RichConsole  # noqa: PLC0415 - slow to import, needed for bars only
    from rich.progress import Progress, TaskID  # noqa: PLC0415 - as above

    tasks: dict[str, TaskID] = {}
    with Progress(console=RichConsole(file=stream), transient=True) as bars:

        def show(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield show


class _Lines:
    """Plain progress: one line when something begins and one at each tenth of it."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._shown: tuple[str, int] | None = None

    def show(self, what: str, done: int, total: int | None) -> None:
        """Print a line if there is news."""
        tenth = done * 10 // total if total else done // 200
        if self._shown != (what, tenth):
            self._shown = (what, tenth)
            self._stream.write(f"{what}: {done}{f' of {total}' if total else ''}\n")
            self._stream.flush()


def printable(text: str) -> str:
    """Keep what somebody else wrote on one line and from steering the terminal: what does not print is escaped."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def prepare() -> None:
    """Make every stream take every character: pipes and files get UTF-8, terminals escape what they cannot show.

    What is written to a stream that was closed before the start is lost.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - lives as long as the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - as above
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def paint(text: str, style: str, *, stream: IO[str]) -> str:
    """Colour a text for a stream: only on a terminal, and never under `NO_COLOR`."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m"
