"""The pages of the report and of the control matrix in a real browser: sizes, colour schemes, keys, no network."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aurora.reporters.html import matrix_page, overview_page
from browser.conftest import Opener
from overview.overview_cases import committed
from overview.test_overview_page import hostile
from reference.platform import NAMES
from reporters.report_cases import repeated

pytestmark = pytest.mark.browser
LINES = (
    "cell => { const all = document.createRange(); all.selectNodeContents(cell); return all.getClientRects().length }"
)
SIZES = [(360, "dark"), (390, "light"), (768, "light"), (1400, "dark")]


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_the_report_fits_every_screen(open_page: Opener, width: int, scheme: str) -> None:
    page = open_page(overview_page.write(committed(*NAMES)), width=width, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for name in page.locator(".capacity th").all():
        assert name.bounding_box()["height"] < 60  # type: ignore[index]
    for name in page.locator('.table th[scope="row"]').all():
        assert name.evaluate(LINES) <= 2, name.inner_text()


def test_many_equal_notes_are_one_entry_that_opens(open_page: Opener) -> None:
    overview = committed("aurora-prod")
    page = open_page(overview_page.write(replace(overview, report=repeated(41))), width=390)
    folded = page.locator("details.inside", has_text="notes and waived findings")
    folded.locator("> summary").click()
    entry = folded.locator(".findings > li")
    assert entry.count() == 1
    assert entry.locator("li").first.is_hidden()
    entry.locator("summary").click()
    assert entry.locator("li:visible").count() == 41
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_the_matrix_fits_every_screen(open_page: Opener, width: int, scheme: str) -> None:
    page = open_page(matrix_page.write(committed(*NAMES).matrix), width=width, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_cell_opens_to_its_proof_by_key(open_page: Opener) -> None:
    page = open_page(matrix_page.write(committed("aurora-prod").matrix))
    cell = page.locator('td[data-guard="Kyverno"] summary').first
    cell.focus()
    page.keyboard.press("Enter")
    assert "kyverno-test.yaml:" in page.locator(".proofs:visible").inner_text()


def test_links_lead_to_their_sections(open_page: Opener) -> None:
    page = open_page(overview_page.write(committed(*NAMES)))
    for link in page.locator(".contents a").all():
        target = link.get_attribute("href") or ""
        assert page.locator(target).count() == 1


def test_nothing_that_others_wrote_runs(open_page: Opener) -> None:
    page = open_page(overview_page.write(hostile()))
    assert page.title().startswith("Report: ")
