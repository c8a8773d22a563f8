"""The effects of changes: a table of what the cluster does about each field, and the decision that reads it.

`decide` gives the effect of one object's change; `ROWS` is the table that `docs/effects.md` and `aurora explain`
show. What a change means for other objects is not decided here.
"""

from __future__ import annotations

from aurora.changes.effects import generic, table
from aurora.changes.effects.decision import Verdict, decide
from aurora.changes.effects.row import Row

SECTIONS: dict[str, tuple[Row, ...]] = table.SECTIONS | {"Every kind": generic.ROWS}
"""Every row by its subject: those of single kinds first, in the order in which they are asked."""

ROWS: tuple[Row, ...] = tuple(row for rows in SECTIONS.values() for row in rows)
"""Every row, each once."""

__all__ = ["ROWS", "SECTIONS", "Row", "Verdict", "decide"]
