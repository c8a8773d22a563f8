"""What a refusal means for everything else: nothing follows from a change that the API server does not accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.consequences.examples import CLAIM, edit
from aurora.changes.consequences.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aurora.changes.consequences.row import Found

HELD_BACK = Row(
    id="refused/held-back",
    subject="every kind",
    words="the API server refuses the change: whatever else is said of it follows only once it is accepted",
    source="server validation: the update, or the creation, is refused as the API server would",
    example=edit(CLAIM, "storage: 10Gi", "storage: 5Gi"),
    counter=edit(CLAIM, "storage: 10Gi", "storage: 20Gi"),
)
ROWS = (HELD_BACK,)


def marked(found: Iterable[Found]) -> Iterator[Found]:
    """Yield everything, with a note before what is said of a refused change."""
    noted: set[int] = set()
    for pair, consequence in found:
        if pair.refusals and id(pair) not in noted:
            noted.add(id(pair))
            yield HELD_BACK.found(pair, "what follows here, follows only once the API server accepts the change")
        yield pair, consequence
