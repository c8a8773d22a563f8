"""Which breaches a change brings: those that the earlier state does not have.

Must not know what to look for: whoever asks hands over a search and both inventories.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aurora.model.inventory import Inventory
    from aurora.model.rule import Violation

    Find = Callable[[Inventory], Iterator[Violation]]


def brought(find: Find, before: Inventory, after: Inventory) -> Iterator[Violation]:
    """Yield the breaches after a change that no object has at the same place before it."""
    found = list(find(after))
    known = {(violation.manifest.id.identity, violation.steps) for violation in find(before)} if found else ()
    for violation in found:
        if (violation.manifest.id.identity, violation.steps) not in known:
            yield violation
