"""`aurora schemas`: the schema pack."""

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import context
from aurora.commands.shared_options import shared

group = typer.Typer(help="The schema pack behind every custom kind that is emitted.", no_args_is_help=True)


@group.callback()
def root() -> None:
    """The schema pack behind every custom kind that is emitted."""


@group.command("build")
@shared
def build(
    ctx: typer.Context,
    source: Annotated[Path, typer.Option("--from", metavar="DIR", help="Folder of CustomResourceDefinitions.")],
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Take every kind of the folder, not only those that components emit.")
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="Write the pack of this profile, of the kinds that there are."),
    ] = None,
    target: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Folder to write; the repository's pack by default.")
    ] = None,
) -> None:
    """Reduce CustomResourceDefinitions to what validation needs; write them with a lock, licence and notices.

    Example: aurora schemas build --from crds
    """
    from aurora.paths import find_repository  # noqa: PLC0415 - see the package's docstring
    from aurora.schemas import pack  # noqa: PLC0415 - as above
    from aurora_constructs.catalogue import kinds_among, packed_kinds  # noqa: PLC0415 - as above

    folder = target if target is not None else find_repository(Path.cwd()).schemas
    if profile is not None:
        folder /= profile
        made = pack.build(source, folder, *kinds_among(pack.all_kinds(source)))
    else:
        made = pack.build(source, folder, pack.all_kinds(source) if everything else packed_kinds())
    console = context.state(ctx).console
    console.result(f"{len(made.crds)} definitions of {len(made.components)} components in `{folder}`")


@group.command("add")
@shared
def add(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="CustomResourceDefinitions, also among others.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let definitions take the place of others of their kinds.")
    ] = False,
) -> None:
    """Add definitions to the repository's own pack, reduced to what validation needs and locked by their hashes.

    Example: aurora schemas add crds/widgets.yaml
    """
    from aurora import packs  # noqa: PLC0415 - see the package's docstring
    from aurora.paths import find_repository  # noqa: PLC0415 - as above
    from aurora.schemas import adding  # noqa: PLC0415 - as above

    folder = find_repository(Path.cwd()).schemas
    added = adding.add(source, folder, packs.PACK, replacing=replace)
    console = context.state(ctx).console
    for name in added.new:
        console.result(f"added {name}")
    for name in added.known:
        console.result(f"unchanged {name}")
