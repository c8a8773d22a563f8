"""The network of an environment as people read it on a terminal: one flow a line. Writes no files and no colours."""

from aurora.console import printable
from aurora.model.network_graph import BLOCKED, NetworkFlow, NetworkGraph
from aurora.reporters.text import counted, table

HEAD = ("source", "destination", "ports", "allowed by", "needed by")
UNTOLD = "-"
"""Stands where nobody is known to need a flow."""
FREE = "no policy isolates them"


def write(graph: NetworkGraph) -> str:
    """Write the flows as a table, and how many there are."""
    names = [printable(party.name) for party in graph.parties]
    rows = [
        (names[flow.source], f"-> {names[flow.target]}", flow.ports, allowed(flow), needed(flow))
        for flow in graph.flows
    ]
    lines = table([HEAD, *rows], words=len(HEAD)) if rows else []
    return "\n".join([*lines, "", summary(graph)])


def allowed(flow: NetworkFlow) -> str:
    """Say which policies allow a flow."""
    if flow.blocked:
        return BLOCKED
    return printable(", ".join(name.removeprefix("NetworkPolicy ") for name in flow.allowed_by)) or FREE


def needed(flow: NetworkFlow) -> str:
    """Say who needs a flow."""
    return printable("; ".join(flow.needed_by)) or UNTOLD


def summary(graph: NetworkGraph) -> str:
    """Write the last line: how many flows there are, and how many nobody is known to need or policies block."""
    total = counted(len(graph.flows), "flow")
    return printable(
        f"{total} in {graph.environment}: {graph.untold} that nobody is known to need, {graph.blocked} {BLOCKED}"
    )
