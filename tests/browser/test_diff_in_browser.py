"""The page of a diff as people use it: rows, filters, search, keys, links, views, sizes and colour schemes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Locator, Page

from aurora.model.diff import Diff, Fold
from aurora.reporters.html import diff_page
from browser.conftest import Opener
from reporters import diff_cases

pytestmark = pytest.mark.browser
ANCHOR = "aurora-prod/PersistentVolumeClaim/aurora/aurora-model-pvc"
SCRIPT = "<script>document.title = 'run'</script>"
IMAGE = "<img src=x onerror=\"document.title = 'run'\">"


@pytest.fixture
def review(open_page: Opener) -> Page:
    return open_page(diff_page.write(diff_cases.review(findings=(diff_cases.finding(),))))


def drawn(part: Locator) -> str:
    """What a part says once it is drawn: Chromium draws a row that comes into sight a moment later."""
    for _ in range(40):
        if text := part.inner_text():
            return text
        part.page.wait_for_timeout(25)
    return ""


def rows(page: Page) -> list[str]:
    """The names of the objects in sight."""
    return [drawn(row) for row in page.locator(".row:visible > summary .subject b").all()]


def stays(page: Page, holds: Callable[[], bool]) -> bool:
    """Whether something still holds after a reload; Chromium hands what a page remembers to the next a moment later."""
    for _ in range(20):
        page.reload()
        if holds():
            return True
        page.wait_for_timeout(50)
    return False


def box(page: Page, facet: str, value: str) -> None:
    page.locator(f'[data-facet="{facet}"][value="{value}"]').click()


def text_of(page: Page, side: str) -> str:
    """The text of one side, put together again from the unified view of the only open row."""
    page.wait_for_selector(".sheet")
    while page.locator(".lines .gap button").count():
        page.locator(".lines .gap button").first.click()
    other = {"before": ".ins", "after": ".del"}[side]
    lines = page.locator(f".lines tr:not({other}) td.code").all_text_contents()
    return "\n".join(lines) + "\n"


def test_the_page_says_what_the_diff_comes_to(review: Page) -> None:
    assert review.title() == "16 objects differ in 3 environments · Aurora diff"
    assert "402 identical byte for byte" in review.locator("#proof").inner_text()
    assert "Incomplete: 1 finding" in review.locator("#findings").inner_text()
    assert "16 changes in 8 rows, 8 of them in the row of an equal one" in review.locator("#accounting").inner_text()
    assert review.locator("#count").inner_text() == "16 changes in 8 rows"
    assert "85.5 +16" in review.locator(".totals").inner_text()


def test_rows_stand_in_order_of_risk(review: Page) -> None:
    assert rows(review)[:3] == ["aurora-model-pvc", "default-deny", "house-inference"]


@pytest.mark.parametrize(
    ("facet", "value", "names", "count"),
    [
        ("effect", "deleted", ["default-deny"], "1 change in 1 row shown, of 16 changes"),
        ("impact", "capacity", ["llm-mistral"], "1 change in 1 row shown, of 16 changes"),
        ("environment", "gpu-prod", ["house-inference", "llm-mistral"], "4 changes in 2 rows shown, of 16 changes"),
        ("kind", "Deployment", ["house-inference", "llm-mistral"], "10 changes in 2 rows shown, of 16 changes"),
        ("cause", "1", ["aurora-inference"], "1 change in 1 row shown, of 16 changes"),
    ],
)
def test_each_filter_narrows(review: Page, *, facet: str, value: str, names: list[str], count: str) -> None:
    box(review, facet, value)
    assert rows(review) == names
    assert review.locator("#count").inner_text() == count


def test_values_of_one_filter_add_and_filters_multiply(review: Page) -> None:
    box(review, "effect", "deleted")
    box(review, "effect", "scale")
    assert rows(review) == ["default-deny", "llm-mistral"]
    box(review, "environment", "gpu-prod")
    assert rows(review) == ["llm-mistral"]
    deleted = review.locator('label:has([data-facet="effect"][value="deleted"])')
    assert deleted.locator(".label").inner_text() == "0"
    review.get_by_role("button", name="Clear filters").click()
    assert len(rows(review)) == 8


def test_a_row_of_equal_changes_shows_only_those_that_match(review: Page) -> None:
    box(review, "environment", "gpu-prod")
    review.locator(".row:visible > summary").first.click()
    assert review.locator(".objects li:visible").count() == 3
    assert "generated/gpu-prod/" in drawn(review.locator(".sheet header"))


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("default-deny", ["default-deny"]),
        ("200Gi", ["aurora-model-pvc"]),
        ("QUARTER of", ["aurora-inference"]),
        ("v1.5.0 gpu-prod", ["house-inference"]),
        ("canary weight", ["aurora-inference"]),
        ("nothing has this", []),
    ],
)
def test_search_looks_at_names_fields_values_and_reasons(review: Page, words: str, names: list[str]) -> None:
    review.locator("#search").fill(words)
    assert rows(review) == names
    assert review.locator("#nothing").is_visible() == (names == [])


def test_keys_move_open_search_and_clear(review: Page) -> None:
    review.keyboard.press("j")
    review.keyboard.press("j")
    assert review.evaluate("document.activeElement.parentElement.id") == "aurora-prod/NetworkPolicy/aurora/default-deny"
    review.keyboard.press("k")
    assert review.evaluate("document.activeElement.parentElement.id") == ANCHOR
    review.keyboard.press("e")
    assert review.locator(".row[open]").count() == 1
    review.keyboard.press("e")
    assert review.locator(".row[open]").count() == 0
    review.keyboard.press("/")
    review.keyboard.type("jed/")
    assert review.locator("#search").input_value() == "jed/"
    review.keyboard.press("Escape")
    review.keyboard.press("x")
    assert len(rows(review)) == 8
    review.keyboard.press("Shift+E")
    assert review.locator(".row[open]").count() == 8
    assert review.locator("#every").inner_text() == "Close all"
    review.keyboard.press("Shift+E")
    assert review.locator(".row[open]").count() == 0


def test_keys_leave_rows_out_that_no_filter_shows(review: Page) -> None:
    box(review, "effect", "scale")
    review.keyboard.press("j")
    review.keyboard.press("j")
    assert review.evaluate("document.activeElement.parentElement.id") == "gpu-prod/Deployment/aurora/llm-mistral"


def test_the_list_of_keys_opens_and_gives_the_focus_back(review: Page) -> None:
    review.locator("#help").focus()
    review.keyboard.press("?")
    assert review.get_by_role("dialog", name="Keys").is_visible()
    review.keyboard.press("j")
    review.keyboard.press("Escape")
    assert review.get_by_role("dialog", name="Keys").is_hidden()
    assert review.evaluate("document.activeElement.id") == "help"


def test_the_unified_view_holds_both_texts_whole(review: Page) -> None:
    change = diff_cases.review().changes[0]
    assert change.before
    assert change.after
    review.locator(f'[id="{ANCHOR}"] > summary').click()
    assert text_of(review, "before") == change.before.text
    assert text_of(review, "after") == change.after.text
    assert review.locator(".lines .del mark").all_text_contents() == ["2"]
    assert drawn(review.locator(".sheet header")).endswith("+1 \N{MINUS SIGN}1")


def test_side_by_side_is_a_choice_that_stays(review: Page) -> None:
    review.get_by_role("button", name="Side by side").click()
    review.locator(f'[id="{ANCHOR}"] > summary').click()
    review.wait_for_selector(".lines.split")
    assert review.locator(".lines.split td.code.del").all_text_contents() == ["      storage: 200Gi"]
    assert review.locator(".lines.split td.code.ins").all_text_contents() == ["      storage: 100Gi"]
    review.keyboard.press("v")
    review.wait_for_selector(".lines.unified")
    review.keyboard.press("v")
    button = review.get_by_role("button", name="Side by side")
    assert stays(review, lambda: button.get_attribute("aria-pressed") == "true")


def test_long_equal_stretches_fold_and_open(review: Page) -> None:
    review.locator(".row > summary").nth(2).click()
    review.wait_for_selector(".sheet")
    before = review.locator(".lines tr").count()
    review.get_by_role("button", name="31 equal lines").click()
    assert review.locator(".lines tr").count() == before + 30


def test_a_link_opens_its_change(open_page: Opener) -> None:
    page = open_page(diff_page.write(diff_cases.review()), anchor=f"#{ANCHOR}")
    page.wait_for_function(f"document.activeElement.parentElement.id === '{ANCHOR}'")
    assert page.locator(".row[open]").count() == 1


def test_a_link_to_one_of_equal_changes_shows_its_text_even_behind_a_filter(review: Page) -> None:
    box(review, "effect", "scale")
    review.evaluate("location.hash = '#gpu-prod/Deployment/aurora/text-inference'")
    review.wait_for_selector(".row[open] .sheet")
    assert "generated/gpu-prod/inference/aurora/deployment.text-inference.yaml" in drawn(review.locator(".sheet"))
    assert drawn(review.locator(".objects .chosen")) == "Deployment aurora/text-inference gpu-prod"
    assert len(rows(review)) == 8


def test_a_strange_name_has_a_link_too(open_page: Opener) -> None:
    change = diff_cases.new_image("a")
    odd = replace(change, resource=replace(change.resource, name='é "x" #1/2'))
    page = open_page(diff_page.write(diff_cases.of([odd, odd])))
    page.locator(".row > summary").last.click()
    page.locator(".row[open] .link").click()
    page.reload()
    page.wait_for_function("document.activeElement.parentElement.dataset.row === '1'")
    assert page.locator(".row[open]").count() == 1


@pytest.mark.parametrize(
    "hostile", [SCRIPT, IMAGE, "</script>" + SCRIPT, "<!--<script>", "' onmouseover=alert(1) '", "{{ 7 * 7 }}"]
)
def test_markup_in_a_manifest_stays_text(open_page: Opener, hostile: str) -> None:
    body = diff_cases.deployment("x")
    body["metadata"] = {"name": hostile, "namespace": hostile, "labels": {"label": hostile, hostile: "value"}}
    found = diff_cases.manifest(body, environment=hostile, component=hostile)
    change = replace(
        diff_cases.new_image("x"),
        resource=found.id,
        reason=hostile,
        environment=hostile,
        before=found,
        after=replace(found, text=found.text + "# more\n"),
        fields=(diff_cases.field(hostile, hostile, hostile),),
    )
    page = open_page(diff_page.write(diff_cases.of([change], findings=(diff_cases.finding(hostile),))))
    page.locator(".row > summary").click()
    page.wait_for_selector(".sheet")
    while page.locator(".gap button").count():
        page.locator(".gap button").first.click()
    assert page.title() != "run"
    assert page.locator("img").count() == 0
    assert drawn(page.locator(".row > summary .subject b")) == hostile
    shown = page.locator(".lines tr:not(.ins) td.code").all_text_contents()
    assert [line.strip() for line in shown] == [line.strip() for line in found.text.splitlines()]
    assert hostile in drawn(page.locator(".fields"))
    assert hostile in page.locator("#findings").inner_text()


def test_markup_that_slipped_through_would_not_run(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(diff_page.write(diff_cases.review()), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    refused = page.evaluate(
        """async () => {
          const found = [];
          addEventListener("securitypolicyviolation", (event) => found.push(event.effectiveDirective));
          const script = document.createElement("script");
          script.textContent = "document.title = 'run'";
          const image = document.createElement("img");
          image.src = "https://example.com/x.png";
          document.body.append(script, image);
          document.body.setAttribute("style", "color: red");
          while (found.length < 3) await new Promise((done) => setTimeout(done, 10));
          return found.sort();
        }"""
    )
    page.close()
    assert refused == ["img-src", "script-src-elem", "style-src-attr"]


def test_values_of_secrets_are_not_in_the_file(review: Page) -> None:
    assert "correct-horse" not in review.content()
    assert "battery-staple" not in review.content()
    review.locator('[id="aurora-prod/Secret/aurora/registry-login"] > summary').click()
    text = drawn(review.locator(".lines"))
    assert '"password": "(masked: value 1)"' in text
    assert '"password": "(masked: value 3)"' in text


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_the_colour_scheme_is_the_systems_until_somebody_chooses(open_page: Opener, scheme: str, dark: bool) -> None:
    page = open_page(diff_page.write(diff_cases.review()), color_scheme=scheme)
    assert is_dark(page) == dark
    page.locator("#scheme").click()
    assert is_dark(page) != dark
    assert stays(page, lambda: is_dark(page) != dark)
    page.keyboard.press("d")
    assert is_dark(page) == dark


def is_dark(page: Page) -> bool:
    return bool(page.evaluate("parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]) < 128"))


def long_names() -> Diff:
    change = diff_cases.new_image("n" * 253, "environment-" + "e" * 60, image="i" * 300)
    return replace(
        diff_cases.review(findings=(diff_cases.finding("m" * 300),)),
        changes=(change,),
        folds=(Fold(changes=(change,)),),
    )


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("diff", [diff_cases.review(), long_names()], ids=["review", "long names"])
def test_no_width_scrolls_sideways(open_page: Opener, width: int, diff: Diff) -> None:
    page = open_page(diff_page.write(diff), width=width)
    page.locator("#every").click()
    page.wait_for_selector(".sheet")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_side_by_side_is_not_for_phones(open_page: Opener) -> None:
    page = open_page(diff_page.write(diff_cases.review()), width=390)
    page.keyboard.press("v")
    page.locator(".row > summary").first.click()
    page.wait_for_selector(".lines.unified")
    assert page.locator("#filters").get_attribute("open") is None


def test_everything_but_texts_and_filters_is_there_without_javascript(open_page: Opener) -> None:
    page = open_page(diff_page.write(diff_cases.review()), java_script_enabled=False)
    page.locator(".row > summary").nth(2).click()
    assert page.locator(".row[open] .objects li").count() == 9
    assert page.locator("noscript").inner_text().startswith("Search, filters and the texts")


def test_print_leaves_the_controls_out(review: Page) -> None:
    review.locator(".row > summary").first.click()
    review.wait_for_selector(".sheet")
    review.emulate_media(media="print")
    assert review.locator(".filters").is_hidden()
    assert review.locator("#search").is_hidden()
    assert review.locator(".lines").is_visible()


def test_an_empty_diff_has_no_list(open_page: Opener) -> None:
    page = open_page(diff_page.write(Diff(base="a", head="b", objects_before=3, objects_after=3, identical=3)))
    assert page.locator("h1").inner_text() == "Nothing changes"
    assert page.locator(".row, #search").count() == 0
    page.locator("#help").click()
    assert page.get_by_role("dialog").is_visible()


def test_a_search_among_1_000_rows_answers_at_once(open_page: Opener) -> None:
    page = open_page(diff_page.write(diff_cases.many(1000)))
    milliseconds = page.evaluate(
        """() => {
          const search = document.getElementById("search");
          search.value = "service-00077";
          const started = performance.now();
          search.dispatchEvent(new Event("input"));
          document.body.getBoundingClientRect();
          return performance.now() - started;
        }"""
    )
    assert rows(page) == ["service-00077"]
    assert milliseconds < 1500  # hiding rows one by one takes Chromium several seconds, this takes 0.02


NUMBERS = st.lists(st.integers(0, 5), max_size=14)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=NUMBERS, after=NUMBERS)
def test_lines_are_compared_truly_and_shortly(review: Page, before: list[int], after: list[int]) -> None:
    blocks = review.evaluate("([a, b]) => Lines.compare(a, b)", [before, after])
    one: list[int] = []
    two: list[int] = []
    for block in blocks:
        assert (block["a"], block["b"]) == (len(one), len(two))
        lengths = (block["n"], block["n"]) if block["equal"] else (block["an"], block["bn"])
        one += before[block["a"] : block["a"] + lengths[0]]
        two += after[block["b"] : block["b"] + lengths[1]]
        assert not block["equal"] or one[-lengths[0] :] == two[-lengths[1] :]
    assert (one, two) == (before, after)
    assert sum(block["n"] for block in blocks if block["equal"]) == longest(before, after)


def longest(one: list[int], two: list[int]) -> int:
    """The length of a longest common subsequence, by the table of textbooks."""
    row = [0] * (len(two) + 1)
    for first in one:
        last = row
        row = [0]
        for index, second in enumerate(two):
            row.append(last[index] + 1 if first == second else max(last[index + 1], row[index]))
    return row[-1]


def test_texts_that_share_almost_nothing_are_shown_as_replaced(review: Page) -> None:
    blocks = review.evaluate(
        "() => Lines.compare([...Array(4000).keys()], [...Array(4000).keys()].map((n) => (n === 9 ? 9 : -n - 1)))"
    )
    assert blocks == [{"equal": False, "a": 0, "an": 4000, "b": 0, "bn": 4000}]


CONTRAST = """() => {
  const channel = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const light = (rgb) => 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]);
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((part) => part / 255);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = rgb(getComputedStyle(at).backgroundColor);
      if (color[3] === 1) return color;
    }
    return [1, 1, 1, 1];
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || ["SCRIPT", "NOSCRIPT"].includes(element.tagName)) continue;
    const [one, two] = [light(rgb(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) found.push(element.tagName + "." + element.className + " " + ratio.toFixed(2));
  }
  return [...new Set(found)];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_told_from_its_ground(open_page: Opener, scheme: str) -> None:
    page = open_page(diff_page.write(diff_cases.review(findings=(diff_cases.finding(),))), color_scheme=scheme)
    page.locator(".row > summary").nth(2).click()
    page.wait_for_selector(".sheet")
    assert page.evaluate(CONTRAST) == []


def test_every_control_has_a_name(review: Page) -> None:
    nameless = review.evaluate(
        """() => [...document.querySelectorAll("button, input, a, summary")].filter((element) =>
             !(element.ariaLabel || element.textContent.trim() || element.labels[0].textContent.trim())).length"""
    )
    assert nameless == 0


def test_the_first_tab_leads_past_the_frame(review: Page) -> None:
    review.keyboard.press("Tab")
    assert review.evaluate("document.activeElement.textContent") == "Skip to the content"
    review.keyboard.press("Enter")
    assert review.evaluate("document.activeElement.id") == "main"
