"""What one page says about environments: components, routing, capacity, versions, beside checks and controls."""

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from aurora.model.control_matrix import ControlMatrix, Objects
from aurora.model.encryption import Encryption
from aurora.model.node_pools import Costs, Pools
from aurora.model.place import Place
from aurora.model.report import Report
from aurora.model.resource import ResourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentLine:
    """One component: what it is, where its objects live, and how many it has."""

    name: str
    kind: str
    namespaces: tuple[str, ...]
    objects: int
    pods: int
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """One Service behind a route, its share of the requests, and the model versions of its pods.

    `share` is None where requests are not divided; `condition` says which requests come here at all;
    `pods` says in words how many pods may answer.
    """

    service: str
    share: Fraction | None
    condition: str
    versions: tuple[str, ...]
    pods: str


@dataclass(frozen=True, slots=True)
class Route:
    """Where requests to some hosts go."""

    resource: ResourceId
    hosts: tuple[str, ...]
    backends: tuple[Backend, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much of something the objects of a namespace may take at the most, and what its quota allows."""

    item: str
    most: Fraction
    quota: Fraction | None


@dataclass(frozen=True, slots=True)
class Capacity:
    """The amounts of a namespace; `notes` say what they leave out."""

    namespace: str
    amounts: tuple[Amount, ...]
    notes: tuple[str, ...] = ()


class Standing(StrEnum):
    """How a version relates to the layer of current versions."""

    CURRENT = "current"
    OTHER = "other than current"
    OWN = "not in current"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A pinned version, where it is written, and what the layer of current versions says."""

    path: str
    value: str
    current: str | None
    place: Place | None

    @property
    def standing(self) -> Standing:
        """How it relates to the layer of current versions."""
        if self.current is None:
            return Standing.OWN
        return Standing.CURRENT if self.current == self.value else Standing.OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentOverview:
    """Everything that the page says about one environment alone."""

    name: str
    facts: tuple[tuple[str, str], ...]
    objects: Objects
    components: tuple[ComponentLine, ...]
    routes: tuple[Route, ...]
    capacity: tuple[Capacity, ...]
    pools: Pools
    versions: tuple[Version, ...]
    encryption: Encryption = field(default_factory=Encryption)
    costs: Costs | None = None
    """What its node pools cost, where somebody gave prices."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The page: environments, what the checks proved of them, and what protects them.

    `left_out` names the checks that were not run.
    """

    environments: tuple[EnvironmentOverview, ...]
    report: Report
    matrix: ControlMatrix
    left_out: tuple[str, ...] = ()
