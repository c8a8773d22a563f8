"""Who may talk to whom in an environment, which policies allow it, and who needs it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from aurora.model.object_graph import Edge, Node, ObjectGraph, State
from aurora.model.resource import ResourceId

BLOCKED = "blocked"
"""What a flow is that somebody needs and policies do not let through."""


@dataclass(frozen=True, slots=True)
class Party:
    """One end of flows: workloads that policies cannot tell apart, pods that nobody describes, or addresses.

    `namespace` is None for addresses; `workloads` are empty for what no manifest describes.
    """

    name: str
    namespace: str | None = None
    workloads: tuple[str, ...] = ()
    components: tuple[str, ...] = ()

    @property
    def inside(self) -> str:
        """The name without the namespace."""
        return self.name.removeprefix(f"{self.namespace}/")


@dataclass(frozen=True, slots=True)
class NetworkFlow:
    """From one party to another, by their numbers; without `allowed_by`, no policy isolates either, or it is blocked.

    `needed_by` are the words of who says so; empty where nobody does.
    """

    source: int
    target: int
    ports: str
    allowed_by: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class NetworkGraph:
    """Parties in a fixed order, and the flows between them."""

    environment: str
    parties: tuple[Party, ...]
    flows: tuple[NetworkFlow, ...]

    @property
    def blocked(self) -> int:
        """How many flows are needed and blocked."""
        return sum(flow.blocked for flow in self.flows)

    @property
    def untold(self) -> int:
        """How many flows nobody is known to need."""
        return sum(not flow.needed_by for flow in self.flows)

    @property
    def components(self) -> tuple[str, ...]:
        """The components that own a workload, sorted."""
        return tuple(sorted({name for party in self.parties for name in party.components}))

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of all parties, sorted."""
        return tuple(sorted({party.namespace for party in self.parties if party.namespace}))

    def around(self, components: Collection[str], namespaces: Collection[str]) -> NetworkGraph:
        """Give the flows that begin or end in components and namespaces, and their parties."""
        inner = {
            number
            for number, party in enumerate(self.parties)
            if (not components or {*components} & {*party.components})
            and (not namespaces or party.namespace in namespaces)
        }
        flows = [flow for flow in self.flows if flow.source in inner or flow.target in inner]
        kept = sorted(inner | {number for flow in flows for number in (flow.source, flow.target)})
        numbers = {number: position for position, number in enumerate(kept)}
        return NetworkGraph(
            self.environment,
            tuple(self.parties[number] for number in kept),
            tuple(replace(flow, source=numbers[flow.source], target=numbers[flow.target]) for flow in flows),
        )

    def drawing(self) -> ObjectGraph:
        """Give the same as a graph that can be drawn: a cluster for each namespace, and ports on the edges."""
        nodes = tuple(
            Node(
                ResourceId("", "Pods" if party.namespace else "Addresses", party.namespace, party.inside),
                party.namespace,
                State.COMMITTED if party.workloads else State.EXTERNAL,
            )
            for party in self.parties
        )
        edges = (
            Edge(flow.source, flow.target, f"{BLOCKED}: {flow.ports}" if flow.blocked else flow.ports)
            for flow in self.flows
        )
        return ObjectGraph(self.environment, nodes, tuple(edges))
