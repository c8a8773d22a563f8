"""What the commands that edit environments do alike: they show what the edit does before it is written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from aurora.commands import context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aurora.console import Console
    from aurora.model.diff import Diff
    from aurora.paths import RepositoryPaths
    from aurora.rollout.planning import Texts


def compared(paths: RepositoryPaths, after: RepositoryPaths, names: Sequence[str], console: Console) -> Diff:
    """Compare what the environments that an edit changes compile to with what they do in the copy `after`.

    Raises:
        InputError: an environment cannot be compiled.
        ToolError: server validation failed.
    """
    from aurora.changes.judging import Means  # noqa: PLC0415 - see the package's docstring
    from aurora.rollout import effects  # noqa: PLC0415 - as above

    with console.progress() as progress:
        means = Means(locate_tool=context.toolbox().locate, progress=progress, memory=context.memory(no_cache=False))
        return effects.diff(paths, after, names, means)


def settle(
    paths: RepositoryPaths, texts: Texts, console: Console, *, noun: str, dry_run: bool, yes: bool, then: str
) -> None:
    """Write an edit once that is agreed on, and say what comes next; `noun` is what the edit is called.

    Raises:
        UsageError: nobody agreed, or a file changed meanwhile.
        StorageError: a file cannot be written.
    """
    from aurora.rollout import writing  # noqa: PLC0415 - see the package's docstring

    if dry_run:
        console.say(f"nothing was written; the {noun} edits {', '.join(texts)}")
        return
    agree(yes=yes)
    for file in writing.write(paths, texts):
        console.say(f"wrote {file}")
    console.say(f"next: {then}")


def agree(*, yes: bool) -> None:
    """Ask at a terminal whether an edit is to be written, unless that is known.

    Raises:
        UsageError: it is not.
    """
    from aurora.errors import UsageError  # noqa: PLC0415 - as above

    if not yes and not (sys.stdin.isatty() and typer.confirm("write this?", err=True)):
        raise UsageError("nothing was written", hint="`--yes` writes without asking")
