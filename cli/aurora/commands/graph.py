"""`aurora graph`: an environment's objects and how they hang together, and who of its pods may talk to whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aurora.commands import completion, context

if TYPE_CHECKING:
    from aurora.model.network_graph import NetworkGraph
    from aurora.model.object_graph import ObjectGraph

NETWORK = "network"
Names = list[str] | None

FormatOption = Annotated[
    str | None,
    typer.Option("--format", metavar="FORMAT", help="How to print it: mermaid, dot, json or html; text for a network."),
]
WordsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="[network] ENV",
        help="An environment; after `network`, the flows that its policies allow.",
        autocompletion=completion.environments,
    ),
]


def graph(
    ctx: typer.Context,
    words: WordsArgument,
    *,
    component: Annotated[
        list[str] | None,
        typer.Option("--component", metavar="NAME", help="Only this component and its neighbours; repeatable."),
    ] = None,
    namespace: Annotated[
        list[str] | None,
        typer.Option("--namespace", metavar="NAME", help="Only this namespace and its neighbours; repeatable."),
    ] = None,
    format_: FormatOption = None,
    report: context.ReportOption = None,
) -> None:
    """Draw the committed objects of an environment and the references between them, for Mermaid, Graphviz or a browser.

    With `network`: who may talk to whom, which policies allow it, and who needs it.

    Example: aurora graph aurora-prod --component inference --report html=graph.html
    """
    from aurora.reporters.table import DRAWN, GRAPH_FORMATS, NETWORK_FORMATS, writer  # noqa: PLC0415 - see the package

    asked, environment = _asked(words)
    if asked == NETWORK:
        wanted = context.output(format_ or "text", report, formats=tuple(NETWORK_FORMATS))
        network = _network(environment)
        _check(network, environment, component, namespace)
        network = network.around(component or (), namespace or ())

        def written(name: str) -> str:
            return writer(NETWORK_FORMATS, name)(network.drawing() if name in DRAWN else network)

        context.deliver(written, wanted, context.state(ctx).console)
        return
    wanted = context.output(format_ or "mermaid", report, formats=tuple(GRAPH_FORMATS))
    found = _objects(environment)
    _check(found, environment, component, namespace)
    found = found.around(component or (), namespace or ())
    context.deliver(lambda name: writer(GRAPH_FORMATS, name)(found), wanted, context.state(ctx).console)


def _asked(words: list[str]) -> tuple[str, str]:
    """Take the words apart: what is drawn, and of which environment."""
    from aurora.errors import UsageError  # noqa: PLC0415 - see the package's docstring

    if len(words) == 1:
        return "", words[0]
    if len(words) == 2 and words[0] == NETWORK:
        return NETWORK, words[1]
    raise UsageError(
        f"`{' '.join(words)}` is no environment", hint="write `aurora graph ENV` or `aurora graph network ENV`"
    )


def _objects(environment: str) -> ObjectGraph:
    from aurora.object_graph import build  # noqa: PLC0415 - see the package's docstring
    from aurora.paths import find_repository  # noqa: PLC0415 - as above

    return build.committed(find_repository(Path.cwd()), environment, context.memory(no_cache=False))


def _network(environment: str) -> NetworkGraph:
    from aurora.object_graph import build, network  # noqa: PLC0415 - see the package's docstring
    from aurora.paths import find_repository  # noqa: PLC0415 - as above

    return network.of(build.inventory(find_repository(Path.cwd()), environment, context.memory(no_cache=False)))


def _check(found: ObjectGraph | NetworkGraph, environment: str, component: Names, namespace: Names) -> None:
    """Refuse names that the graph does not have."""
    from aurora.errors import UsageError  # noqa: PLC0415 - see the package's docstring

    for option, names, known in (
        ("component", component, found.components),
        ("namespace", namespace, found.namespaces),
    ):
        for name in names or ():
            if name not in known:
                raise UsageError(f"`{environment}` has no {option} `{name}`", hint=f"{option}s: {', '.join(known)}")
