"""The quick reader of canonical YAML never reads a text in another way than the parser of all YAML does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.yamlio import canonical, reading, writing
from reference.platform import reference

WORDS = "y no true null ~ 0775 0o17 1e3 1.0 -5 -x .5 1_0 12:30 a:b a/b (x) $(A) --flag=1 x,y"
words = st.sampled_from([*WORDS.split(), "a b", "a: b", "a #b"])
texts = st.text(max_size=12) | words | st.sampled_from(["a\nb", "a\nb\n", " a\nb", "a\n\nb", "a \nb", "é\nb", "\\/"])
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)
pieces = st.sampled_from(
    [
        "",
        " ",
        "  ",
        "- ",
        "-",
        ":",
        ": ",
        "#",
        "|",
        "|-",
        ">",
        "{}",
        "[]",
        "'",
        '"',
        "&a ",
        "*a",
        "!",
        "\t",
        "...",
        "~",
        "\\/",
    ]
)


def by_parser(text: str) -> Any:
    """Read with places, which only the parser knows."""
    return reading.parse(text, places=True).value


def agrees(text: str) -> bool:
    found = canonical.parse(text)
    return found is None or json.dumps(found) == json.dumps(by_parser(text))


@given(st.dictionaries(texts, values, max_size=4))
def test_what_is_written_is_read_alike(value: dict[str, Any]) -> None:
    assert agrees(writing.dump(value))


@given(st.dictionaries(texts, values, min_size=1, max_size=4), st.data())
def test_a_text_that_somebody_changed_is_read_alike_or_left_to_the_parser(value: dict[str, Any], data: Any) -> None:
    lines = writing.dump(value).split("\n")
    number = data.draw(st.integers(0, len(lines) - 1))
    place = data.draw(st.integers(0, len(lines[number])))
    line = lines[number][:place] + data.draw(pieces) + lines[number][place:]
    changed = data.draw(st.sampled_from(["replace", "delete", "double", "swap"]))
    now = {
        "replace": [*lines[:number], line, *lines[number + 1 :]],
        "delete": [*lines[:number], *lines[number + 1 :]],
        "double": [*lines[:number], line, *lines[number:]],
        "swap": [*lines[:number], *reversed(lines[number : number + 2]), *lines[number + 2 :]],
    }
    assert agrees("\n".join(now[changed]))


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "a: 9007199254740993\n",
        "a: .inf\n",
        "y: 1\n",
        "1: a\n",
        "a: b: c\n",
        "a: 'b'\n",
        "a:\n- b\n",
        "a:\n   b: 1\n",
        "a: &x 1\n",
        "a: 1 # one\n",
        "a: |2\n  b\n",
        "a: b\n  c\n",
        'a: "\\/"\n',
        'a: "\\ud83d\\ude00"\n',
        "a: 1",
        "a:\n",
        "- a\n",
        "a: |\n\n  b\n",
        "a: x\u2028y\n",
        "a: x\r\n",
        "{a: 1}\n",
        "",
    ],
)
def test_any_other_form_is_left_to_the_parser(text: str) -> None:
    assert canonical.parse(text) is None


def test_nesting_is_bounded() -> None:
    text = "".join(f"{'  ' * level}a:\n" for level in range(200))
    assert canonical.parse(f"{text}{'  ' * 200}a: 1\n") is None


def test_empty_collections_are_not_shared() -> None:
    found = canonical.parse("a: []\nb: []\nc: {}\nd: {}\n")
    assert found is not None
    assert found["a"] is not found["b"]
    assert found["c"] is not found["d"]


def test_compiled_objects_are_of_this_form() -> None:
    files = sorted(reference().generated.rglob("*.yaml"))
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert json.dumps(canonical.parse(text)) == json.dumps(by_parser(text)), file
