"""`aurora recovery`: what comes back after a loss, and how."""

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import completion, context


def recovery(
    ctx: typer.Context,
    environments: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ENV]...", help="Environments.", autocompletion=completion.environments),
    ] = None,
    *,
    write: Annotated[Path | None, typer.Option("--write", metavar="FILE", help="Write the page to a file.")] = None,
) -> None:
    """Print what is promised for the day of a loss, which backups keep it, and the commands of each restore.

    Read from what is committed: annotations, schedules of Velero, and facts of buckets. It is Markdown.

    Example: aurora recovery --write docs/recovery.md
    """
    from aurora import pipeline, validation  # noqa: PLC0415 - see the package's docstring
    from aurora.overview import recovery as overview  # noqa: PLC0415 - as above
    from aurora.paths import find_repository  # noqa: PLC0415 - as above

    paths = find_repository(Path.cwd())
    found = pipeline.load_environments(paths, environments or [])
    text = overview.page([(each.name, validation.readable(paths, each)) for each in found])
    console = context.state(ctx).console
    if write is None:
        console.result(text.rstrip("\n"))
        return
    context.save(write, text.removesuffix("\n"))
    console.say(f"wrote {write}")
