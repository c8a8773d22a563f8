"""`aurora matrix`: what protects each namespace, and the test that proves it."""

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import context

FormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="How to print it: text, json, markdown or html.")
]


def matrix(
    ctx: typer.Context,
    environments: context.EnvironmentsArgument = None,
    *,
    format_: FormatOption = "text",
    report: context.ReportOption = None,
    no_cache: context.NoCacheOption = False,
) -> None:
    """Show which controls protect each namespace, what enforces them, and the test that proves it.

    Read from what is committed and what its charts render: pods, Kyverno policies, Pod Security labels and tracing
    policies. Fails if something is claimed that no test proves.

    Example: aurora matrix aurora-prod --report html=matrix.html
    """
    from aurora.controls import matrix as controls  # noqa: PLC0415 - see the package's docstring
    from aurora.paths import find_repository  # noqa: PLC0415 - as above
    from aurora.reporters.table import MATRIX_FORMATS, writer  # noqa: PLC0415 - as above

    wanted = context.output(format_, report, formats=tuple(MATRIX_FORMATS))
    memory = context.memory(no_cache=no_cache)
    found = controls.committed(find_repository(Path.cwd()), environments or (), memory)
    context.deliver(lambda name: writer(MATRIX_FORMATS, name)(found), wanted, context.state(ctx).console)
    if found.unproved:
        raise typer.Exit(context.FINDINGS)
