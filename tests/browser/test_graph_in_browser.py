"""The page of an object graph as people use it: choosing, following, filters, search, keys, sizes, colour schemes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from aurora.model.object_graph import Edge, Node, ObjectGraph, State
from aurora.model.resource import ResourceId
from aurora.reporters.html import graph_page
from browser.conftest import Opener

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=\"document.title = 'run'\">"


def node(kind: str, name: str, component: str | None, namespace: str | None = "shop") -> Node:
    state = State.COMMITTED if component else State.MISSING
    return Node(ResourceId("v1", kind, namespace, name), component, state)


GRAPH = ObjectGraph(
    "example",
    (
        node("Deployment", "web", "front"),
        node("Service", "web", "front"),
        node("ConfigMap", "settings", "front", "other"),
        node("ClusterRole", "reader", "access", None),
        node("Secret", HOSTILE, None),
    ),
    (Edge(0, 2, "mounts"), Edge(0, 4, HOSTILE), Edge(1, 0, "selects")),
)


@pytest.fixture
def page(open_page: Opener) -> Page:
    return open_page(graph_page.write(GRAPH))


def seen(page: Page) -> list[str]:
    return [row.inner_text().split("\n")[0] for row in page.locator(".node:visible").all()]


def links(page: Page, which: str) -> list[str]:
    return [item.inner_text().replace("\n", " ") for item in page.locator(f"#{which} li").all()]


def test_choosing_an_object_shows_what_it_points_to_and_what_points_to_it(page: Page) -> None:
    assert page.locator(".hint").is_visible()
    page.locator('[data-node="0"]').click()
    assert links(page, "needs") == ["mounts ConfigMap other/settings", f"{HOSTILE} Secret shop/{HOSTILE}"]
    assert links(page, "needed") == ["selects Service shop/web"]
    assert page.locator("#wires path").count() == 3
    assert page.locator(".node.near").count() == 4
    assert page.locator('[data-node="0"]').get_attribute("aria-pressed") == "true"


def test_a_neighbour_can_be_followed_and_the_address_names_it(page: Page) -> None:
    page.locator('[data-node="1"]').click()
    page.locator("#needs button").click()
    page.wait_for_function("document.getElementById('detail-name').textContent === 'web'")
    assert page.locator('[data-node="0"]').get_attribute("aria-pressed") == "true"
    assert page.url.endswith("#Deployment/shop/web")


def test_an_address_opens_its_object(open_page: Opener) -> None:
    page = open_page(graph_page.write(GRAPH), anchor="#ClusterRole/(cluster)/reader")
    assert page.locator("#detail-name").inner_text() == "reader"
    assert links(page, "needs") == ["nothing"]


def test_filters_and_search_hide_what_does_not_fit(page: Page) -> None:
    page.locator('[data-facet="kind"]').select_option("Service")
    assert seen(page) == ["shop/web"] or seen(page) == ["web"]
    assert page.locator("#seen").inner_text() == "1 of 5 shown"
    page.locator('button[type="reset"]').click()
    page.wait_for_function("document.getElementById('seen').textContent === '5 of 5 shown'")
    page.locator("#search").fill("other settings")
    assert seen(page) == ["settings"]
    assert page.locator("[data-card]:visible").count() == 1
    page.locator('[data-facet="namespace"]').select_option("shop")
    assert seen(page) == []


def test_following_a_link_to_a_hidden_object_clears_the_filters(page: Page) -> None:
    page.locator('[data-facet="kind"]').select_option("Deployment")
    page.locator('[data-node="0"]').click()
    page.locator("#needs button").first.click()
    page.wait_for_function("document.getElementById('detail-name').textContent === 'settings'")
    assert len(seen(page)) == 5


def test_the_keys_work(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("web")
    assert len(seen(page)) == 2
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("#detail-name").inner_text() == "web"
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.node") == "1"
    page.keyboard.press("Escape")
    assert page.locator(".hint").is_visible()
    assert page.locator("#wires path").count() == 0


def test_all_links_can_be_shown(page: Page) -> None:
    page.locator("#all-links").click()
    assert page.locator("#wires path").count() == 3


def test_names_are_text(page: Page) -> None:
    page.locator('[data-node="4"]').click()
    assert page.locator("#detail-name").inner_text() == HOSTILE
    assert page.title() == "Objects of example"
    assert page.locator("img").count() == 0


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (360, "light"), (800, "dark"), (1400, "light")])
def test_nothing_overflows_sideways(open_page: Opener, width: int, scheme: str) -> None:
    page = open_page(graph_page.write(GRAPH), width=width, color_scheme=scheme)
    page.locator('[data-node="0"]').click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#close").is_visible()
    assert page.locator("#detail-name").is_visible()


def many() -> ObjectGraph:
    nodes = tuple(node("ConfigMap", f"{part}-{number}", part) for part in ("front", "back") for number in range(30))
    return ObjectGraph("example", nodes, (Edge(0, 30, "mounts"), Edge(1, 31, "mounts"), Edge(0, 1, "mounts")))


def test_many_objects_are_opened_by_their_component(open_page: Opener) -> None:
    page = open_page(graph_page.write(many()))
    assert seen(page) == []
    assert page.locator("[data-card]:visible").count() == 2
    page.locator("#all-links").click()
    assert page.locator("#wires path").count() == 1, "between components, while both are closed"
    page.locator("summary", has_text="front").click()
    assert len(seen(page)) == 30
    assert page.locator("#wires path").count() == 3


def test_what_is_searched_for_is_open_and_closed_again_afterwards(open_page: Opener) -> None:
    page = open_page(graph_page.write(many()))
    page.locator("#search").fill("back-7")
    assert seen(page) == ["back-7"]
    page.locator("#search").fill("")
    assert seen(page) == []


def test_a_chosen_object_opens_its_component_and_marks_those_that_it_is_linked_to(open_page: Opener) -> None:
    page = open_page(graph_page.write(many()), anchor="#ConfigMap/shop/front-0")
    assert "front-0" in seen(page) and "back-0" not in seen(page)
    assert page.locator("[data-card].near:not([open]) summary").inner_text().startswith("back")
