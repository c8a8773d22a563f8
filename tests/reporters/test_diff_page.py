"""The page of a diff without a browser: its size, its policy, its data, and what must never be in it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aurora.model.change import ABSENT, Effect, Impact
from aurora.model.diff import Diff
from aurora.model.json_value import JsonObject
from aurora.reporters import diff_words
from aurora.reporters.html import diff_page, page
from aurora.reporters.html.texts import Masks, Texts
from reporters import diff_cases
from reporters.test_diff_markdown import HOSTILE, hostile_diffs

FOLDER = Path(page.__file__).parent
MAX_BYTES = 5_000_000


class Reader(HTMLParser):
    """Collects the elements of a page, the texts of its scripts and styles, and its content policy."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.held: dict[str, list[str]] = {"script": [], "style": []}
        self.inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag
        if tag in self.held:
            self.held[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside in self.held:
            self.held[self.inside][-1] += data

    @property
    def policy(self) -> str:
        return next(str(attrs["content"]) for _, attrs in self.tags if attrs.get("http-equiv"))

    @property
    def data(self) -> dict[str, Any]:
        found = [index for index, tag in enumerate(self.named("script")) if tag.get("id") == "data"]
        loaded: dict[str, Any] = json.loads(self.held["script"][found[0]])
        return loaded

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag == name]


def text(data: dict[str, Any], runs: list[int]) -> str:
    """Put a text together from its runs of line numbers."""
    pairs = zip(runs[::2], runs[1::2], strict=True)
    return "".join(data["lines"][first + step] + "\n" for first, count in pairs for step in range(count))


def test_every_change_is_in_the_data_and_has_its_own_anchor() -> None:
    diff = diff_cases.review()
    found = Reader(diff_page.write(diff))
    ids = [attrs["id"] for _, attrs in found.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert sorted(change["name"] for change in found.data["changes"]) == sorted(str(it.resource) for it in diff.changes)
    assert {change["anchor"] for change in found.data["changes"]} <= set(ids)


def test_texts_are_whole() -> None:
    diff = diff_cases.many(50)
    data = Reader(diff_page.write(diff)).data
    for change, shown in zip(diff.changes, data["changes"], strict=True):
        assert change.before
        assert change.after
        assert text(data, shown["before"]) == change.before.text
        assert text(data, shown["after"]) == change.after.text


def test_lines_are_held_once() -> None:
    data = Reader(diff_page.write(diff_cases.many(50))).data
    assert len(data["lines"]) == len(set(data["lines"]))


@pytest.mark.parametrize("alike", [1, 84, 1000])
def test_1_000_changes_take_less_than_five_megabytes(alike: int) -> None:
    html = diff_page.write(diff_cases.many(1000, alike=alike))
    assert len(html.encode()) <= MAX_BYTES
    assert "1,000 changes in" in html
    assert "No text of a manifest is left out." in html


def test_1_000_changes_of_texts_that_share_no_line_still_fit_and_say_what_is_left_out() -> None:
    changes = []
    for number, change in enumerate(diff_cases.many(1000).changes):
        assert change.before
        long = "".join(f"line-{number}-{line}: {'x' * 60}\n" for line in range(100))
        changes.append(replace(change, before=replace(change.before, text=long), after=None))
    html = diff_page.write(diff_cases.of(changes))
    left = sum(change["before"] is None for change in Reader(html).data["changes"])
    assert len(html.encode()) <= MAX_BYTES
    assert left > 300
    assert f"{left} texts of manifests left out to keep the page small; their rows say so." in html


def test_1_000_changes_of_fifty_fields_each_still_fit() -> None:
    changes = [
        replace(
            change, fields=tuple(diff_cases.field(f"spec.field-{number}", "b" * 60, "a" * 60) for number in range(50))
        )
        for change in diff_cases.many(1000).changes
    ]
    html = diff_page.write(diff_cases.of(changes))
    assert len(html.encode()) <= MAX_BYTES
    assert html.count("42 fields more: in the texts below, and in the report as JSON.") == 1000


def test_what_finds_no_room_does_not_keep_smaller_texts_out() -> None:
    texts = Texts(room=500)
    small = diff_cases.manifest({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}})
    assert texts.add(replace(small, text="x" * 600)) is None
    assert texts.add(small) is not None
    assert texts.left_out == 1


def test_the_policy_allows_exactly_the_scripts_and_styles_of_the_page() -> None:
    found = Reader(diff_page.write(diff_cases.review()))
    scripts = [
        held for attrs, held in zip(found.named("script"), found.held["script"], strict=True) if "type" not in attrs
    ]
    assert len(scripts) == 5
    for name, held in (("script-src", scripts), ("style-src", found.held["style"])):
        hashes = [base64.b64encode(hashlib.sha256(entry.encode()).digest()).decode() for entry in held]
        allowed = " ".join(f"'sha256-{entry}'" for entry in hashes)
        assert f"{name} {allowed}" in found.policy
    assert found.policy.startswith("default-src 'none'; ")
    assert "unsafe" not in found.policy
    assert "http" not in found.policy


