"""`aurora test`: whether policies do what they are for, and whether their tests would notice if they did not."""

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import completion, context

FormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="How to print the report: text, json, junit or markdown.")
]


def test(
    ctx: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[POLICY|PATH]...",
            help="Policies of the repository, all by default; or folders with tests of any policy library.",
            autocompletion=completion.policies,
        ),
    ] = None,
    *,
    engine: context.EngineOption = context.ENGINE,
    strict: context.StrictOption = False,
    format_: FormatOption = "text",
    report: context.ReportOption = None,
) -> None:
    """Run the tests of policies, prove that every verdict was given, and check that broken objects are refused.

    Example: aurora test restrict-image-registries --report junit=test.xml
    """
    from aurora.reporters.table import SUITE_FORMATS, writer  # noqa: PLC0415 - see the package's docstring
    from aurora.suites import run  # noqa: PLC0415 - as above
    from aurora.suites import targets as named  # noqa: PLC0415 - as above

    console = context.state(ctx).console
    wanted = context.output(format_, report, formats=tuple(SUITE_FORMATS))
    tools = context.toolbox()
    chosen = named.sort_out(targets or (), Path.cwd())
    with console.progress() as progress:
        means = run.Means(locate_tool=tools.locate, engine=context.known_engine(engine), progress=progress)
        if chosen.folders:
            outcome = run.foreign(chosen.folders, means)
        else:
            outcome = run.own(chosen.repository(), chosen.policies, means)
    for note in tools.notes:
        console.say(f"note: {note}")
    context.deliver(lambda name: writer(SUITE_FORMATS, name)(outcome), wanted, console)
    context.verdict(outcome, strict=strict)
