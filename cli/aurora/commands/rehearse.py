"""`aurora rehearse`: a real Argo CD syncs environments into a real API server on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import completion, context

FormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="How to print it: text, json or html; html needs `--output`.")
]


def rehearse(
    ctx: typer.Context,
    environments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ENV]...", help="Environments; all of them by default.", autocompletion=completion.environments
        ),
    ] = None,
    *,
    format_: FormatOption = "text",
    report: context.ReportOption = None,
) -> None:
    """Let a real Argo CD sync what is committed into a real, empty API server, and ask it for changes.

    The programs run on this machine, without containers; they are built when they are first needed. Every Application
    has to end Synced and Healthy, in the order of its waves. Then: nothing differs when it is compared again, what is
    changed by hand is healed, the next share of a version on trial changes what its diff says, what is removed is
    pruned, and the former revision comes back. The report names everything that is simulated.

    Example: aurora rehearse aurora-dev --report html=rehearsal.html
    """
    from aurora import pipeline  # noqa: PLC0415 - see the package's docstring
    from aurora.changes.judging import Means  # noqa: PLC0415 - as above
    from aurora.model.rehearsal import Rehearsals  # noqa: PLC0415 - as above
    from aurora.paths import find_repository  # noqa: PLC0415 - as above
    from aurora.rehearsal import run  # noqa: PLC0415 - as above
    from aurora.reporters.table import REHEARSAL_FORMATS, writer  # noqa: PLC0415 - as above

    wanted = context.output(format_, report, formats=tuple(REHEARSAL_FORMATS))
    console, paths = context.state(ctx).console, find_repository(Path.cwd())
    loaded = pipeline.load_environments(paths, environments or [])
    tools = context.toolbox()
    run.require(tools)
    with console.progress() as progress:
        means = Means(locate_tool=tools.locate, progress=progress, memory=context.memory(no_cache=False))
        found = run.rehearse(paths, loaded, tools, means, say=console.say)
    result = Rehearsals(environments=found, programs=run.versions())
    context.deliver(lambda name: writer(REHEARSAL_FORMATS, name)(result), wanted, console)
    if not result.holds:
        raise typer.Exit(context.FINDINGS)
