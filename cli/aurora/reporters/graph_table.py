"""The formats of an object graph: the only list of them."""

from __future__ import annotations

from collections.abc import Callable

from aurora.model.object_graph import ObjectGraph
from aurora.reporters import graph_dot, graph_json, graph_mermaid
from aurora.reporters.html import graph_page

TABLE: dict[str, Callable[[ObjectGraph], str]] = {
    "mermaid": graph_mermaid.write,
    "dot": graph_dot.write,
    "json": graph_json.write,
    "html": graph_page.write,
}
