"""Tables that ship with Aurora: every problem is told at once, each at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora import tables
from aurora.errors import StorageError, TableError

GOOD = """\
rows:
- id: one
  fields: [a, b]
  swap: [old, new]
  ordered: true
  count: 3
  when: {words: it is}
- id: two
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "rows.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_values_come_with_their_types(table: Path) -> None:
    with tables.opened(table) as top:
        top.only("rows")
        one, two = top.entries("rows", required=True)
        when = one.entry("when")
        assert (one.text("id"), one.texts("fields"), one.pair("swap")) == ("one", ("a", "b"), ("old", "new"))
        assert (one.flag("ordered"), one.number("count"), when and when.text("words")) == (True, 3, "it is")
        assert (two.text("words", ""), two.texts("fields"), two.pair("swap")) == ("", (), None)
        assert (two.flag("ordered"), two.number("count"), two.entry("when")) == (False, None, None)
        assert one.choice("id", {"one": 1}) == 1
        assert (two.place.line, two.place.column) == (8, 3)


def test_every_problem_is_told_with_its_place(table: Path) -> None:
    text = GOOD.replace("fields", "feilds").replace("[old, new]", "[old]").replace("count: 3", "count: true")
    table.write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as error, tables.opened(table) as top:
        one, two = top.entries("rows")
        one.only("id", "fields", "swap", "ordered", "count", "when")
        assert (one.pair("swap"), one.number("count"), one.texts("ordered")) == (None, None, ())
        assert (two.text("words"), two.choice("id", {"tow": 1})) == ("", None)
        two.refuse("no good")
    assert str(error.value).splitlines() == [
        f"{table}:3:3: unknown key `feilds` (nearest: `fields`)",
        f"{table}:4:3: `swap` needs two texts",
        f"{table}:5:3: `ordered` is not a list",
        f"{table}:6:3: `count` is not a whole number",
        f"{table}:8:3: `id` is `two`, which is unknown (nearest: `tow`)",
        f"{table}:8:3: `words` is missing",
        f"{table}:8:3: no good",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "1:1: the table is no mapping"),
        ("a: 1\na: 2\n", "2:1: "),
        ("a: [\n", "2:1: "),
        ("a: {\n  b: x}\n  c\n", ""),
    ],
)
def test_a_file_that_is_no_table_is_refused_at_its_place(table: Path, text: str, message: str) -> None:
    table.write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as error, tables.opened(table):
        raise AssertionError("the table must not open")
    assert f"{table}:{message}" in str(error.value)


def test_a_missing_file_is_an_error_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no-such"), tables.opened(tmp_path / "no-such.yaml"):
        raise AssertionError("the table must not open")
