"""`aurora parity`: in what two environments differ, and which of it nobody declared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aurora.commands import completion, context

if TYPE_CHECKING:
    from aurora.model.parity import Standing

FormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="How to print it: text, json or markdown.")
]


def parity(
    ctx: typer.Context,
    first: Annotated[
        str, typer.Argument(metavar="ENV", help="An environment.", autocompletion=completion.environments)
    ],
    second: Annotated[
        str, typer.Argument(metavar="OTHER", help="Another one.", autocompletion=completion.environments)
    ],
    *,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            metavar="STANDING",
            help="End with exit code 1 on an undeclared difference, or an unneeded declaration; repeatable.",
        ),
    ] = None,
    format_: FormatOption = "text",
    report: context.ReportOption = None,
) -> None:
    """Print in what the specifications of two environments differ: what is declared under `intended`, and the rest.

    Example: aurora parity aurora-dev aurora-prod --fail-on undeclared
    """
    from aurora import parity as comparing  # noqa: PLC0415 - see the package's docstring
    from aurora import pipeline  # noqa: PLC0415 - as above
    from aurora.errors import UsageError  # noqa: PLC0415 - as above
    from aurora.paths import find_repository  # noqa: PLC0415 - as above
    from aurora.reporters.table import PARITY_FORMATS, writer  # noqa: PLC0415 - as above

    wanted = context.output(format_, report, formats=tuple(PARITY_FORMATS))
    failing = _failing(fail_on or ())
    if first == second:
        raise UsageError("an environment does not differ from itself", hint="name two environments")
    one, other = pipeline.load_environments(find_repository(Path.cwd()), [first, second])
    found = comparing.compare(one, other)
    context.deliver(lambda name: writer(PARITY_FORMATS, name)(found), wanted, context.state(ctx).console)
    if failing & found.standings:
        raise typer.Exit(context.FINDINGS)


def _failing(wanted: Sequence[str]) -> frozenset[Standing]:
    """Give what a run fails on.

    Raises:
        UsageError: one of the names is none that a difference or a declaration can have.
    """
    from aurora.errors import UsageError  # noqa: PLC0415 - see the package's docstring
    from aurora.model.parity import Standing  # noqa: PLC0415 - as above

    for name in wanted:
        if name not in list(Standing):
            from aurora.environment.wording import suggestion, visible  # noqa: PLC0415 - only this error needs it

            raise UsageError(
                f"`--fail-on {visible(name)}` is no standing of a difference",
                hint=suggestion(name, list(Standing), otherwise="there are"),
            )
    return frozenset(map(Standing, wanted))
