"""An object graph in Graphviz's language DOT: a cluster for each component. Writes no files.

Source: the DOT grammar: inside double quotes only `"` ends a text, and a backslash begins an escape.
"""

from collections.abc import Iterator

from aurora.console import printable
from aurora.model.object_graph import Edge, Node, ObjectGraph, State

_LOOKS = {
    State.COMMITTED: "",
    State.MADE: ', style="dotted"',
    State.EXTERNAL: ', style="dashed"',
    State.MISSING: ', color="red"',
}


def write(graph: ObjectGraph) -> str:
    """Write a graph as DOT."""
    head = [
        f"digraph {quoted(graph.environment)} {{",
        '  rankdir="LR";',
        '  node [shape="box", fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize="10"];',
    ]
    return "\n".join([*head, *_nodes(graph), *map(_edge, graph.edges), "}"])


def _nodes(graph: ObjectGraph) -> Iterator[str]:
    for index, (component, nodes) in enumerate(graph.by_component().items()):
        if component is None:
            yield from (_node(number, node) for number, node in nodes)
            continue
        yield f"  subgraph cluster_{index} {{"
        yield f"    label={quoted(component)};"
        yield from (f"  {_node(number, node)}" for number, node in nodes)
        yield "  }"


def _node(number: int, node: Node) -> str:
    resource = node.resource
    where = f"{resource.namespace}/" if resource.namespace else ""
    label = quoted(f"{resource.kind}\n{where}{resource.name}")
    return f"  n{number} [label={label}{_LOOKS[node.state]}];"


def _edge(edge: Edge) -> str:
    return f"  n{edge.source} -> n{edge.target} [label={quoted(edge.how)}];"


def quoted(text: str) -> str:
    """Quote a text; a line break in it stays one, everything else that does not print is written out."""
    lines = (printable(line).replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n"))
    return '"' + "\\n".join(lines) + '"'
