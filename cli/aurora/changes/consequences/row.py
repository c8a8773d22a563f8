"""What a consequence is before it happens: a row of the table of consequences.

Must not know any kind's fields: the modules beside it do.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from aurora.changes.pairs import Pair
from aurora.model.change import Consequence, Impact
from aurora.model.manifest import Manifest
from aurora.model.place import Step, pointer
from aurora.model.resource import ResourceId

Found = tuple["Pair", Consequence]
WEAKER, STRONGER = (Impact.SECURITY_WEAKENED,), (Impact.SECURITY_STRENGTHENED,)
DOWNTIME, DATA_LOSS, CAPACITY = (Impact.DOWNTIME_RISK,), (Impact.DATA_LOSS_RISK,), (Impact.CAPACITY,)
SHOWN = 3
"""Names that a sentence lists before it counts the rest."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that may follow from a change, and what it means for the cluster; `texts` has the rest by the id."""

    id: str
    impacts: tuple[Impact, ...] = ()

    def found(
        self, pair: Pair, message: str, *, steps: Iterable[Step] | None = None, resource: ResourceId | None = None
    ) -> Found:
        """Say that it follows from a pair's change.

        The message is about the `resource` that it happens to, of the changed object where there is none;
        `steps` lead into the changed object.
        """
        place = None if steps is None else pointer(nearest(pair.subject, tuple(steps)))
        other = None if resource == pair.resource else resource
        return pair, Consequence(rule=self.id, message=message, impacts=self.impacts, pointer=place, resource=other)


def nearest(manifest: Manifest, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Give the longest beginning of the steps that leads to something; a removed field is shown at its parent."""
    value = manifest.body
    for number, step in enumerate(steps):
        if isinstance(value, dict) and step in value:
            value = value[step]  # type: ignore[assignment]
        elif isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
            value = value[step]
        else:
            return steps[:number]
    return steps


def counted(number: int, noun: str) -> str:
    """Write a number of things for a sentence."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def listed(names: Iterable[object]) -> str:
    """Join names for a sentence: the first few, and how many more there are."""
    every = [str(name) for name in names]
    rest = len(every) - SHOWN
    shown = ", ".join(every[:SHOWN])
    return f"{shown} and {rest} more" if rest > 0 else shown


def quoted(names: Iterable[object]) -> str:
    """Join names as `listed` does, each in backticks."""
    return listed(f"`{name}`" for name in names)
