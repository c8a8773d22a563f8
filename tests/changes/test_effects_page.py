"""`docs/effects.md` says what the tables say, and every row can be explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.changes import consequences, page
from aurora.changes.effects import rows
from aurora.model.change import Effect

IDS = [row.id for row in rows.every()] + [row.id for row in consequences.ROWS]
COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "effects.md"


def test_the_page_is_what_the_tables_say(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        COMMITTED.write_text(page.text(), encoding="utf-8", newline="\n")
    assert COMMITTED.read_text(encoding="utf-8") == page.text(), "see `pytest --update-golden`"


def test_every_row_has_one_line_of_the_page() -> None:
    lines = page.text().splitlines()
    for id_ in IDS:
        assert sum(line.startswith(f"| `{id_}` |") for line in lines) == 1, id_


def test_ids_of_rows_are_unique_in_both_tables() -> None:
    assert len(IDS) == len(set(IDS))


def test_every_effect_has_a_meaning_and_a_row() -> None:
    assert set(page.MEANINGS) == set(Effect) == {row.effect for row in rows.every()}


def test_cells_do_not_break_the_tables() -> None:
    tables = [line for line in page.text().splitlines() if line.startswith("|")]
    widths = {line.replace("\\|", "").count("|") for line in tables}
    assert widths == {4, 6, 8}


def test_every_row_is_explained_with_its_example() -> None:
    for row in rows.every():
        text = page.explained(row.id)
        assert text is not None
        assert row.id in text
        assert " ".join(row.words.split()) in " ".join(text.split())
        assert text.count(": no such object") == (not row.before) + (not row.after)
    assert all(page.explained(row.id) for row in consequences.ROWS)
    assert page.explained("deployment/unknown") is None
