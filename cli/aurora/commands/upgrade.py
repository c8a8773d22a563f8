"""`aurora upgrade`: what a newer Aurora changes in a repository that an older one began."""

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import context


def upgrade(
    ctx: typer.Context,
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Write the files that nobody edited here, and the new ones.")
    ] = False,
) -> None:
    """Say which layers, policies and other files this Aurora has otherwise than the one that began the repository.

    Files that were edited here are named and left as they are. What the newer files do to the clusters is shown
    by `aurora diff` afterwards, before `aurora synth` writes it.

    Example: aurora upgrade --write
    """
    from importlib.metadata import version  # noqa: PLC0415 - see the package's docstring

    from aurora.paths import find_repository  # noqa: PLC0415 - as above
    from aurora.starting import files, record  # noqa: PLC0415 - as above
    from aurora.starting import upgrade as upgrading  # noqa: PLC0415 - as above

    console = context.state(ctx).console
    root = find_repository(Path.cwd()).root
    begun = record.read(root)
    newer = files.again(begun.answers, root)
    found = list(upgrading.steps(root, begun, newer))
    for step in found:
        console.result(f"{step.path}: {step.what}")
    edited = sum(not step.is_safe for step in found)
    counts = (
        f"{len(found)} files differ from those of Aurora {begun.aurora}, {edited} of them for you to merge or remove"
    )
    console.say(counts if found else f"nothing: these are the files of Aurora {version('aurora')}")
    if write:
        upgrading.write(root, begun, newer, found)
        console.say("written; `aurora diff` shows what they do to the clusters, `aurora synth` compiles them")
    elif any(step.is_safe for step in found):
        console.say("`aurora upgrade --write` writes those that nobody edited")