def test_no_element_loads_anything_or_carries_code() -> None:
    for tag, attrs in Reader(diff_page.write(diff_cases.review())).tags:
        assert tag not in {"img", "iframe", "object", "embed", "base"}
        assert not [name for name in attrs if name.startswith("on") or name in {"src", "style"}]
        assert (attrs.get("href") or "#").startswith(("#", "data:,"))


@pytest.mark.parametrize("path", sorted([*FOLDER.glob("*.js"), *FOLDER.glob("*.css")]), ids=lambda path: path.name)
def test_files_that_are_inlined_cannot_end_their_element(path: Path) -> None:
    held = path.read_text(encoding="utf-8")
    assert "\r" not in held
    assert not re.search(r"</(script|style)|<!--|<script", held, re.IGNORECASE)


@settings(max_examples=30)
@given(hostile_diffs())
def test_hostile_text_adds_no_element(diff: Diff) -> None:
    known = {tag for tag, _ in Reader(diff_page.write(diff_cases.review(findings=(diff_cases.finding(),)))).tags}
    found = Reader(diff_page.write(diff))
    assert {tag for tag, _ in found.tags} <= known
    assert len(found.named("script")) == 6
    assert len(found.named("details")) == 1 + len(diff.folds)


@given(st.lists(HOSTILE))
def test_embedded_data_stays_data(values: list[str]) -> None:
    written = page.embedded(values)
    assert json.loads(written) == values
    assert not set("<>&") & set(written)


@given(HOSTILE)
def test_prose_keeps_every_word_and_adds_only_code(words: str) -> None:
    written = str(page.prose(words))
    assert set(re.findall(r"<[^>]*>", written)) <= {"<code>", "</code>"}


def test_the_same_diff_gives_the_same_bytes() -> None:
    assert diff_page.write(diff_cases.review()) == diff_page.write(diff_cases.review())


def test_secret_values_are_numbered_wherever_a_secret_stands() -> None:
    inner: JsonObject = {"kind": "Secret", "data": {"a": "b25l", "b": "b25l"}, "stringData": "odd"}
    last: JsonObject = {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "b25l", "kept": "yes"}}
    body: JsonObject = {
        "kind": "List",
        "items": [{**inner, "metadata": last}, {"kind": "ConfigMap", "data": {"a": "b"}}],
    }
    masked = json.dumps(Masks().masked(body))
    assert "b25l" not in masked
    assert "odd" not in masked
    assert masked.count("(masked: value 1)") == 3
    assert '"kept": "yes"' in masked
    assert '{"a": "b"}' in masked


def test_a_secret_behind_an_escape_is_masked_too() -> None:
    body: JsonObject = {"kind": "List", "items": [{"kind": "Secret", "data": {"a": "aGlkZGVu"}}]}
    written = '{"kind": "List", "items": [{"kind": "Secr\\u0065t", "data": {"a": "aGlkZGVu"}}]}'
    texts = Texts(10_000)
    texts.add(replace(diff_cases.manifest(body), text=written))
    assert not [line for line in texts.lines if "aGlkZGVu" in line]


def test_values_that_the_diff_has_masked_stay_as_its_fields_show_them() -> None:
    found = diff_cases.manifest(
        diff_cases.secret("x", "sha256:0a1b2c…") | {"stringData": {"password": "sha256:0a1b2c…"}}
    )
    texts = Texts(10_000)
    texts.add(found)
    assert texts.lines == found.text.splitlines()


def test_a_text_without_secrets_keeps_its_bytes() -> None:
    body: JsonObject = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "Secret"}}
    texts = Texts(10_000)
    texts.add(diff_cases.manifest(body))
    assert texts.lines == diff_cases.manifest(body).text.splitlines()


def test_what_does_not_print_is_written_out() -> None:
    texts = Texts(10_000)
    texts.add(replace(diff_cases.manifest(diff_cases.deployment("x")), text="a: \u202eevil\tb\n"))
    assert texts.lines == ["a: \\u202eevil\\tb"]


def test_every_effect_and_impact_has_words_and_a_colour() -> None:
    assert list(diff_words.EFFECTS) == list(diff_page.TONES) == list(Effect)
    assert list(diff_words.IMPACTS) == list(diff_page.IMPACT_TONES) == list(Impact)


def test_a_long_value_that_only_grows_shows_where_it_grows() -> None:
    grown = diff_words.sides(diff_cases.field("a", "x" * 500, "x" * 500 + "end"), 40)
    assert grown == (f"… {'x' * 10} (+490 characters)", f"… {'x' * 10}end (+490 characters)")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        *(("200Gi", "200Gi"), ("200", '"200"'), ("1e3", '"1e3"'), ("", '""'), ("yes", '"yes"'), (" a", '" a"')),
        *(("{}", '"{}"'), (200, "200"), (None, "null"), (True, "true"), ({"b": 1, "a": [2]}, '{"a": [2], "b": 1}')),
        *((ABSENT, "(absent)"), ("(absent)", '"(absent)"'), ("v1.4.0", "v1.4.0")),
    ],
)
def test_values_of_different_types_look_different(value: Any, written: str) -> None:
    assert diff_words.value(value) == written
