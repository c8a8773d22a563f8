"""Canonical YAML reads back as the same value, by every reader, and does not depend on order."""

from __future__ import annotations

import io
from typing import Any

import pytest
import ruamel.yaml
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aurora.model.json_value import JsonObject
from aurora.yamlio import reading, writing
from aurora.yamlio import scalars as scalars_module

# Everything that YAML allows in a document: no surrogates, no control characters but those JSON escapes.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
WORDS = "y N on No true null ~ = << - ? : 0o17 0x1f 1e3 1.0 .5 1_0 12:30:45 2026-11-21 a: *a &a !a %a @a `a | > ---"
MORE_WORDS = "... { [ ' \" \\ # 0775 08 .inf -.nan +1 1. 0b1 !!str"
SPACED = ["", "a: b", "a #b", "- a", " a", "a ", "a\x7f"]
BROKEN_LINES = [
    "a\nb",
    "a\nb\n",
    "\na",
    "a\n\nb",
    "a\n",
    "a \nb",
    "\ta\nb",
    "a\r\nb",
    "a\u0085b",
    "a\u2028b\nc",
    "\ufeffa\nb",
]
tricky = st.sampled_from([*WORDS.split(), *MORE_WORDS.split(), *SPACED, *BROKEN_LINES])
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts | tricky
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts | tricky, inner, max_size=4),
    max_leaves=20,
)
objects = st.dictionaries(texts | tricky, values, max_size=5)


@given(objects)
def test_what_is_written_is_read_back(value: JsonObject) -> None:
    assert reading.parse(writing.dump(value)).value == value


@given(objects)
def test_readers_of_yaml_1_1_see_the_same_value(value: JsonObject) -> None:
    assert yaml.load(writing.dump(value), Loader=yaml.CSafeLoader) == value


@given(objects)
def test_readers_of_yaml_1_2_see_the_same_value(value: JsonObject) -> None:
    reader = ruamel.yaml.YAML(typ="safe", pure=True)
    assert reader.load(io.StringIO(writing.dump(value))) == value


@given(objects)
def test_order_of_keys_does_not_matter(value: JsonObject) -> None:
    assert writing.dump(dict(reversed(value.items()))) == writing.dump(value)


@given(objects)
def test_lines_end_with_line_feeds_and_hold_no_trailing_blanks(value: JsonObject) -> None:
    written = writing.dump(value)
    assert written.endswith("\n")
    assert "\r" not in written
    assert not any(line.endswith(" ") for line in written.split("\n"))


@given(values)
def test_a_stream_is_cut_where_documents_end(value: Any) -> None:
    document = writing.dump({"value": value})
    parts = list(reading.split(f"{document}---\n{document}"))
    assert [part.text for part in parts] == [document, f"\n{document}"]
    assert parts[1].line == document.count("\n") + 1


def test_the_keys_of_an_object_come_first() -> None:
    body: JsonObject = {
        "spec": {"b": 1, "a": [{"z": 1, "c": []}]},
        "metadata": {"name": "x"},
        "kind": "K",
        "apiVersion": "v1",
    }
    assert writing.dump(body) == (
        "apiVersion: v1\nkind: K\nmetadata:\n  name: x\nspec:\n  a:\n    - c: []\n      z: 1\n  b: 1\n"
    )


def test_several_lines_are_a_literal_block() -> None:
    assert writing.dump({"script": "set -e\necho $1\n"}) == "script: |\n  set -e\n  echo $1\n"


@pytest.mark.parametrize("unit", ["a", "1", "_", "1_", "a:", "1:", "a ", "-", ".", "0x", "2026-", "=", "a/b:c "])
def test_a_long_text_takes_no_longer_than_it_is_long(unit: str) -> None:
    value = unit * (200_000 // len(unit)) + "!"
    assert reading.parse(writing.dump({"a": value})).value == {"a": value}
    scalars_module.ambiguity(value)


@pytest.mark.parametrize("number", [1.5, 0.1, 1e300])
def test_floats_survive(number: float) -> None:
    assert reading.parse(writing.dump({"a": number})).value == {"a": number}


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        writing.dump({"a": float("nan")})
