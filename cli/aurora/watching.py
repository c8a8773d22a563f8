"""Runs a command again whenever a file that it depends on is saved: what `aurora synth --watch` does.

Each run is a process of its own, since a changed construct needs a fresh interpreter. Reads no files itself.
"""

import os
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

import watchfiles

from aurora.memory import digests
from aurora.paths import RepositoryPaths
from aurora.proofs import PLUGINS
from aurora.settings import reading
from aurora.tools import runner
from aurora.tools.runner import Command, ToolRun

TIMEOUT = 3600.0
_EVERY_CODE = frozenset(range(256))
_START = "from aurora.app import run; run()"
_QUIET_MILLISECONDS = 100
"""How long nothing must be saved before a run begins: editors write a file in several steps."""
_TURN_MILLISECONDS = 250
"""How long the watcher waits at a time."""

Changes = Iterable[Collection[str]]
"""The paths of what was saved, one collection for each time that somebody saved; the first, empty, is the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where the words of runs go: results, and what people are told."""

    result: Callable[[str], None]
    say: Callable[[str], None]


def places(paths: RepositoryPaths) -> tuple[Path, ...]:
    """Give the files and folders that a synthesis depends on, as far as they exist: the code's are among them."""
    plugins = {point.module.partition(".")[0] for point in entry_points(group=PLUGINS)}
    packages = [digests.package_folder(name) for name in (*digests.PACKAGES, *sorted(plugins))]
    folders = [paths.environments, paths.components, paths.policies, paths.tracing_policies, paths.schemas]
    written = [*folders, *(paths.root / name for name in (reading.PROJECT, reading.FILE))]
    found = [place for place in (*written, *packages) if place is not None and place.exists()]
    return tuple(dict.fromkeys(found))


def saved(paths: RepositoryPaths) -> Changes:
    """Yield nothing as soon as everything is watched, then what was saved, forever.

    What is saved while the caller is busy is not lost.
    """
    turns = watchfiles.watch(
        *places(paths), step=_QUIET_MILLISECONDS, rust_timeout=_TURN_MILLISECONDS, yield_on_timeout=True
    )
    yield sorted(path for _, path in next(turns))
    for changes in turns:
        if changes:
            yield sorted(path for _, path in changes)


def run_again(arguments: Sequence[str], folder: Path) -> ToolRun:
    """Run `aurora` with arguments in a folder, in a fresh interpreter.

    Raises:
        ToolError: it cannot be started, or does not end.
    """
    command = (sys.executable, "-c", _START, *arguments)
    return runner.run(
        Command(args=command, cwd=folder, timeout=TIMEOUT, accepted_codes=_EVERY_CODE, environment=dict(os.environ))
    )


def watch(changes: Changes, again: Callable[[], ToolRun], output: Output) -> None:
    """Run at the start and after each change; findings and errors are shown, and watching goes on.

    Raises:
        ToolError: a run cannot be started, or does not end.
    """
    for paths in changes:
        if paths:
            first, *more = paths
            output.say(f"saved: {first}{f' and {len(more)} more' if more else ''}")
        _show(again(), output)


def _show(run: ToolRun, output: Output) -> None:
    """Show all that a failing run said, and of one that is clean the last line."""
    said = run.stderr.rstrip("\n")
    if run.code:
        for text, show in ((run.stdout, output.result), (said, output.say)):
            if text:
                show(text)
        output.say(f"failed with exit code {run.code} after {run.seconds:.2f} s; watching")
    else:
        last = said.rpartition("\n")[2]
        output.say(f"clean after {run.seconds:.2f} s{f': {last}' if last else ''}; watching")
