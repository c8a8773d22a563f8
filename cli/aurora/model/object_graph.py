"""The objects of an environment and how they hang together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from aurora.model.place import Place
from aurora.model.resource import ResourceId

COMPONENT = "Component"
"""The kind of the nodes that stand for a component as a whole."""


class State(StrEnum):
    """How an object comes to be there."""

    COMMITTED = "committed"
    MADE = "made by a controller"
    EXTERNAL = "declared external"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Node:
    """One object, or a component; `component` is the one that owns it."""

    resource: ResourceId
    component: str | None
    state: State
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """From one node to another, by their numbers, and how the one needs the other."""

    source: int
    target: int
    how: str


@dataclass(frozen=True, slots=True)
class ObjectGraph:
    """Nodes in a fixed order, and the edges between them."""

    environment: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def components(self) -> tuple[str, ...]:
        """The components that own a node, sorted."""
        return tuple(sorted({node.component for node in self.nodes if node.component}))

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces that have a node, sorted."""
        return tuple(sorted({node.resource.namespace for node in self.nodes if node.resource.namespace}))

    def by_component(self) -> dict[str | None, list[tuple[int, Node]]]:
        """Group the nodes with their numbers by component, in the components' order; those of none come last."""
        found: dict[str | None, list[tuple[int, Node]]] = {component: [] for component in (*self.components, None)}
        for number, node in enumerate(self.nodes):
            found[node.component or None].append((number, node))
        return {component: nodes for component, nodes in found.items() if nodes}

    def around(self, components: Collection[str], namespaces: Collection[str]) -> ObjectGraph:
        """Give the part of the graph that belongs to components and namespaces, with its direct neighbours."""
        inner = {number for number, node in enumerate(self.nodes) if _is_chosen(node, components, namespaces)}
        edges = [edge for edge in self.edges if edge.source in inner or edge.target in inner]
        kept = sorted(inner | {edge.source for edge in edges} | {edge.target for edge in edges})
        numbers = {number: position for position, number in enumerate(kept)}
        return ObjectGraph(
            self.environment,
            tuple(self.nodes[number] for number in kept),
            tuple(Edge(numbers[edge.source], numbers[edge.target], edge.how) for edge in edges),
        )


def _is_chosen(node: Node, components: Collection[str], namespaces: Collection[str]) -> bool:
    return (not components or node.component in components) and (
        not namespaces or node.resource.namespace in namespaces
    )
