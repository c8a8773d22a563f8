"""`aurora schema`: JSON Schemas of what people write and of what Aurora writes."""

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import context


def schema(
    ctx: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="[WHAT]", help="environment, layer, report, test, matrix or graph.")
    ] = "environment",
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Write the committed schemas of the repository instead.")
    ] = False,
) -> None:
    """Print the JSON Schema of environment files, of layers, or of a JSON report.

    Example: aurora schema environment
    """
    from aurora import schema_files  # noqa: PLC0415 - see the package's docstring
    from aurora.errors import UsageError  # noqa: PLC0415 - as above
    from aurora.paths import find_repository  # noqa: PLC0415 - as above

    console = context.state(ctx).console
    if write:
        for path in schema_files.write(find_repository(Path.cwd())):
            console.say(f"wrote {path}")
        return
    if what not in schema_files.KINDS:
        raise UsageError(f"`{what}` has no schema", hint=f"one of: {', '.join(schema_files.KINDS)}")
    console.result(schema_files.text(what))
