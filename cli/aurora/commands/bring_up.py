"""`aurora bring-up`: the order in which a fresh cluster gets an environment."""

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import completion, context


def bring_up(
    ctx: typer.Context,
    environment: Annotated[
        str, typer.Argument(metavar="ENV", help="An environment.", autocompletion=completion.environments)
    ],
) -> None:
    """List the committed Applications of an environment in the order in which a fresh cluster syncs them.

    The waves are those of the Application and of those that sync it. A wave begins when everything of the waves
    before it is healthy, so what an Application needs must not come later: the rule `gitops/wave-order` checks that.

    Example: aurora bring-up aurora-prod
    """
    from aurora import pipeline, validation  # noqa: PLC0415 - see the package's docstring
    from aurora.overview.bring_up import HEAD, steps  # noqa: PLC0415 - as above
    from aurora.paths import find_repository  # noqa: PLC0415 - as above
    from aurora.reporters.text import table  # noqa: PLC0415 - as above

    paths = find_repository(Path.cwd())
    (found,) = pipeline.load_environments(paths, [environment])
    rows = [step.cells for step in steps(validation.readable(paths, found))]
    context.state(ctx).console.result("\n".join(table([HEAD, *rows], words=len(HEAD))))
