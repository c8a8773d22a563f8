"""What a rehearsal found: values that its reporters print. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """An Application whose source was replaced, and what took its place.

    `rendered` counts the objects of its chart, where the archive is there; `left_out` are objects that nobody would
    answer for.
    """

    application: str
    source: str
    rendered: int = 0
    definitions: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One Application on its way: its waves, and when it was created and first healthy, in seconds since the start."""

    application: str
    waves: tuple[int, ...]
    created: float | None
    healthy: float | None
    objects: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that was asked of the cluster: what, what should follow, what did, and how long that took."""

    asked: str
    expected: str
    happened: str
    holds: bool
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedKind:
    """A kind of the environment whose status was simulated, and in whose stead."""

    kind: str
    instead_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """The rehearsal of one environment: seconds until it was healthy, and the memory of the programs then."""

    environment: str
    revision: str
    seconds: float
    megabytes: float
    timeline: tuple[Moment, ...]
    out_of_order: tuple[str, ...]
    acts: tuple[Act, ...]
    stand_ins: tuple[StandIn, ...]
    simulated: tuple[SimulatedKind, ...]

    @property
    def healthy(self) -> bool:
        """Whether every Application ended Synced and Healthy."""
        return bool(self.timeline) and all(each.healthy is not None for each in self.timeline)

    @property
    def holds(self) -> bool:
        """Whether everything was as it should be."""
        return self.healthy and not self.out_of_order and all(act.holds for act in self.acts)

    @property
    def not_shown(self) -> tuple[str, ...]:
        """What such a cluster cannot show: what follows from everything that was simulated or left out."""
        found = [
            "whether images exist and processes start, probes answer and volumes hold data: no kubelet runs",
            "whether NetworkPolicies are enforced: no network plugin runs",
            "how soon Argo CD acts: here it compares every 10 s, heals after 1 s and does not pause between waves",
        ]
        found += [f"what {name} would do: the status of {kinds} is simulated" for name, kinds in self._simulated()]
        charts = [each.application for each in self.stand_ins if not each.rendered]
        if charts:
            found.append(f"what the sources of {', '.join(charts)} hold: only definitions stood in for them")
        if any(each.left_out for each in self.stand_ins):
            found.append("what admission webhooks would refuse: their configurations were left out")
        return tuple(found)

    def _simulated(self) -> list[tuple[str, str]]:
        names = dict.fromkeys(each.instead_of for each in self.simulated)
        return [(name, ", ".join(each.kind for each in self.simulated if each.instead_of == name)) for name in names]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsals:
    """The rehearsals of one run, and the versions of the programs."""

    environments: tuple[Rehearsal, ...]
    programs: dict[str, str]

    @property
    def holds(self) -> bool:
        """Whether everything was as it should be, everywhere."""
        return all(each.holds for each in self.environments)
