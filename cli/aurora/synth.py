"""Builds the construct tree of an environment and takes its objects out: the only place that runs cdk8s.

It never calls cdk8s' own `synth`, which loses files of one name in two namespaces and renames others
(cdk8s 2.70, `src/app.ts`). Writes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from aurora import node
from aurora.environment.model import Environment, LoadedComponent
from aurora.errors import BuildError
from aurora.model.json_value import JsonObject
from aurora.model.manifest import Source, identify
from aurora.model.resource import ResourceId


@dataclass(frozen=True)
class SynthesisedObject:
    """An object as a construct made it; `emitted` is False for templates that a controller creates.

    `made_from` hashes everything that it was made from, where that is known. `source` is the file of the repository
    that it was written in, where no construct made it.
    """

    body: JsonObject
    component: str
    construct: str
    emitted: bool = True
    made_from: str = field(default="", compare=False)
    source: Source | None = None

    @cached_property
    def id(self) -> ResourceId:
        """What the object is called in a cluster."""
        return identify(self.body)


def synthesise(environment: Environment, *, only: frozenset[str] | None = None) -> tuple[SynthesisedObject, ...]:
    """Build the components of an environment that have a chart; return their objects in the order of construction.

    Args:
        environment: the environment, validated and with its references resolved.
        only: names of the components to build; all by default.

    Raises:
        BuildError: a construct refused its specification, or the finished tree is invalid.
    """
    objects: list[SynthesisedObject] = []
    for component in environment.components:
        if component.kind.chart and (only is None or component.name in only):
            objects.extend(_component_objects(environment, component))
    return tuple(objects)


def _component_objects(environment: Environment, component: LoadedComponent) -> Iterator[SynthesisedObject]:
    """Each component gets an app of its own: it must not see, and cannot depend on, another one's tree."""
    node.prepare()
    import cdk8s  # noqa: PLC0415 - starts Node, which only compiling needs

    try:
        chart = component.kind.load_chart()(
            cdk8s.App(), component.name, spec=component.spec, platform=environment.platform
        )
        yield from objects_of(chart, component.name)
    except (RuntimeError, TypeError, ValueError, KeyError) as error:
        raise BuildError(
            f"{component.place}: component `{component.name}` ({component.kind.name}) cannot be built: {_words(error)}",
            hint="correct the component's entry; `aurora schema` describes its fields",
        ) from error


class Composed(Protocol):
    """A finished chart: a node of the tree that knows which of its objects are templates."""

    @property
    def node(self) -> Any:
        """The chart's node in the construct tree."""

    def is_template(self, resource: Any) -> bool:
        """Tell whether an object is judged but not written."""


def objects_of(chart: Composed, component: str) -> Iterator[SynthesisedObject]:
    """Yield the objects of a chart, with the path of the construct that made each.

    Every access to a construct's side in Node is a call, so each node is asked once, for everything.

    Raises:
        ValueError: constructs of the tree say that they are invalid; the message names all of them.
    """
    import cdk8s  # noqa: PLC0415 - starts Node, which only compiling needs

    problems: list[str] = []
    for construct in chart.node.find_all():
        own = construct.node
        problems.extend(f"{own.path}: {problem}" for problem in own.validate())
        if isinstance(construct, cdk8s.ApiObject):
            body: JsonObject = construct.to_json()
            yield SynthesisedObject(body, component, f"{component}/{own.id}", emitted=not chart.is_template(construct))
    if problems:
        raise ValueError("; ".join(problems))


def _words(error: Exception) -> str:
    """Cut the stack trace that jsii appends to the words of a failure on Node's side."""
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return text.split("\n", maxsplit=1)[0].removeprefix("Error: ") or type(error).__name__
