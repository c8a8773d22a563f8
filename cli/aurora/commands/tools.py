"""`aurora tools`: the pinned programs."""

import typer

from aurora.commands import context
from aurora.commands.shared_options import shared

group = typer.Typer(help="The pinned validators.", no_args_is_help=True)


@group.callback()
def root() -> None:
    """The pinned validators."""


@group.command("install")
@shared
def install(ctx: typer.Context) -> None:
    """Build the pinned validators that are missing, in the cache folder.

    Example: aurora tools install
    """
    from aurora.errors import ToolMissingError  # noqa: PLC0415 - see the package's docstring
    from aurora.tools import go, pins  # noqa: PLC0415 - as above

    console = context.state(ctx).console
    tools = context.toolbox()
    for pin in pins.PINS:
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
