"""`aurora graph network`: what policies allow beside what is needed, the same in every format."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from aurora import manifests
from aurora.model.inventory import Inventory, StatedFlow
from aurora.model.network_graph import NetworkGraph
from aurora.object_graph import build, network
from aurora.paths import RepositoryPaths
from aurora.reporters import graph_dot, graph_mermaid, network_json, network_text
from aurora.reporters.html import network_page
from aurora.reporters.table import DRAWN, NETWORK_FORMATS, writer
from commands.command_line import CommandLine
from object_graph.dot_grammar import Reader
from reference.platform import reference

FOLDER = Path(__file__).parent / "network"
PATHS = reference()


def small() -> NetworkGraph:
    read = manifests.read((FOLDER / "objects.yaml").read_bytes(), "objects.yaml")
    assert read.findings == ()
    stated = StatedFlow("store", inward=False, cidr="10.0.0.0/8", port=6443, home="data", labels=(("app", "store"),))
    return network.of(Inventory(read.manifests, environment="small", closed=True, stated=[stated]))


SMALL = small()


def test_the_flows_of_a_small_environment(pytestconfig: pytest.Config) -> None:
    """A setting and a webhook that policies block, a name and a range of ports, a block without a part of it."""
    expected = FOLDER / "expected.txt"
    written = network_text.write(SMALL) + "\n"
    if pytestconfig.getoption("--update-golden"):
        expected.write_text(written, encoding="utf-8")
    assert written == expected.read_text(encoding="utf-8")


def test_the_page_of_the_documentation_shows_lines_of_that_table(repository: RepositoryPaths) -> None:
    page = (repository.root / "docs" / "network.md").read_text(encoding="utf-8")
    shown = page.split("```text\n")[1].split("```")[0].splitlines()
    assert len(shown) > 4
    assert {*shown} <= {*network_text.write(SMALL).splitlines()}


def test_what_is_needed_and_blocked_is_a_flow_of_its_own() -> None:
    found = [flow for flow in SMALL.flows if flow.blocked]
    assert SMALL.blocked == len(found)
    assert {(SMALL.parties[flow.source].name, SMALL.parties[flow.target].name, flow.ports) for flow in found} == {
        ("shop/web", "data/cache", "TCP 6379"),
        ("the API server", "data/store", "TCP 9000"),
        ("data/store", "kube-system/k8s-app=kube-dns", "TCP 53, UDP 53"),
        ("data/cache", "kube-system/k8s-app=kube-dns", "TCP 53, UDP 53"),
    }


@pytest.mark.parametrize("stated", ["10.0.0.0/16", "10.0.0.0/20", "192.0.2.0/24"])
def test_a_stated_network_covers_what_lies_in_it(stated: str) -> None:
    read = manifests.read((FOLDER / "objects.yaml").read_bytes(), "objects.yaml")
    flow = StatedFlow("store", inward=False, cidr=stated, port=6443, home="data", labels=(("app", "store"),))
    found = network.of(Inventory(read.manifests, environment="small", closed=True, stated=[flow]))
    words = next(each.needed_by for each in found.flows if found.parties[each.target].name.startswith("10.0.0.0/16"))
    assert ("component store" in words) is (stated == "10.0.0.0/16")


def test_the_json_fits_its_schema_and_says_all() -> None:
    schema = json.loads(network_json.SCHEMA_FILE.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    content = json.loads(network_json.write(SMALL))
    jsonschema.Draft202012Validator(schema).validate(content)
    assert [flow["ports"] for flow in content["flows"]] == [flow.ports for flow in SMALL.flows]
    assert {name for flow in content["flows"] for name in flow["allowedBy"]} == {"NetworkPolicy data/store"}


def test_drawings_have_every_party_and_flow() -> None:
    dot = Reader(graph_dot.write(SMALL.drawing())).read()
    assert (len(dot.nodes), len(dot.edges)) == (len(SMALL.parties), len(SMALL.flows))
    blocked = [label["label"] for _, _, label in dot.edges if label["label"].startswith("blocked")]
    assert {"blocked: TCP 6379", "blocked: TCP 9000"} < {*blocked}
    assert len(blocked) == SMALL.blocked
    mermaid = graph_mermaid.write(SMALL.drawing())
    assert mermaid.count("-->|") == len(SMALL.flows)


def test_the_page_has_a_row_for_every_flow() -> None:
    page = network_page.write(SMALL)
    assert page.count("data-flow=") == len(SMALL.flows)
    assert page.count('data-flow="blocked"') == SMALL.blocked


@pytest.mark.parametrize("format_", list(NETWORK_FORMATS))
def test_the_command_prints_every_format(
    format_: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    committed = network.of(build.inventory(PATHS, "aurora-dev"))
    drawn = committed.drawing() if format_ in DRAWN else committed
    outcome = CommandLine(PATHS.root, monkeypatch, capsys)("graph", "network", "aurora-dev", "--format", format_)
    assert outcome.code == 0
    assert outcome.out.rstrip("\n") == writer(NETWORK_FORMATS, format_)(drawn).rstrip("\n")


def test_the_command_takes_a_part_and_refuses_names_that_are_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = CommandLine(PATHS.root, monkeypatch, capsys)
    part = line("graph", "network", "aurora-dev", "--component", "operator", "--format", "json").json
    assert {name for party in part["parties"] for name in party["components"]} == {"operator"}
    assert 2 <= len(part["flows"]) < 10
    assert line("graph", "network", "aurora-dev", "--namespace", "nowhere").code == 2
    assert "aurora graph network ENV" in line("graph", "networks", "aurora-dev").err
    assert line("graph", "network", "aurora-dvv").code == 2


@pytest.mark.parametrize(
    ("stated", "blocked"),
    [
        (StatedFlow("", inward=False, cidr="192.0.2.0/24", port=6443), 0),
        (StatedFlow("data", inward=False, cidr="192.0.2.0/24", port=6443, home="data", labels=(("app", "cache"),)), 1),
        (StatedFlow("data", inward=False, cidr="10.0.0.0/24", port=6443, home="data", labels=(("app", "store"),)), 0),
        (StatedFlow("data", inward=False, cidr="10.0.9.0/24", port=6443, home="data", labels=(("app", "store"),)), 1),
        (StatedFlow("data", inward=False, cidr="10.0.0.0/24", port=443, home="data", labels=(("app", "store"),)), 1),
    ],
)
def test_whichever_pod_of_a_component_goes_out_is_enough(stated: StatedFlow, blocked: int) -> None:
    """Pods of the shop are free to go anywhere, those of the data are not."""
    read = manifests.read((FOLDER / "objects.yaml").read_bytes(), "objects.yaml")
    found = network.of(Inventory(read.manifests, environment="small", closed=True, stated=[stated]))
    assert found.blocked == SMALL.blocked + blocked
