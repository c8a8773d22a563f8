"""The page of an object graph: a card for each component, its objects, and the links of a chosen object.

The cards and their words are in the page itself; the scripts draw the links and filter. Writes no files.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from aurora.model.object_graph import COMPONENT, Node, ObjectGraph, State
from aurora.reporters.html import page

NO_COMPONENT = "not committed here"
CLUSTER = "(cluster)"
_FEW = 40
"""So many objects may all be shown at once: more are opened component by component."""
_KINDS = 3
TONES = {State.COMMITTED: "", State.MADE: "calm", State.EXTERNAL: "quiet", State.MISSING: "grave"}


@dataclass(frozen=True, slots=True)
class Card:
    """The objects of one component, with their numbers and what they are called beside each other."""

    title: str
    nodes: tuple[tuple[int, Node, str], ...]

    @property
    def kinds(self) -> str:
        """Count the objects, the commonest kinds first."""
        found = Counter(
            node.resource.kind for _, node, _ in self.nodes if node.resource.kind != COMPONENT
        ).most_common()
        words = [f"{count} {kind}" for kind, count in found[:_KINDS]]
        rest = sum(count for _, count in found[_KINDS:])
        return ", ".join([*words, *([f"{rest} of other kinds"] if rest else [])])


def write(graph: ObjectGraph) -> str:
    """Write a graph as one HTML page that loads nothing."""
    values = {
        "graph": graph,
        "cards": list(cards(graph)),
        "few": len(graph.nodes) <= _FEW,
        "facets": _facets(graph),
        "tones": TONES,
        "committed": State.COMMITTED,
        "objects": sum(node.resource.kind != COMPONENT for node in graph.nodes),
    }
    return page.render("graph.html.j2", values, styles=("graph.css",), scripts=("graph.js",), data=_data(graph))


def cards(graph: ObjectGraph) -> Iterable[Card]:
    """Yield the components in their order, then what belongs to none."""
    names = Counter(map(_name, graph.nodes))
    for title, nodes in graph.by_component().items():
        yield Card(
            title or NO_COMPONENT,
            tuple((number, node, _label(node, shared=names[_name(node)] > 1)) for number, node in nodes),
        )


def _name(node: Node) -> tuple[str, str]:
    return node.resource.kind, node.resource.name


def _label(node: Node, *, shared: bool) -> str:
    """Call a node by its name, with its namespace where another of its kind has the same name."""
    return f"{node.resource.namespace or CLUSTER}/{node.resource.name}" if shared else node.resource.name


def _facets(graph: ObjectGraph) -> list[tuple[str, list[tuple[str, int]]]]:
    nodes = graph.nodes
    return [
        ("kind", sorted(Counter(node.resource.kind for node in nodes).items())),
        ("component", sorted(Counter(node.component or NO_COMPONENT for node in nodes).items())),
        ("namespace", sorted(Counter(node.resource.namespace or CLUSTER for node in nodes).items())),
    ]


def _data(graph: ObjectGraph) -> dict[str, object]:
    return {
        "nodes": [
            {
                "kind": node.resource.kind,
                "name": node.resource.name,
                "namespace": node.resource.namespace or CLUSTER,
                "inside": f"{node.resource.namespace}/" if node.resource.namespace else "",
                "component": node.component or NO_COMPONENT,
                "state": str(node.state),
                "path": node.place.path if node.place else "",
            }
            for node in graph.nodes
        ],
        "edges": [[edge.source, edge.target, edge.how] for edge in graph.edges],
    }
