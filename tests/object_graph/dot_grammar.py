"""A reader of Graphviz's language, as strict as its grammar: whatever it takes, `dot` takes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([A-Za-z_][A-Za-z_0-9]*)|(->|[{}\[\];,=]))', re.DOTALL)


@dataclass
class Dot:
    """What a graph says: labels of nodes, edges with theirs, and labels of clusters with their nodes."""

    name: str = ""
    nodes: dict[str, dict[str, str]] = field(default_factory=dict)
    edges: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    clusters: dict[str, list[str]] = field(default_factory=dict)


class Reader:
    """Reads a digraph of statements: nodes, edges, attributes and clusters."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None:
                raise ValueError(f"no token at {text[at : at + 30]!r}")
            self.tokens.append(match[1] or match[2] or match[3])
            at = match.end()
        self.found = Dot()

    def take(self, wanted: str | None = None) -> str:
        token = self.tokens.pop(0)
        if wanted is not None and token != wanted:
            raise ValueError(f"{wanted!r} expected, not {token!r}")
        return token

    def read(self) -> Dot:
        self.take("digraph")
        self.found.name = unquoted(self.take())
        self.statements(None)
        if self.tokens:
            raise ValueError("text behind the graph")
        return self.found

    def statements(self, cluster: list[str] | None) -> None:
        self.take("{")
        while self.tokens[0] != "}":
            self.statement(cluster)
        self.take("}")

    def statement(self, cluster: list[str] | None) -> None:
        first = self.take()
        if first == "subgraph":
            name = self.take()
            nodes: list[str] = []
            assert name.startswith("cluster"), name
            self.statements(nodes)
            self.found.clusters[name] = nodes
            return
        if self.tokens[0] == "=":
            self.take("=")
            self.take()
        elif self.tokens[0] == "->":
            self.take("->")
            target = self.take()
            self.found.edges.append((first, target, self.attributes()))
        else:
            attributes = self.attributes()
            if first not in ("node", "edge"):
                self.found.nodes[first] = attributes
                if cluster is not None:
                    cluster.append(first)
        self.take(";")

    def attributes(self) -> dict[str, str]:
        found = {}
        self.take("[")
        while self.tokens[0] != "]":
            name = self.take()
            self.take("=")
            found[name] = unquoted(self.take())
            if self.tokens[0] == ",":
                self.take(",")
        self.take("]")
        return found


def unquoted(token: str) -> str:
    if not (token.startswith('"') and token.endswith('"')):
        raise ValueError(f"{token!r} is not quoted")
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], token[1:-1], flags=re.DOTALL)
