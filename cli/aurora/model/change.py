"""What happens to one object between two states of a repository: values that every reader of a diff shares."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from aurora.model.json_value import JsonValue
from aurora.model.manifest import Manifest, Origin
from aurora.model.resource import ResourceId


class Effect(StrEnum):
    """What the cluster does about the change of one object; the order is that of the risk, most serious first."""

    REFUSED = "refused"
    DELETED = "deleted"
    RECREATE = "recreate"
    ROLLING_RESTART = "rolling-restart"
    TRAFFIC_SHIFT = "traffic-shift"
    SCALE = "scale"
    RENAMED = "renamed"
    CREATED = "created"
    IN_PLACE = "in-place"
    METADATA_ONLY = "metadata-only"
    UNCHANGED = "unchanged"


PARTS: Final = {Effect.RENAMED: (Effect.DELETED, Effect.CREATED)}
"""Effects that are two others at once: who asks for one of those is told."""


class Impact(StrEnum):
    """What a change means beyond its effect; the order is that of the risk, most serious first."""

    DATA_LOSS_RISK = "data-loss-risk"
    DOWNTIME_RISK = "downtime-risk"
    SECURITY_WEAKENED = "security-weakened"
    CAPACITY = "capacity"
    SECURITY_STRENGTHENED = "security-strengthened"


class Absent(Enum):
    """The type of `ABSENT`: a field that one side does not have, which is not the value null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that both sides store differently.

    `pointer` leads into the side that has the field, the later one where both have it. `path` is for people:
    items of lists that have keys are named by them, `spec.template.spec.containers[name=model].image`.
    `reordered` says that a list with keys holds the same items in another order; both values are then its keys.
    """

    pointer: str
    path: str
    before: JsonValue | Absent
    after: JsonValue | Absent
    reordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """Something that follows from a change: a risk, a gain, or what happens to another object.

    `rule` is the id of the row in `docs/effects.md` that says so. `resource` names the other object that it
    happens to, None where it is the changed object itself; `pointer` leads into the changed object.
    """

    rule: str
    message: str
    impacts: tuple[Impact, ...] = ()
    pointer: str | None = None
    resource: ResourceId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One object's change, complete enough to be shown alone.

    `before` is None for a created object and `after` for a deleted one. `rule` is the id of the row in
    `docs/effects.md` that decided the effect, `reason` its words for this object.
    """

    resource: ResourceId
    effect: Effect
    rule: str
    reason: str
    environment: str | None = None
    component: str | None = None
    before: Manifest | None = None
    after: Manifest | None = None
    fields: tuple[FieldChange, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    origin: Origin | None = None

    @property
    def impacts(self) -> tuple[Impact, ...]:
        """Every impact of the change, most serious first, each once."""
        found = {impact for entry in self.consequences for impact in entry.impacts}
        return tuple(impact for impact in Impact if impact in found)
