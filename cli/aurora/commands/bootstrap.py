"""`aurora bootstrap`: what is applied by hand, once."""

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import completion, context


def bootstrap(
    ctx: typer.Context,
    environment: Annotated[
        str, typer.Argument(metavar="ENV", help="An environment.", autocompletion=completion.environments)
    ],
    *,
    without_argocd: Annotated[
        bool, typer.Option("--without-argocd", help="Leave Argo CD's own installation out.")
    ] = False,
) -> None:
    """Print what is applied by hand, as one stream of YAML: Argo CD's own installation, its projects, the root.

    Everything else follows from the root Application. Of production, the revision that the environment names must hold
    Applications that name it too, and must be what Argo CD would follow: otherwise production would go elsewhere.

    Example: aurora bootstrap aurora-prod --without-argocd
    """
    from aurora import pipeline, validation  # noqa: PLC0415 - see the package's docstring
    from aurora.overview import bootstrap as reading  # noqa: PLC0415 - as above
    from aurora.paths import find_repository  # noqa: PLC0415 - as above
    from aurora.yamlio import writing  # noqa: PLC0415 - as above

    paths = find_repository(Path.cwd())
    (found,) = pipeline.load_environments(paths, [environment])
    inventory = validation.readable(paths, found)
    bodies = reading.roots(inventory, found)
    if found.spec.gitops.production:
        reading.refuse_unreleased(paths, found)
    if not without_argocd:
        (rendered,) = validation.with_charts(paths, [inventory], context.memory(no_cache=False))
        bodies = (*reading.installation(inventory, rendered, found), *bodies)
    context.state(ctx).console.result("---\n".join(writing.dump(body) for body in reading.stream(bodies)))
