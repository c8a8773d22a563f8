"""`aurora explain`: where a value comes from, or what a rule means."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import context


def explain(
    ctx: typer.Context,
    subject: Annotated[str, typer.Argument(metavar="ENV|RULE", help="An environment, or a rule's id.")],
    path: Annotated[
        str | None, typer.Argument(metavar="[PATH]", help="A value, as components.inference.canary.weight.")
    ] = None,
    *,
    format_: context.FormatOption = "text",
) -> None:
    """Print where a value of an environment comes from and what it overrode, or what a rule means.

    Example: aurora explain aurora-prod components.inference.canary.weight
    """
    console = context.state(ctx).console
    context.output(format_, None)
    if path is None and "/" in subject:
        from aurora import rulebook  # noqa: PLC0415 - see the package's docstring

        console.result(rulebook.explained(subject, format_))
    else:
        from aurora import explanation  # noqa: PLC0415 - see the package's docstring

        console.result(explanation.of_value(Path.cwd(), subject, path or "", format_))
