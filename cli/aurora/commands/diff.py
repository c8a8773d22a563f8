"""`aurora diff`: what a change does to the cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aurora.commands import completion, context

if TYPE_CHECKING:
    from aurora.changes.judging import Means
    from aurora.model.diff import Diff
    from aurora.paths import RepositoryPaths

BASE = "HEAD"

TargetsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ENV]... | BEFORE AFTER",
        help="Environments, all by default; or two files or folders of any manifests.",
        autocompletion=completion.environments,
    ),
]
BaseOption = Annotated[
    str | None,
    typer.Option(
        "--base",
        metavar="REF",
        help=f"The Git revision to compare with, {BASE} by default; for a pull request the commit where it began.",
    ),
]
CommittedOption = Annotated[
    bool, typer.Option("--committed", help="Take `generated/` as it is instead of compiling the environments.")
]
FailOnOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-on",
        metavar="EFFECT|IMPACT",
        help="End with exit code 1 if a change has this effect or impact; repeatable.",
    ),
]
SchemasOption = Annotated[
    list[Path] | None, typer.Option("--schemas", metavar="DIR", help="More CRDs, as YAML or JSON; repeatable.")
]
FormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="How to print the diff: text, json, markdown or html.")
]


def diff(
    ctx: typer.Context,
    targets: TargetsArgument = None,
    *,
    base: BaseOption = None,
    committed: CommittedOption = False,
    fail_on: FailOnOption = None,
    schemas: SchemasOption = None,
    no_cache: context.NoCacheOption = False,
    format_: FormatOption = "text",
    report: context.ReportOption = None,
) -> None:
    """Show what a change does: which pods restart, what is refused, what weakens security, what it costs.

    Compares what a Git revision has in `generated/` with what the environments compile to now. Ends with exit code 0
    also when there are changes; with 1 if one of them is of a `--fail-on`, or if something could not be read.

    Example: aurora diff aurora-prod --base origin/main --report markdown=comment.md --fail-on data-loss-risk
    """
    from aurora import inputs  # noqa: PLC0415 - see the package's docstring
    from aurora.changes.judging import Means  # noqa: PLC0415 - as above
    from aurora.reporters.table import DIFF_FORMATS, writer  # noqa: PLC0415 - as above

    console = context.state(ctx).console
    wanted = context.output(format_, report, formats=tuple(DIFF_FORMATS))
    failing = _failing(fail_on or ())
    tools = context.toolbox()
    memory = context.memory(no_cache=no_cache)
    with console.progress() as progress:
        means = Means(
            locate_tool=tools.locate,
            progress=progress,
            schemas=inputs.folders(schemas or (), option="--schemas"),
            memory=memory,
        )
        outcome = _outcome(tuple(targets or ()), means, base=base, compiled=not committed)
    for note in (*tools.notes, *memory.notes):
        console.say(f"note: {note}")
    context.deliver(lambda name: writer(DIFF_FORMATS, name)(outcome), wanted, console)
    if any(finding.fails for finding in outcome.findings) or failing(outcome):
        raise typer.Exit(context.FINDINGS)


def _outcome(targets: tuple[str, ...], means: Means, *, base: str | None, compiled: bool) -> Diff:
    """Compare two paths, or environments with their past."""
    from aurora.errors import UsageError  # noqa: PLC0415 - see the package's docstring

    if "" in targets:
        raise UsageError("an empty name is neither an environment nor a path", hint="was a variable not set?")
    repository = _repository()
    if not _are_paths(targets, repository):
        from aurora.changes import revisions  # noqa: PLC0415 - as above, and two folders need no compiler

        return revisions.compare(Path.cwd(), targets, means, base=_revision(base), compiled=compiled)
    if base is not None or not compiled:
        raise UsageError("`--base` and `--committed` are for environments, not for two paths", hint="leave them out")
    from aurora.changes import folders  # noqa: PLC0415 - as above

    return folders.compare(Path(targets[0]), Path(targets[1]), means, repository)


def _revision(base: str | None) -> str:
    """Give the revision to compare with; an empty one, as an unset variable gives it, is not the default.

    Raises:
        UsageError: no revision can have that name.
    """
    if base is None:
        return BASE
    from aurora.environment.wording import visible  # noqa: PLC0415 - see the package's docstring
    from aurora.errors import UsageError  # noqa: PLC0415 - as above
    from aurora.tools import git  # noqa: PLC0415 - as above

    if not base:
        raise UsageError("`--base` is empty", hint=f"leave it out to compare with `{BASE}`")
    if not git.is_revision(base):
        raise UsageError(f"`{visible(base)}` is no name of a Git revision", hint="name a branch, a tag or a commit")
    return base


def _repository() -> RepositoryPaths | None:
    from aurora.errors import UsageError  # noqa: PLC0415 - see the package's docstring
    from aurora.paths import find_repository  # noqa: PLC0415 - as above

    try:
        return find_repository(Path.cwd())
    except UsageError:
        return None


def _are_paths(targets: Sequence[str], repository: RepositoryPaths | None) -> bool:
    """Tell whether two paths are meant: an environment's name wins over a path of that name."""
    if len(targets) != 2:
        return False
    names = repository.environment_names() if repository else ()
    there = [os.path.exists(target) for target in targets]  # noqa: PTH110 - Path.exists raises for too long a name
    return not any(target in names for target in targets) and (any(there) or any("/" in target for target in targets))


def check_options(base: str | None, fail_on: Sequence[str]) -> None:
    """Refuse what no diff can be made with, before other work is done.

    Raises:
        UsageError: no revision can have that name, or there is no such effect or impact.
    """
    _revision(base)
    _failing(fail_on)


def _failing(wanted: Sequence[str]) -> Callable[[Diff], bool]:
    """Give the question whether a diff holds one of some effects and impacts.

    Raises:
        UsageError: one of them is neither.
    """
    from aurora.errors import UsageError  # noqa: PLC0415 - see the package's docstring
    from aurora.model.change import PARTS, Effect, Impact  # noqa: PLC0415 - as above

    known = [*map(str, Effect), *map(str, Impact)]
    for name in wanted:
        if name not in known:
            from aurora.environment.wording import suggestion, visible  # noqa: PLC0415 - only this error needs it

            raise UsageError(
                f"`--fail-on {visible(name)}` is neither an effect nor an impact",
                hint=suggestion(name, known, otherwise="there are"),
            )
    return lambda found: any(
        str(kind) in wanted
        for change in found.changes
        for kind in (change.effect, *PARTS.get(change.effect, ()), *change.impacts)
    )
