"""The page of an environment's network: a table of flows for each namespace that they leave. Writes no files."""

from itertools import groupby

from aurora.model.network_graph import NetworkFlow, NetworkGraph, Party
from aurora.reporters import network_text
from aurora.reporters.html import page

OUTSIDE = "addresses and everybody"


def write(graph: NetworkGraph) -> str:
    """Write a network as one HTML page that loads nothing."""
    values = {
        "graph": graph,
        "sections": [
            (title, list(flows)) for title, flows in groupby(graph.flows, key=lambda flow: _title(graph, flow))
        ],
        "chip": chip,
        "told": network_text.needed,
        "allowed": network_text.allowed,
        "inside": lambda number: _inside(graph.parties[number]),
        "summary": network_text.summary(graph),
    }
    return page.render("network.html.j2", values, styles=("network.css",))


def chip(flow: NetworkFlow) -> tuple[str, str]:
    """Give the tone and the word for how a flow stands."""
    if flow.blocked:
        return "grave", "blocked"
    return ("", "needed") if flow.needed_by else ("quiet", "not known to be needed")


def _title(graph: NetworkGraph, flow: NetworkFlow) -> str:
    return graph.parties[flow.source].namespace or OUTSIDE


def _inside(party: Party) -> str:
    return "any other pod" if party.inside == "*" else party.inside
