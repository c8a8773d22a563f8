"""`aurora report`: one page about environments, for people who would rather look than read."""

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import context


def report(
    ctx: typer.Context,
    environments: context.EnvironmentsArgument = None,
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the page to a file instead.")
    ] = None,
    only: context.OnlyOption = None,
    skip: context.SkipOption = None,
    no_cache: context.NoCacheOption = False,
    strict: context.StrictOption = False,
    prices: Annotated[
        Path | None,
        typer.Option("--prices", metavar="FILE", help="A price list; the page then says what node pools cost."),
    ] = None,
) -> None:
    """Write one HTML page: components, results of the checks, controls, routing, capacity, versions.

    Runs every check on what is committed. The page is one file that loads nothing.

    Example: aurora report aurora-prod --output report.html
    """
    from aurora import pipeline, validation  # noqa: PLC0415 - see the package's docstring
    from aurora.checks.check import names_of  # noqa: PLC0415 - as above
    from aurora.overview import build  # noqa: PLC0415 - as above
    from aurora.paths import find_repository  # noqa: PLC0415 - as above
    from aurora.reporters.html import overview_page  # noqa: PLC0415 - as above

    console, tools = context.state(ctx).console, context.toolbox()
    paths = find_repository(Path.cwd())
    names = tuple(dict.fromkeys(environments or ()))
    loaded = pipeline.load_environments(paths, names)
    targets = tuple(environment.name for environment in loaded)
    request = validation.Request(targets=targets, kubernetes="1.35", policies=(), schemas=(), externals=())
    checks = context.chosen_checks(tools, only, skip)
    memory = context.memory(no_cache=no_cache)
    outcome = validation.validate(request, paths.root, checks=checks, today=context.today(), memory=memory)
    for note in (*tools.notes, *memory.notes):
        console.say(f"note: {note}")
    ran = {name for check in checks for name in check.names}
    every = context.chosen_checks(tools, None, None)
    left_out = [name for name in names_of(every) if name not in ran]
    found = build.overview(paths, targets, outcome, left_out=left_out, memory=memory, prices=prices)
    page = overview_page.write(found)
    if output is None:
        console.result(page)
    else:
        context.save(output, page)
        console.say(f"wrote {output}")
    if found.matrix.unproved:
        raise typer.Exit(context.FINDINGS)
    context.verdict(outcome, strict=strict)
