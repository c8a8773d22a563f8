"""`aurora explain`: where a value comes from, or what a rule means."""

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import completion, context

FormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="How to print it: text, json, or for a rule markdown.")
]


def explain(
    ctx: typer.Context,
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[ENV|RULE]", help="An environment, or a rule's id.", autocompletion=completion.explainable
        ),
    ] = None,
    path: Annotated[
        str | None, typer.Argument(metavar="[PATH]", help="Path of a value, as components.inference.canary.weight.")
    ] = None,
    *,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="DIR", help="Write a page for every check's rules instead.")
    ] = None,
    format_: FormatOption = "text",
) -> None:
    """Print which file a value of an environment comes from and what it overrode, or what a rule means.

    Example: aurora explain aurora-prod components.inference.canary.weight
    """
    from aurora.errors import UsageError  # noqa: PLC0415 - see the package's docstring

    console = context.state(ctx).console
    if (subject is None) is (write is None):
        raise UsageError("name an environment or a rule, or a folder with `--write`", hint="`aurora explain --help`")
    if subject is None or (path is None and "/" in subject):
        from aurora.commands import pages, rulebook  # noqa: PLC0415 - a value needs no rules

        context.output(format_, None, formats=rulebook.FORMATS)
        if subject is not None:
            console.result(rulebook.explained(subject, format_, folder=Path.cwd()))
        for written in pages.write(write, rulebook.pages()) if write is not None else ():
            console.say(f"wrote {written}")
    else:
        from aurora import explanation  # noqa: PLC0415 - a rule needs no environment

        context.output(format_, None, formats=("text", "json"))
        console.result(explanation.of_value(Path.cwd(), subject, path or "", format_))
