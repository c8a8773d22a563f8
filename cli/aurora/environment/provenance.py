"""Where a value comes from, and what it overrode: what `aurora explain ENV PATH` prints."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from aurora.environment.defaults import defaults
from aurora.environment.layers import load_layers
from aurora.environment.load import refusal
from aurora.environment.plugins import component_kinds
from aurora.environment.tree import Node, Steps
from aurora.environment.wording import listed, path_parts, path_text, visible
from aurora.errors import UsageError
from aurora.model.json_value import JsonValue
from aurora.model.place import Place, Step
from aurora.paths import RepositoryPaths
from aurora_constructs.catalogue import ComponentKind
from aurora_constructs.spelling import closest


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One value of an environment and its origin.

    `place` is where it was written, or, for null, removed; `default` says whose default it is where nobody
    wrote it. `overridden` is what stood there before, with its place, the most recent first; null is a removal.
    """

    path: str
    value: JsonValue
    place: Place | None
    default: str | None = None
    overridden: tuple[tuple[JsonValue, Place], ...] = ()


def explain(
    paths: RepositoryPaths, name: str, path: str, *, kinds: Mapping[str, ComponentKind] | None = None
) -> tuple[Explanation, ...]:
    """Explain a value by its path: keys and indexes joined by dots, or a JSON pointer; an empty one means all.

    A mapping or list is explained by every value in it, defaults of what was left out included. The environment
    need not be valid, only readable.

    Raises:
        UsageError: there is no such environment or no such path, or an allowed plugin is not there.
        InputError: a layer is missing or cannot be read; the findings say which.
        StorageError: a file exists and cannot be read.
    """
    known = component_kinds(paths) if kinds is None else kinds
    stack = load_layers(paths, name)
    if stack.tree is None or not stack.complete:
        raise refusal(name, stack.findings)
    explaining = _Explaining(stack.tree, known)
    return explaining.explanations(explaining.resolve(path, name))


@dataclass(frozen=True, slots=True)
class _Value:
    node: Node
    default_of: type[BaseModel] | None = None

    @property
    def is_leaf(self) -> bool:
        if self.node.removed:
            return self.default_of is not None
        return not isinstance(self.node.content, dict | list) or not self.node.content


class _Explaining:
    """Every value of an environment by its steps: what was written, removed, or left to a default."""

    def __init__(self, tree: Node, kinds: Mapping[str, ComponentKind]) -> None:
        self._tree = tree
        self._values: dict[Steps, _Value] = {steps: _Value(node) for steps, node in _written(tree, ())}
        for visit in defaults(tree, kinds):
            self._values[visit.steps] = _Value(visit.node, visit.default_of)
        self._children: dict[Steps, dict[str, Step]] = {}
        for steps in self._values:
            if steps:
                self._children.setdefault(steps[:-1], {})[str(steps[-1])] = steps[-1]

    def resolve(self, path: str, environment: str) -> Steps:
        """Turn a path into steps."""
        parts = path_parts(path)
        steps: Steps = ()
        for part in parts:
            step = self._children.get(steps, {}).get(part)
            if step is None:
                raise UsageError(
                    f"environment `{visible(environment)}` has no `{visible(path, longest=200)}`",
                    hint=self._hint(parts),
                )
            steps = (*steps, step)
        return steps

    def _hint(self, parts: Sequence[str]) -> str:
        """Name the nearest path: misspelt parts are set right as far as that can be."""
        steps: Steps = ()
        for part in parts:
            children = self._children.get(steps, {})
            step = children.get(part)
            if step is None:
                near = closest(part, children)
                if near is None:
                    break
                step = children[near]
            steps = (*steps, step)
        else:
            return f"did you mean `{path_text(steps)}`?"
        children = self._children.get(steps, {})
        if not children:
            return f"the nearest path is `{path_text(steps)}`"
        return f"`{path_text(steps)}` has {listed(children)}" if steps else f"paths begin with {listed(children)}"

    def explanations(self, steps: Steps) -> tuple[Explanation, ...]:
        """Explain a value; a mapping or list by the values in it."""
        if self._values[steps].is_leaf or self._values[steps].node.removed:
            return (self._explanation(steps),)
        inside = [other for other, leaf in self._values.items() if leaf.is_leaf and other[: len(steps)] == steps]
        return tuple(self._explanation(leaf) for leaf in sorted(inside, key=_order))

    def _explanation(self, steps: Steps) -> Explanation:
        value = self._values[steps]
        owner = value.default_of
        older = self._older(steps, with_last=owner is not None)
        return Explanation(
            path=path_text(steps),
            value=value.node.plain(),
            place=value.node.at if owner is None else None,
            default=f"default of {owner.__name__.removesuffix('Spec')}" if owner else None,
            overridden=tuple((node.plain(), node.at) for node in older),
        )

    def _older(self, steps: Steps, *, with_last: bool) -> Iterator[Node]:
        """Yield what stood at the steps before, also inside mappings and lists that were replaced as a whole.

        `with_last` adds what is written there now: the removal that let a default come into force.
        """
        node: Node | None = self._tree
        older = list(self._tree.overridden())
        for step in steps:
            node = node.child(step) if node is not None else None
            below = [child for parent in older if (child := parent.child(step)) is not None]
            older = [*(node.overridden() if node else ()), *_with_overridden(below)]
        if with_last and node is not None:
            yield node
        yield from older


def _with_overridden(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from node.overridden()


def _written(node: Node, steps: Steps) -> Iterator[tuple[Steps, Node]]:
    if node.removes_nothing:
        return
    yield steps, node
    content = node.content
    pairs: Sequence[tuple[Step, Node]] = ()
    if isinstance(content, dict):
        pairs = tuple(content.items())
    elif isinstance(content, list):
        pairs = tuple(enumerate(content))
    for step, child in pairs:
        yield from _written(child, (*steps, step))


def _order(steps: Steps) -> tuple[tuple[bool, int, str], ...]:
    return tuple((isinstance(step, str), step if isinstance(step, int) else 0, str(step)) for step in steps)
