"""`aurora tools`: the pinned programs."""

from typing import Annotated

import typer

from aurora.commands import context
from aurora.commands.shared_options import shared

group = typer.Typer(help="The pinned validators.", no_args_is_help=True)


@group.callback()
def root() -> None:
    """The pinned validators."""


@group.command("install")
@shared
def install(
    ctx: typer.Context,
    kubernetes: Annotated[
        list[str] | None,
        typer.Option("--kubernetes", metavar="MINOR", help="Also build server validation for this minor version."),
    ] = None,
    optional: Annotated[
        list[str] | None,
        typer.Option(
            "--with", metavar="PROGRAM", help="Build an optional program as well: promtool or actionlint; repeatable."
        ),
    ] = None,
) -> None:
    """Build the pinned validators that are missing, in the cache folder.

    Example: aurora tools install --kubernetes 1.34 --with promtool

    Raises:
        UsageError: there is no such build, or no such optional program.
    """
    from aurora.errors import ToolMissingError, UsageError  # noqa: PLC0415 - see the package's docstring
    from aurora.tools import go, pins  # noqa: PLC0415 - as above

    known = {pin.name: pin for pin in pins.OPTIONAL}
    for name in optional or ():
        if name not in known:
            raise UsageError(f"there is no optional program `{name}`", hint=f"name one of {', '.join(known)}")

    console = context.state(ctx).console
    tools = context.toolbox()
    for minor in kubernetes or ():
        if minor not in pins.SERVERS:
            raise UsageError(f"`{minor}`: there are builds for {', '.join(sorted(pins.SERVERS))}")
    wanted = [*(pins.SERVERS[minor] for minor in kubernetes or ()), *(known[name] for name in optional or ())]
    for pin in dict.fromkeys((*pins.PINS, *wanted)):
        try:
            found = tools.find(pin)
        except ToolMissingError:
            console.say(f"{pin.name} {pin.version} is not there: building it, which can take minutes")
            with console.progress() as progress:
                go.build(pin, tools, progress)
            found = tools.find(pin)
        console.result(f"{pin.name} {pin.version} ({found.found_by}): {found.path}")
    for note in tools.notes:
        console.say(f"note: {note}")
