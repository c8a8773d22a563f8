"""The files of the table of effects: a group is read alone, and what is wrong in one is told with its place."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from aurora.changes.effects import rows
from aurora.changes.effects.row import EVERY
from aurora.errors import TableError
from aurora.model.change import Effect

ROWS = """\
subjects:
- kinds: [Widget]
  example: |
    apiVersion: example.com/v1
    kind: Widget
    metadata: {name: one}
    spec: {size: 1, mode: fast}
  rows:
  - id: widget/size
    fields: [spec.size]
    when: {words: it is fast, after: spec.mode, is: fast}
    effect: scale
    words: pods are added
    source: example.com
    swap: ["size: 1", "size: 2"]
  - id: widget/mode
    fields: [spec.mode]
    when: {words: a mode is set, named: set}
    effect: in-place
    words: the mode changes
    source: example.com
    given: ["size: 1", "size: 2"]
    swap: [fast, slow]
"""
SECTIONS = "sections:\n- title: Widgets\n  subjects: [widget]\n"


KINDS = "kinds:\n  Widget: {scope: Namespaced}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, ROWS)
    write(tmp_path, KINDS, "example.com/kinds.yaml")
    write(tmp_path, KINDS, "other.example.com/kinds.yaml")
    write(tmp_path, KINDS.replace("Widget", "Secret"), "core/kinds.yaml")
    (tmp_path / "sections.yaml").write_text(SECTIONS, encoding="utf-8")
    return tmp_path


def write(folder: Path, text: str, name: str = "example.com/effects.yaml") -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_rows_of_a_group_have_its_kinds_and_both_sides_of_their_examples(folder: Path) -> None:
    size, mode = rows.read_group(folder, "example.com")
    assert size.kinds == mode.kinds == (("example.com", "Widget"),)
    assert (size.id, size.effect, size.fields) == ("widget/size", Effect.SCALE, ("spec.size",))
    assert "{size: 2, mode: fast}" in size.after
    assert ("{size: 2, mode: fast}" in mode.before, "{size: 2, mode: slow}" in mode.after) == (True, True)
    assert rows.read_group(folder, "nobody.example.com") == ()
    assert rows.read_sections(folder)["Widgets"][0].id == "widget/size"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("named: set", "named: sett", "18:34: `named` is `sett`, which is unknown (nearest: `set`)"),
        ("named: set", "becomes: [a], is: b", "18:5: a condition has one of `named`, `becomes` and `is`"),
        ("after: spec.mode, is", "is", "11:5: `is` needs `before` or `after`: the field that has the value"),
        ("words: it is fast, ", "", "11:5: `words` is missing"),
        ("effect: scale", "effect: scales", "12:5: `effect` is `scales`, which is unknown (nearest: `scale`)"),
        ("[Widget]", "[other.example.com/Widget]", "2:11: `other.example.com/Widget` is no kind of this group"),
        ("[Widget]", "[Widgte]", "2:11: the table of kinds has no `Widgte` (nearest: `Widget`)"),
        ("widget/mode", "widget/size", "16:5: a second row has the id `widget/size`"),
        (
            "    source: example.com\n    swap",
            "    sources: x\n    swap",
            "14:5: unknown key `sources` (nearest: `source`)",
        ),
        ('swap: ["size: 1"', 'swap: ["size: 3"', "15:5: `size: 3` occurs 0 times in the example"),
        ('swap: ["size: 1"', 'swap: ["s"', "15:5: `s` occurs "),
        ("[fast, slow]", "[fast]", "23:5: `swap` needs texts in twos"),
        ("    fields: [spec.size]\n", "", "9:5: `fields` is missing"),
        ("fields: [spec.size]", "fields: [1]", "10:14: an item of `fields` is no text"),
        ("  rows:\n", "  ros:\n", "8:3: unknown key `ros` (nearest: `rows`)"),
        ("kinds: [Widget]", "kinds: Widget", "2:3: `kinds` is not a list"),
    ],
)
def test_a_broken_row_is_told_with_its_place(folder: Path, old: str, new: str, message: str) -> None:
    assert ROWS.count(old) >= 1
    write(folder, ROWS.replace(old, new, 1))
    with pytest.raises(TableError) as error:
        rows.read_group(folder, "example.com")
    path = folder / "example.com" / "effects.yaml"
    assert any(line.startswith(f"{path}:{message}") for line in str(error.value).splitlines()), str(error.value)


def test_a_row_of_two_groups_needs_the_group_of_each_kind(folder: Path) -> None:
    write(folder, ROWS.replace("[Widget]", "[example.com/Widget, core/Secret]"), "any/effects.yaml")
    assert rows.read_group(folder, "any")[0].kinds == (("example.com", "Widget"), ("", "Secret"))
    write(folder, ROWS, "any/effects.yaml")
    with pytest.raises(TableError, match=re.escape("2:11: `Widget` is no kind of this group: its group is missing")):
        rows.read_group(folder, "any")


def test_an_id_that_two_groups_have_is_an_error(folder: Path) -> None:
    write(folder, ROWS, "other.example.com/effects.yaml")
    with pytest.raises(TableError, match="other.example.com/effects.yaml:9:5: a second row has the id `widget/size`"):
        rows.read_sections(folder)


def test_every_subject_is_in_one_section(folder: Path) -> None:
    (folder / "sections.yaml").write_text("sections:\n- {title: A, subjects: [wigdet]}\n", encoding="utf-8")
    with pytest.raises(TableError) as error:
        rows.read_sections(folder)
    assert "2:25: no row is about `wigdet`, or another section has it" in str(error.value)
    assert "1:1: the rows of `widget` are in no section" in str(error.value)


def test_only_the_groups_that_are_asked_for_are_read() -> None:
    code = (
        "from aurora.changes.effects import rows\n"
        "rows.of_kind(('batch', 'Job'))\n"
        "print(rows.group.cache_info().currsize, rows.sections.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2", "0"]


def test_rows_without_fields_are_those_of_whole_objects_only() -> None:
    assert {row.kinds for row in rows.every() if not row.fields} == {(EVERY,)}
