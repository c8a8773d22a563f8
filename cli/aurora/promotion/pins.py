"""What of an environment's values is a pin: found along the types of the specifications, which mark them.

The versions on trial of a served model are no pins of this kind: they move by steps of the state machine.
"""

from collections.abc import Iterator, Mapping

from aurora.environment import trials
from aurora.environment.shape import Visit, shape_of, walk
from aurora.environment.spec import COMPONENTS, EnvironmentSpec
from aurora.environment.tree import Node, Steps
from aurora_constructs.catalogue import ComponentKind
from aurora_constructs.spec import ImageReference, Pin, VersionOfModel
from aurora_constructs.strategies import TrialledSpec

IMAGES = "images"
_MARKS = (Pin, VersionOfModel)


def pins(tree: Node, kinds: Mapping[str, ComponentKind]) -> dict[Steps, str]:
    """Give every pin that is written, by its steps."""
    return {visit.steps: str(visit.node.content) for visit in _visits(tree, kinds) if _is_pin(visit)}


def trialled(tree: Node, kinds: Mapping[str, ComponentKind]) -> tuple[str, ...]:
    """Give the components whose versions are on trial before they serve."""
    return tuple(name for name, kind, _ in components(tree, kinds) if issubclass(kind.spec, TrialledSpec))


def images_of(tree: Node, component: str, kinds: Mapping[str, ComponentKind]) -> frozenset[str]:
    """Give the entries of `images` that a component names, also by default."""
    return frozenset(
        str(visit.node.content)
        for name, kind, node in components(tree, kinds)
        if name == component
        for visit in walk(shape_of(kind.spec), node, (COMPONENTS, name), defaults=True)
        if _has(visit, (ImageReference,)) and isinstance(visit.node.content, str)
    )


def components(tree: Node, kinds: Mapping[str, ComponentKind]) -> Iterator[tuple[str, ComponentKind, Node]]:
    """Yield every component whose kind is known."""
    for step, node in tree.nearest((COMPONENTS,)).entries():
        kind = node.child("kind")
        if kind is not None and kind.content in kinds:
            yield str(step), kinds[str(kind.content)], node


def _visits(tree: Node, kinds: Mapping[str, ComponentKind]) -> Iterator[Visit]:
    yield from walk(shape_of(EnvironmentSpec), tree, (), defaults=False)
    for name, kind, node in components(tree, kinds):
        steps = (COMPONENTS, name)
        on_trial = (trials.STABLE, trials.CANARY) if issubclass(kind.spec, TrialledSpec) else ()
        for visit in walk(shape_of(kind.spec), node, steps, defaults=False):
            if visit.steps[2] not in on_trial:
                yield visit


def _is_pin(visit: Visit) -> bool:
    content = visit.node.content
    return _has(visit, _MARKS) and content is not None and not isinstance(content, dict | list)


def _has(visit: Visit, marks: tuple[type, ...]) -> bool:
    shapes = (visit.shape, *visit.shape.alternatives) if visit.shape is not None else ()
    return any(isinstance(mark, marks) for shape in shapes for mark in shape.marks)
