"""An object graph as a Mermaid flowchart: a subgraph for each component. Writes no files.

Source: Mermaid's documentation of flowcharts: quoted texts, and entity codes for what is not plain.
"""

from collections.abc import Iterator

from aurora.model.object_graph import Edge, Node, ObjectGraph, State

MOST_EDGES, MOST_CHARACTERS = 500, 50_000
"""What Mermaid draws unless it is told otherwise (`maxEdges`, `maxTextSize`)."""
_PLAIN = frozenset(" -_./:,%()")
_CLASSES = {State.MADE: "made", State.EXTERNAL: "external", State.MISSING: "missing"}
_STYLES = (
    "classDef made stroke-dasharray: 2 2",
    "classDef external stroke-dasharray: 6 3",
    "classDef missing stroke:#b00020,stroke-width:2px",
)


def write(graph: ObjectGraph) -> str:
    """Write a graph as Mermaid; a comment says so where it is more than Mermaid draws by itself."""
    lines = ["flowchart LR", *_nodes(graph), *map(_edge, graph.edges), *_classes(graph)]
    text = "\n".join(lines)
    if len(graph.edges) > MOST_EDGES or len(text) > MOST_CHARACTERS:
        note = f"%% {len(graph.edges)} links, {len(text)} characters: raise maxEdges and maxTextSize, or choose a part"
        return f"{lines[0]}\n{note}\n" + "\n".join(lines[1:])
    return text


def _nodes(graph: ObjectGraph) -> Iterator[str]:
    for index, (component, nodes) in enumerate(graph.by_component().items()):
        if component is None:
            yield from (_node(number, node) for number, node in nodes)
            continue
        yield f'  subgraph c{index}["{escaped(component)}"]'
        yield from (f"  {_node(number, node)}" for number, node in nodes)
        yield "  end"


def _node(number: int, node: Node) -> str:
    resource = node.resource
    where = f"{escaped(resource.namespace)}/" if resource.namespace else ""
    return f'  n{number}["{escaped(resource.kind)}<br/>{where}{escaped(resource.name)}"]'


def _edge(edge: Edge) -> str:
    return f'  n{edge.source} -->|"{escaped(edge.how)}"| n{edge.target}'


def _classes(graph: ObjectGraph) -> Iterator[str]:
    found = {name: [n for n, node in enumerate(graph.nodes) if node.state is state] for state, name in _CLASSES.items()}
    if any(found.values()):
        yield from (f"  {style}" for style in _STYLES)
    for name, numbers in found.items():
        if numbers:
            yield f"  class {','.join(f'n{number}' for number in numbers)} {name}"


def escaped(text: str) -> str:
    """Write a text so that nothing in it ends a quote, begins markup or is an entity; an empty one is a blank."""
    return "".join(char if char.isalnum() or char in _PLAIN else f"#{ord(char)};" for char in text) or " "
