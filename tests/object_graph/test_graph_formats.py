"""Graphs in every format: valid whatever objects are called, complete, and nothing in them is markup."""

from __future__ import annotations

import html
import json
import re

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.console import printable
from aurora.model.object_graph import Edge, Node, ObjectGraph, State
from aurora.model.place import Place
from aurora.model.resource import ResourceId
from aurora.object_graph import build
from aurora.reporters import graph_dot, graph_json, graph_mermaid
from aurora.reporters.html import graph_page
from aurora.reporters.table import GRAPH_FORMATS, writer
from commands.command_line import CommandLine
from object_graph.dot_grammar import Reader
from reference.platform import reference

PATHS = reference()
COMMITTED = build.committed(PATHS, "aurora-dev")
HOSTILE = '<script>alert(1)</script> "]; x -> y [label="z" \\" `#quot;` |} end --> \x1b[31m\n%%{init: {}}%%'

# The lines of a flowchart, from Mermaid's grammar: quoted texts hold neither quotes nor line breaks.
_TEXT = r'"[^"\n]+"'
MERMAID = re.compile(
    rf"flowchart LR|%% [^\n{{}}]*|  subgraph c\d+\[{_TEXT}\]|  end"
    rf"|(?:  )?  n\d+\[{_TEXT}\]|  n\d+ -->\|{_TEXT}\| n\d+"
    r"|  classDef \w+ [\w:#,\- 0-9]+|  class n\d+(?:,n\d+)* \w+"
)


def graph(*names: str) -> ObjectGraph:
    nodes = tuple(
        Node(ResourceId(name, name, name, name), name or None, state, Place(name or "x", 1))
        for name in names
        for state in (State.COMMITTED, State.MISSING)
    )
    joined = tuple(Edge(number, (number + 1) % len(nodes), names[0] or "x") for number in range(len(nodes)))
    return ObjectGraph(names[0], nodes, joined)


def decoded(text: str) -> str:
    return re.sub(r"#(\d+);", lambda match: chr(int(match[1])), text)


def check_mermaid(found: ObjectGraph) -> None:
    lines = graph_mermaid.write(found).split("\n")
    assert [line for line in lines if not MERMAID.fullmatch(line)] == []
    assert len([line for line in lines if " -->|" in line]) == len(found.edges)
    labels = [match[1] for line in lines if (match := re.fullmatch(r'\s+n\d+\["(.*)"\]', line))]
    assert len(labels) == len(found.nodes)
    assert all(set(label.replace("<br/>", "")) & set('<>"`\n') == set() for label in labels)
    for node in found.nodes:
        where = f"{node.resource.namespace or ' '}/" if node.resource.namespace else ""
        wanted = f"{node.resource.kind or ' '}<br/>{where}{node.resource.name or ' '}"
        assert wanted in [decoded(label) for label in labels]


def check_dot(found: ObjectGraph) -> None:
    read = Reader(graph_dot.write(found)).read()
    assert read.name == printable(found.environment).replace("\\n", "\n") or "\n" in found.environment
    assert len(read.nodes) == len(found.nodes)
    assert [(source, target) for source, target, _ in read.edges] == [
        (f"n{edge.source}", f"n{edge.target}") for edge in found.edges
    ]
    for number, node in enumerate(found.nodes):
        where = f"{node.resource.namespace}/" if node.resource.namespace else ""
        label = "\n".join(map(printable, f"{node.resource.kind}\n{where}{node.resource.name}".split("\n")))
        assert read.nodes[f"n{number}"]["label"] == label
    assert sum(map(len, read.clusters.values())) == sum(bool(node.component) for node in found.nodes)


@pytest.mark.parametrize("found", [COMMITTED, graph(HOSTILE), graph("a", HOSTILE), ObjectGraph("empty", (), ())])
def test_mermaid_and_dot_are_valid_and_complete(found: ObjectGraph) -> None:
    check_mermaid(found)
    check_dot(found)


@given(st.text())
def test_no_name_breaks_mermaid_or_dot(name: str) -> None:
    check_mermaid(graph(name))
    check_dot(graph(name))


@pytest.mark.parametrize(
    "text", ['digraph "a" { n0 [label="b"] }', 'digraph "a" { n0 [label="b"c"]; }', 'digraph "a" {']
)
def test_the_reader_of_dot_refuses_what_is_none(text: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        Reader(text).read()


@pytest.mark.parametrize("line", ['  n0["a"b"]', "  n0[a]", '  n0 -->|"a"|', '  subgraph c0["a" x]'])
def test_the_pattern_of_mermaid_refuses_what_is_none(line: str) -> None:
    assert not MERMAID.fullmatch(line)


@pytest.mark.parametrize("found", [COMMITTED, graph(HOSTILE), ObjectGraph("empty", (), ())])
def test_the_json_fits_its_schema(found: ObjectGraph) -> None:
    schema = json.loads(graph_json.SCHEMA_FILE.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    content = json.loads(graph_json.write(found))
    jsonschema.Draft202012Validator(schema).validate(content)
    assert (len(content["nodes"]), len(content["edges"])) == (len(found.nodes), len(found.edges))


def test_a_graph_that_mermaid_does_not_draw_by_itself_says_so() -> None:
    node = COMMITTED.nodes[0]
    large = ObjectGraph("large", (node, node), tuple(Edge(0, 1, str(number)) for number in range(501)))
    assert "%% 501 links" in graph_mermaid.write(large)
    assert "%%" not in graph_mermaid.write(COMMITTED)
    check_mermaid(large)


def test_names_are_text_on_the_page() -> None:
    page = graph_page.write(graph(HOSTILE))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "\x1b" not in page


def test_the_page_loads_nothing_and_names_every_object_and_link() -> None:
    page = graph_page.write(COMMITTED)
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page)
    assert "default-src 'none'" in html.unescape(page)
    assert page.count('data-node="') == len(COMMITTED.nodes)
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert len(json.loads(data)["edges"]) == len(COMMITTED.edges)
    assert page.count("<li>") - page.count('<li><button type="button" class="node"') == len(COMMITTED.edges)


@pytest.mark.parametrize("format_", list(GRAPH_FORMATS))
def test_the_command_prints_every_format(
    format_: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = CommandLine(PATHS.root, monkeypatch, capsys)("graph", "aurora-dev", "--format", format_)
    assert outcome.code == 0
    assert outcome.out.rstrip("\n") == writer(GRAPH_FORMATS, format_)(COMMITTED).rstrip("\n")


def test_the_command_draws_a_part(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    line = CommandLine(PATHS.root, monkeypatch, capsys)
    part = line("graph", "aurora-dev", "--component", "secrets", "--format", "json").json
    assert {node["component"] for node in part["nodes"]} >= {"secrets", "argocd"}
    assert 3 <= len(part["nodes"]) < 15
    unknown = line("graph", "aurora-dev", "--component", "secret")
    assert unknown.code == 2
    assert "components: api, argocd" in unknown.err
    assert line("graph", "aurora-dev", "--namespace", "nowhere").code == 2
    assert line("graph", "aurora-dvv").code == 2
