"""`aurora images`: the container images that environments pin."""

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import completion, context, edited
from aurora.commands.shared_options import shared

group = typer.Typer(help="The container images that environments pin.", no_args_is_help=True)


@group.callback()
def root() -> None:
    """The container images that environments pin."""


@group.command("update")
@shared
def update(
    ctx: typer.Context,
    built: Annotated[Path, typer.Argument(metavar="BUILT", help="A file of JSON with the images that were built.")],
    environments: Annotated[
        list[str],
        typer.Argument(metavar="ENV...", help="Environments of one stage.", autocompletion=completion.environments),
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what moves, and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
) -> None:
    """Write tags and digests of built images into the layers of a stage, and print what moves.

    BUILT is {"images": [{"name": "trainer", "tag": "v1.5.0", "digest": "sha256:…"}]}, where a name is an entry of
    `images`. Nothing is fetched. Comments, order and quotes stay. Only a clean Git state is edited.

    Example: aurora images update built.json aurora-dev --dry-run
    """
    from aurora.paths import find_repository  # noqa: PLC0415 - see the package's docstring
    from aurora.promotion import built as reading  # noqa: PLC0415 - as above
    from aurora.promotion import image_pins  # noqa: PLC0415 - as above

    console, paths = context.state(ctx).console, find_repository(Path.cwd())
    found = image_pins.planned(paths, environments, reading.read(built))
    for line in found.lines:
        console.result(line)
    if not found.lines:
        console.say("nothing moves: the environments pin these tags and digests already")
        return
    for name in image_pins.verify(paths, found):
        console.say(f"note: `{name}` is at the same stage, reads the same layer, and gets the images too")
    then = "`aurora synth`, read `aurora diff`, and commit both"
    edited.settle(paths, found.texts, console, noun="update", dry_run=dry_run, yes=yes, then=then)
