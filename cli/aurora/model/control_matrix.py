"""What protects each namespace: controls by guard, how firmly each holds, and the test that proves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from aurora.model.place import Place


class Guard(StrEnum):
    """Who sees to a control, in the order of an object's life."""

    AUTHORING = "authoring default"
    KYVERNO = "Kyverno"
    POD_SECURITY = "Pod Security"
    TETRAGON = "Tetragon"


class Grip(StrEnum):
    """How firmly a guard holds: it refuses or leaves no exception, it reports, it covers a part, or nothing."""

    FIRM = "firm"
    REPORTS = "reports"
    PARTIAL = "partial"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Proof:
    """A test that would fail if the guard did not do what the cell says; `place` is None if there is no such test."""

    name: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class Cell:
    """What one guard does about one control in one namespace."""

    grip: Grip
    words: str
    proofs: tuple[Proof, ...] = ()

    @property
    def unproved(self) -> bool:
        """Whether it claims something that no test proves."""
        claims = self.grip is not Grip.NONE
        return (claims and not self.proofs) or any(proof.place is None for proof in self.proofs)


@dataclass(frozen=True, slots=True)
class Row:
    """One control with what each guard does about it."""

    control: str
    title: str
    cells: Mapping[Guard, Cell]

    @property
    def idle(self) -> bool:
        """Whether nobody does anything about it here, and no object was found lacking it either."""
        return all(cell.grip is Grip.NONE and not cell.proofs for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class Section:
    """The namespaces of an environment that are protected in the same way, and how."""

    environment: str
    namespaces: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Objects:
    """How many objects were looked at: those that are committed, and those that charts render beside them."""

    committed: int
    rendered: int

    @property
    def words(self) -> str:
        """Both numbers in words."""
        return f"{self.committed:,} committed + {self.rendered:,} rendered from charts"


@dataclass(frozen=True, slots=True)
class ControlMatrix:
    """The controls of environments; `unassigned` are bound policies that belong to no control.

    `objects` are those of each environment, in the order of `environments`.
    """

    environments: tuple[str, ...]
    sections: tuple[Section, ...]
    unassigned: tuple[tuple[str, str], ...] = ()
    objects: tuple[Objects, ...] = ()

    @property
    def unproved(self) -> tuple[str, ...]:
        """The cells that claim something without a test that exists, each in words."""
        return tuple(
            f"{section.environment}/{namespace}: {row.title}: {guard} ({cell.words})"
            for section in self.sections
            for namespace in section.namespaces
            for row in section.rows
            for guard, cell in row.cells.items()
            if cell.unproved
        )

    def proofs(self) -> tuple[Proof, ...]:
        """Give every proof once, in the order of the cells."""
        found = (
            proof
            for section in self.sections
            for row in section.rows
            for cell in row.cells.values()
            for proof in cell.proofs
        )
        return tuple(dict.fromkeys(found))
