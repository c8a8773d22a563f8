"""`aurora tools`: the pinned programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from aurora.commands import context
from aurora.commands.shared_options import shared

if TYPE_CHECKING:
    from aurora.console import Console
    from aurora.tools.installed import Toolbox
    from aurora.tools.pins import ToolPin

group = typer.Typer(help="The pinned validators.", no_args_is_help=True)


@group.callback()
def root() -> None:
    """The pinned validators."""


@group.command("install")
@shared
def install(
    ctx: typer.Context,
    programs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PROGRAM]...", help="Only these; all that environments need by default."),
    ] = None,
    *,
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
    """
    console = context.state(ctx).console
    tools = context.toolbox(building=False)
    for pin in _wanted(programs or (), kubernetes or (), optional or ()):
        _install(pin, tools, console)
    for note in tools.notes:
        console.say(f"note: {note}")


def _wanted(programs: Sequence[str], releases: Sequence[str], optional: Sequence[str]) -> tuple[ToolPin, ...]:
    from aurora.errors import UsageError  # noqa: PLC0415 - see the package's docstring
    from aurora.tools import pins  # noqa: PLC0415 - as above

    known = {pin.name: pin for pin in pins.OPTIONAL}
    for name in programs:
        if name not in pins.BY_NAME:
            raise UsageError(f"there is no program `{name}`", hint=f"name some of {', '.join(pins.BY_NAME)}")
    for name in optional:
        if name not in known:
            raise UsageError(f"there is no optional program `{name}`", hint=f"name one of {', '.join(known)}")
    for minor in releases:
        if minor not in pins.SERVERS:
            raise UsageError(f"`{minor}`: there are builds for {', '.join(sorted(pins.SERVERS))}")
    asked = [pins.BY_NAME[name] for name in programs] or pins.PINS
    more = (*(pins.SERVERS[minor] for minor in releases), *(known[name] for name in optional))
    return tuple(dict.fromkeys((*asked, *more)))


def _install(pin: ToolPin, tools: Toolbox, console: Console) -> None:
    from aurora.errors import ToolMissingError  # noqa: PLC0415 - see the package's docstring
    from aurora.tools import go  # noqa: PLC0415 - as above

    try:
        found = tools.find(pin)
    except ToolMissingError:
        console.say(f"{pin.name} {pin.version} is not there: building it, which can take minutes")
        with console.progress() as progress:
            go.build(pin, tools, progress)
        found = tools.find(pin)
    console.result(f"{pin.name} {pin.version} ({found.found_by}): {found.path}")
