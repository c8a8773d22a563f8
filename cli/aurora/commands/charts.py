"""`aurora charts`: the archives of the Helm charts that environments name, which these commands alone fetch."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aurora.commands import context
from aurora.commands.shared_options import shared

if TYPE_CHECKING:
    from aurora.charts.lock import Locked
    from aurora.charts.vendoring import Wanted
    from aurora.paths import RepositoryPaths

group = typer.Typer(help="The Helm charts that environments name.", no_args_is_help=True)
Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Charts; all by default.")]


@group.callback()
def root() -> None:
    """The Helm charts that environments name."""


@group.command("vendor")
@shared
def vendor(
    ctx: typer.Context,
    names: Names = None,
    *,
    update: Annotated[bool, typer.Option("--update", help="Accept archives that were published anew.")] = False,
    locked: Annotated[bool, typer.Option("--locked", help="Fetch what the lock names, and change no lock.")] = False,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="REVISION", help="Fetch what its lock names as well, for `aurora diff`."),
    ] = None,
) -> None:
    """Fetch the archives of charts into `charts/`, and lock their digests.

    Example: aurora charts vendor
    """
    from aurora.charts import vendoring  # noqa: PLC0415 - see the package's docstring
    from aurora.errors import UsageError  # noqa: PLC0415 - as above
    from aurora.paths import find_repository  # noqa: PLC0415 - as above

    if update and locked:
        raise UsageError("`--update` changes the lock, which `--locked` holds to", hint="give one of them")
    console = context.state(ctx).console
    paths = find_repository(Path.cwd())
    folder = paths.charts
    every = _wanted()
    earlier = _earlier(paths, base) if base else ()
    fetched = vendoring.vendor(every, names or (), folder, update=update, locked=locked)
    if earlier:
        more, failed = vendoring.vendor_earlier(earlier, folder)
        fetched += more
        if failed:
            console.say("warning: " + vendoring.refusal(failed, f"not compared with `{base}`").message)
    for entry in fetched:
        application = f" (application {entry.app_version})" if entry.app_version else ""
        console.result(f"{entry.name} {entry.version}{application}: fetched from {entry.source}, {entry.digest}")
    there = sum((folder / one.file).is_file() for one in every)
    console.say(f"{there} of the {len(every)} charts that environments name are in `{folder.name}/`")


@group.command("outdated")
@shared
def outdated(ctx: typer.Context, names: Names = None) -> None:
    """List charts of which there are newer versions.

    Example: aurora charts outdated
    """
    from aurora.charts import vendoring  # noqa: PLC0415 - see the package's docstring

    console = context.state(ctx).console
    asked = vendoring.chosen(_wanted(), names or ())
    found, failed = vendoring.asked(asked, lambda store, one: vendoring.newer(one, store.versions(one.name)))
    for one, versions in found.items():
        if versions:
            more = f", and {len(versions) - 5} more" if len(versions) > 5 else ""
            console.result(f"{one}: {', '.join(versions[:5])}{more}")
    console.say(f"{sum(map(bool, found.values()))} of {len(asked)} charts have newer versions")
    if failed:
        raise vendoring.refusal(failed, "not everything is known")


def _earlier(paths: "RepositoryPaths", base: str) -> "tuple[Locked, ...]":
    from aurora.changes import charts, reading  # noqa: PLC0415 - see the package's docstring

    return charts.locked(reading.revision(paths, base, [paths.charts.name]))


def _wanted() -> "tuple[Wanted, ...]":
    from aurora import pipeline  # noqa: PLC0415 - see the package's docstring
    from aurora.charts import vendoring  # noqa: PLC0415 - as above
    from aurora.paths import find_repository  # noqa: PLC0415 - as above

    return vendoring.wanted(pipeline.load_environments(find_repository(Path.cwd()), ()))
