"""An edit changes the lines that it is about, and leaves every other byte as people wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.yamlio import reading
from aurora.yamlio.round_trip import Edit, edited

TEXT = """\
# What serves, in prod.
components:
    # The model.
    inference:
        list:  [{a: 1}]      # odd spaces
        stable:   {version: 'v1', replicas: 3}
        # Nothing decides but people.
        canary: {version: v2, weight: 5, header: {}}  # on trial
        # What follows.
        quoted: "4"
    other: null
"""
CANARY = ("components", "inference", "canary")


@pytest.mark.parametrize(
    ("edits", "swaps"),
    [
        ([Edit((*CANARY, "weight"), 25)], [("weight: 5", "weight: 25")]),
        ([Edit((*CANARY, "version"), "v3")], [("version: v2", "version: v3")]),
        ([Edit(("components", "inference", "stable", "version"), "v2")], [("   {version: 'v1'", " {version: 'v2'")]),
        ([Edit(("components", "inference", "quoted"), "5")], [('"4"', '"5"')]),
        (
            [Edit((*CANARY, "version"), None), Edit((*CANARY, "weight"), None)],
            [("{version: v2, weight: 5, header: {}}", "{header: {}}")],
        ),
        ([Edit(CANARY, None)], [("        canary: {version: v2, weight: 5, header: {}}  # on trial\n", "")]),
        ([Edit((*CANARY, "path"), "10")], [("header: {}}", 'header: {}, path: "10"}')]),
        ([Edit((*CANARY, "path"), "on")], [("header: {}}", 'header: {}, path: "on"}')]),
        ([Edit((*CANARY, "header"), None, null=True)], [("header: {}", "header: null")]),
        ([Edit(("components", "nobody", "canary"), None)], []),
    ],
)
def test_only_what_is_edited_differs(edits: list[Edit], swaps: list[tuple[str, str]]) -> None:
    expected = TEXT
    for before, after in swaps:
        assert expected.count(before) == 1
        expected = expected.replace(before, after)
    assert edited(TEXT, edits) == expected


def test_an_edit_that_changes_nothing_changes_no_byte(repository_files: list[Path]) -> None:
    for path in repository_files:
        text = path.read_text()
        assert edited(text, []) == text, path


def test_missing_mappings_are_made_and_empty_ones_go() -> None:
    text = "a: 1  # first\n"
    made = edited(text, [Edit(("components", "model", "canary", "weight"), 5)])
    assert reading.parse(made).value == {"a": 1, "components": {"model": {"canary": {"weight": 5}}}}
    assert made.startswith(text)
    assert edited(made, [Edit(("components", "model", "canary", "weight"), None)]) == text


def test_ends_of_lines_stay() -> None:
    text = TEXT.replace("\n", "\r\n")
    assert edited(text, [Edit((*CANARY, "weight"), 6)]) == text.replace("weight: 5", "weight: 6")


@pytest.mark.parametrize("text", ["a: [\n", "- a\n", "a: 1\na: 2\n"])
def test_what_cannot_be_edited_is_an_error(text: str) -> None:
    with pytest.raises(reading.YamlError):
        edited(text, [Edit(("a",), 1)])


def test_a_way_through_a_scalar_is_an_error() -> None:
    with pytest.raises(reading.YamlError, match="`a` is no mapping"):
        edited("a: 1\n", [Edit(("a", "b"), 1)])


@pytest.fixture
def repository_files() -> list[Path]:
    root = Path(__file__).resolve().parents[1] / "reference" / "environments"
    found = sorted(root.rglob("*.yaml"))
    assert len(found) >= 5
    return found
