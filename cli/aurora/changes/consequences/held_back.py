"""What a refusal means for everything else: nothing follows from a change that the API server does not accept."""

from collections.abc import Iterable, Iterator

from aurora.changes.consequences.row import Found, Row

HELD_BACK = Row("refused/held-back")


def marked(found: Iterable[Found]) -> Iterator[Found]:
    """Yield everything, with a note before what is said of a refused change."""
    noted: set[int] = set()
    for pair, consequence in found:
        if pair.refusals and id(pair) not in noted:
            noted.add(id(pair))
            yield HELD_BACK.found(pair, "what follows here, follows only once the API server accepts the change")
        yield pair, consequence
