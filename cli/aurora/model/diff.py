"""A whole diff: everything that differs between two states, with nothing left out silently."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from aurora.model.change import Change, Effect, Impact
from aurora.model.finding import Finding
from aurora.model.place import Place
from aurora.model.resource import ResourceId

ROLLOUT = "rollout/"
"""Begins the rules about steps of versions on trial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the workloads of one side ask for: pods, CPU cores, bytes of memory, GPUs, bytes of storage."""

    pods: int = 0
    cpu: Fraction = Fraction(0)
    memory: Fraction = Fraction(0)
    gpus: Fraction = Fraction(0)
    storage: Fraction = Fraction(0)

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            pods=self.pods + other.pods,
            cpu=self.cpu + other.cpu,
            memory=self.memory + other.memory,
            gpus=self.gpus + other.gpus,
            storage=self.storage + other.storage,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolMovement:
    """What is requested of one thing in one node pool, before and after: as written, and at most.

    `pool` is None for what several pools take.
    """

    pool: str | None
    item: str
    before: Fraction
    after: Fraction
    most_before: Fraction
    most_after: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What an environment asks for before and after; `pools` are those in which it changes, where pools are known."""

    environment: str | None
    before: Totals
    after: Totals
    pools: tuple[PoolMovement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A changed line of an environment file or a construct, and the objects that it touched.

    `what` says it in words, such as `components.inference.canary.weight: 10 → 25`.
    """

    what: str
    place: Place | None
    resources: tuple[tuple[str | None, ResourceId], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Changes of several objects that are the same edit: they have one effect and the same changed fields."""

    changes: tuple[Change, ...]

    @property
    def example(self) -> Change:
        """The change that stands for all of them."""
        return self.changes[0]

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments that hold the objects, sorted."""
        return tuple(sorted({change.environment for change in self.changes if change.environment}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """Everything that a change does.

    `changes` are in order of risk and hold no `unchanged` object that is equal byte for byte; those are only
    counted in `identical`. `folds` holds every change exactly once. `findings` are what could not be read or
    judged on either side, `unread`, and illegal steps of versions on trial.
    """

    base: str
    head: str
    environments: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    folds: tuple[Fold, ...] = ()
    movements: tuple[Movement, ...] = ()
    edits: tuple[Edit, ...] = ()
    findings: tuple[Finding, ...] = ()
    objects_before: int = 0
    objects_after: int = 0
    identical: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def unread(self) -> tuple[Finding, ...]:
        """What could not be read or judged: with one of these the diff is not the whole truth."""
        return tuple(finding for finding in self.findings if not finding.rule.startswith(ROLLOUT))

    def effects(self) -> Counter[Effect]:
        """Count the changes of each effect."""
        return Counter(change.effect for change in self.changes)

    def impacts(self) -> Counter[Impact]:
        """Count the changes of each impact."""
        return Counter(impact for change in self.changes for impact in change.impacts)
