"""One object on both sides of a diff, and everything that its effect and its consequences are decided from."""

from __future__ import annotations

from dataclasses import dataclass

from aurora.changes.sides import Side
from aurora.cluster.applications import Application
from aurora.model.change import FieldChange
from aurora.model.manifest import Manifest
from aurora.model.resource import ResourceId
from aurora_constructs.names import DEFAULT, Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One object before and after; one of both is None where it is created or deleted, ids differ where renamed.

    `fields` are the differences of the stored forms, so that defaults, key order and spellings of quantities are
    none; empty for created and deleted objects. `same` says that both are stored alike although their texts
    differ. `refusals` are the API server's words for refusing the update, or the creation of a new object.
    `unstored` says why the server's code has no stored forms to compare; the fields are then those of the texts.
    `unread` says that the other side has this object's file and that it cannot be read. `stays` says why an object
    stays in the cluster although its manifest is gone. `owners` are the Applications that sync the later manifest.
    """

    before: Manifest | None
    after: Manifest | None
    fields: tuple[FieldChange, ...] = ()
    same: bool = False
    refusals: tuple[str, ...] = ()
    unstored: str | None = None
    unread: bool = False
    stays: str | None = None
    owners: tuple[Application, ...] = ()

    @property
    def subject(self) -> Manifest:
        """The later manifest, or the deleted one."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a pair has at least one side")
        return found

    @property
    def resource(self) -> ResourceId:
        """The identity that people know the object by."""
        return self.subject.id

    @property
    def renamed(self) -> bool:
        """Whether both sides exist under different identities."""
        return self.before is not None and self.after is not None and self.before.id.identity != self.after.id.identity

    @property
    def halves(self) -> tuple[Pair, ...]:
        """What the cluster does: it deletes a renamed object and creates another, and updates every other one."""
        if not self.renamed:
            return (self,)
        return Pair(before=self.before, after=None), Pair(before=None, after=self.after, refusals=self.refusals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything of one environment: both sides, the pairs that differ, and what the environment calls its own things.

    Objects that are equal are in no pair.
    """

    before: Side
    after: Side
    pairs: tuple[Pair, ...]
    names: Names = DEFAULT

    @property
    def environment(self) -> str | None:
        """The environment's name, None for foreign folders."""
        return self.after.environment
