"""`aurora prerequisites`: what has to be there before an environment can be synced."""

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import completion, context

FormatOption = Annotated[str, typer.Option("--format", metavar="FORMAT", help="How to print it: text or json.")]


def prerequisites(
    ctx: typer.Context,
    environment: Annotated[
        str, typer.Argument(metavar="ENV", help="An environment.", autocompletion=completion.environments)
    ],
    *,
    format_: FormatOption = "text",
    report: context.ReportOption = None,
) -> None:
    """Print what the cloud must provide for an environment, and the documents that permit what it needs.

    Read from its facts and from what is committed: cluster, node pools, subnets, buckets, databases, places for
    secrets, names, and of each identity who acts as it: trust and permissions on AWS, federated credentials and role
    assignments on Azure.

    Example: aurora prerequisites aws-prod --report json=prerequisites.json
    """
    from aurora.paths import find_repository  # noqa: PLC0415 - see the package's docstring
    from aurora.prerequisites import build  # noqa: PLC0415 - as above
    from aurora.reporters.table import PREREQUISITES_FORMATS, writer  # noqa: PLC0415 - as above

    wanted = context.output(format_, report, formats=tuple(PREREQUISITES_FORMATS))
    found = build.committed(find_repository(Path.cwd()), environment, context.memory(no_cache=False))
    context.deliver(lambda name: writer(PREREQUISITES_FORMATS, name)(found), wanted, context.state(ctx).console)
