"""In what two environments differ, and which of it was declared: the report of `aurora parity`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aurora.model.change import Absent
from aurora.model.json_value import JsonValue
from aurora.model.place import Place


class Standing(StrEnum):
    """What `--fail-on` may name: a difference that nobody declared, a declaration that covers none."""

    UNDECLARED = "undeclared"
    UNNEEDED = "unneeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A path that differs on purpose, as an environment declares it."""

    environment: str
    path: str
    reason: str
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one environment says; `place` is None for a default that nobody wrote, and for what it does not have."""

    value: JsonValue | Absent
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One value that is not the same in both, and the declaration that covers it, if one does."""

    path: str
    first: Side
    second: Side
    declared: Declaration | None


@dataclass(frozen=True, slots=True)
class Parity:
    """Two environments, everything in which they differ by path, and the declarations that cover nothing of it."""

    first: str
    second: str
    differences: tuple[Difference, ...]
    unneeded: tuple[Declaration, ...]

    @property
    def undeclared(self) -> tuple[Difference, ...]:
        """The differences that nobody declared."""
        return tuple(each for each in self.differences if each.declared is None)

    @property
    def declared(self) -> tuple[Difference, ...]:
        """The differences that somebody declared."""
        return tuple(each for each in self.differences if each.declared is not None)

    @property
    def standings(self) -> frozenset[Standing]:
        """What there is of each."""
        counts = {Standing.UNDECLARED: self.undeclared, Standing.UNNEEDED: self.unneeded}
        return frozenset(standing for standing, found in counts.items() if found)
