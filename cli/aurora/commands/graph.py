"""`aurora graph`: an environment's objects and how they hang together."""

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import completion, context

FormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="How to print it: mermaid, dot, json or html.")
]


def graph(
    ctx: typer.Context,
    environment: Annotated[
        str, typer.Argument(metavar="ENV", help="An environment.", autocompletion=completion.environments)
    ],
    *,
    component: Annotated[
        list[str] | None,
        typer.Option("--component", metavar="NAME", help="Only this component and its neighbours; repeatable."),
    ] = None,
    namespace: Annotated[
        list[str] | None,
        typer.Option("--namespace", metavar="NAME", help="Only this namespace and its neighbours; repeatable."),
    ] = None,
    format_: FormatOption = "mermaid",
    report: context.ReportOption = None,
) -> None:
    """Draw the committed objects of an environment and the references between them, for Mermaid, Graphviz or a browser.

    Example: aurora graph aurora-prod --component inference --report html=graph.html
    """
    from aurora.errors import UsageError  # noqa: PLC0415 - see the package's docstring
    from aurora.object_graph import build  # noqa: PLC0415 - as above
    from aurora.paths import find_repository  # noqa: PLC0415 - as above
    from aurora.reporters.table import GRAPH_FORMATS, writer  # noqa: PLC0415 - as above

    wanted = context.output(format_, report, formats=tuple(GRAPH_FORMATS))
    found = build.committed(find_repository(Path.cwd()), environment, context.memory(no_cache=False))
    namespaces = {node.resource.namespace for node in found.nodes}
    for option, names, known in (("component", component, found.components), ("namespace", namespace, namespaces)):
        for name in names or ():
            if name not in known:
                listed = ", ".join(sorted(entry for entry in known if entry))
                raise UsageError(f"`{environment}` has no {option} `{name}`", hint=f"{option}s: {listed}")
    if component or namespace:
        found = found.around(component or (), namespace or ())
    context.deliver(lambda name: writer(GRAPH_FORMATS, name)(found), wanted, context.state(ctx).console)
