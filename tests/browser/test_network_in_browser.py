"""The page of a network in a real browser: every flow can be read, on a phone and on a desk."""

from __future__ import annotations

import pytest

from aurora.model.network_graph import NetworkFlow, NetworkGraph, Party
from aurora.reporters.html import network_page
from browser.conftest import Opener

HOSTILE = "<img src=x onerror=alert(1)>"
LONG = "a-workload-with-a-name-that-is-as-long-as-names-may-be-and-has-no-blanks"
GRAPH = NetworkGraph(
    "example",
    (
        Party(f"shop/{LONG}", "shop", (f"Deployment shop/{LONG}",), ("shop",)),
        Party(f"data/{HOSTILE}", "data"),
        Party("203.0.113.0/24 without 203.0.113.7/32"),
        Party("everybody"),
    ),
    (
        NetworkFlow(0, 1, "TCP 5432", (f"NetworkPolicy shop/{LONG}",), (f"Deployment shop/{LONG} names it",)),
        NetworkFlow(0, 2, "TCP 443, 8443, 9000-9100, UDP 443", ("NetworkPolicy shop/out",)),
        NetworkFlow(1, 0, "TCP 8080", (), ("component data",), blocked=True),
        NetworkFlow(3, 0, "every port"),
    ),
)


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")])
def test_every_flow_can_be_read(open_page: Opener, width: int, scheme: str) -> None:
    page = open_page(network_page.write(GRAPH), width=width, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    cells = page.locator(".flows tbody th, .flows tbody td")
    assert cells.count() == 5 * len(GRAPH.flows)
    for cell in cells.all():
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert cell.evaluate("cell => cell.scrollWidth <= cell.clientWidth + 1")


def test_on_a_phone_each_value_says_what_it_is(open_page: Opener) -> None:
    page = open_page(network_page.write(GRAPH), width=390)
    content = page.locator(".flows td").first.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert content == '"destination"'


def test_names_are_text(open_page: Opener) -> None:
    page = open_page(network_page.write(GRAPH))
    assert page.locator("img").count() == 0
    assert page.locator("td", has_text=HOSTILE).count() == 1
    assert page.locator('tr[data-flow="blocked"]').count() == 1
