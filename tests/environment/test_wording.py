"""Names, values and paths in messages: one line, cut short, never ambiguous."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.environment.wording import LONGEST, described, listed, path_text, suggestion, visible
from aurora.model.json_value import JsonValue
from aurora_constructs.spelling import TOO_MANY, closest


@given(st.text())
def test_text_is_shown_on_one_printable_line(text: str) -> None:
    assert visible(text).isprintable()
    assert visible(text).endswith("…") == (len(text) > LONGEST or text.endswith("…"))


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"]), max_size=60)
)
def test_printable_text_is_shown_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("3", '`"3"`'),
        (3, "`3`"),
        (True, "`true`"),
        (None, "`null`"),
        (1.5, "`1.5`"),
        ({}, "an empty mapping"),
        ({"a": 1}, "a mapping"),
        ([], "an empty list"),
        ([1], "a list"),
        ("a\nb", '`"a\\nb"`'),
    ],
)
def test_a_value_is_named_by_its_form(value: JsonValue, words: str) -> None:
    assert described(value) == words


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        ((), ""),
        (("a", 0, "b-c_d"), "a.0.b-c_d"),
        (("a", "b.c"), "/a/b.c"),
        (("a/b", "~", ""), "/a~1b/~0/"),
        (("a b",), "/a b"),
    ],
)
def test_a_path_has_dots_or_is_a_pointer(steps: tuple[str | int, ...], path: str) -> None:
    assert path_text(steps) == path


@pytest.mark.parametrize(
    ("name", "near"),
    [("replcas", "replicas"), ("REPLICAS", "replicas"), ("weight", None), ("", None), ("x" * 100_000, None)],
)
def test_only_a_near_name_is_suggested(name: str, near: str | None) -> None:
    assert closest(name, ["replicas", "resources", "image"]) == near


def test_among_too_many_names_nobody_looks() -> None:
    names = [f"name-{number}" for number in range(TOO_MANY + 1)]
    assert closest("name-00", names) is None
    assert closest("name-00", names[:-1]) is not None


def test_a_list_of_names_counts_what_it_leaves_out() -> None:
    assert listed(["b", "a"]) == "`a`, `b`"
    assert listed([]) == "none"
    assert listed([f"{number:02}" for number in range(15)]).endswith("`10`, `11` and 3 more")
    assert suggestion("zzz", ["b", "a"], otherwise="there are") == "there are `a`, `b`"
    assert suggestion("bb", ["bbb", "a"], otherwise="there are") == "did you mean `bbb`?"
