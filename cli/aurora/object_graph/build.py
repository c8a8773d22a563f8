"""Builds the graph of an environment as it is committed, with what its charts render. Compiles nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from aurora import pipeline, validation
from aurora.charts import rendering
from aurora.cluster.references.lookup import DEFAULT_NAMESPACE, Reference, exists, find
from aurora.cluster.references.provided_secrets import provided_secrets
from aurora.environment.model import Environment
from aurora.memory.store import Memory
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.object_graph import Edge, Node, ObjectGraph, State
from aurora.model.resource import ResourceId
from aurora.object_graph.links import Link, component_id, links, synced
from aurora.paths import RepositoryPaths

Key = tuple[str, str, str, str]


def committed(paths: RepositoryPaths, name: str, memory: Memory | None = None) -> ObjectGraph:
    """Build the graph of an environment; raises what `inventory` does."""
    return of(inventory(paths, name, memory))


def inventory(paths: RepositoryPaths, name: str, memory: Memory | None = None) -> Inventory:
    """Give the objects of an environment as it is committed, with what its charts render.

    Raises:
        ToolError: a chart is there and cannot be asked for its objects.
        InputError: the environment's file or a committed manifest cannot be read.
        UsageError: there is no such environment, or it was never compiled.
        StorageError: a file cannot be read.
    """
    (environment,) = pipeline.load_environments(paths, [name])
    return inventory_of(paths, environment, memory)


def inventory_of(paths: RepositoryPaths, environment: Environment, memory: Memory | None = None) -> Inventory:
    """Give the same of an environment that was read already."""
    found = validation.readable(paths, environment)
    with pipeline.settings(charts=paths.charts, memory=memory) as settings:
        return rendering.expanded([found], settings, judging=False).inventories[0]


def of(inventory: Inventory) -> ObjectGraph:
    """Build the graph of an inventory: its objects, what they name, and components with what is synced for them."""
    building = _Building(inventory)
    for manifest in inventory.manifests:
        number = building.object(manifest)
        if manifest.rendered_by is not None:
            building.join(building.node(manifest.rendered_by, manifest.component, State.COMMITTED), number, "renders")
    for link in links(inventory):
        building.link(link)
    for application, component in synced(inventory):
        target = building.node(component_id(building.name, component), component, State.COMMITTED)
        building.join(building.object(application), target, "syncs")
    return building.graph()


@dataclass(slots=True)
class _Building:
    """Nodes by what the cluster tells objects apart by, and the links between each pair."""

    inventory: Inventory
    _numbers: dict[Key, int] = field(default_factory=dict)
    _nodes: list[Node] = field(default_factory=list)
    _edges: dict[tuple[int, int], dict[str, None]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.inventory.environment or ""

    def object(self, manifest: Manifest) -> int:
        """Give the number of an object's node."""
        number = self.node(manifest.id, manifest.component, State.COMMITTED)
        if self._nodes[number].place is None:
            self._nodes[number] = Node(manifest.id, manifest.component, State.COMMITTED, manifest.source.place)
        return number

    def node(self, resource: ResourceId, component: str | None, state: State) -> int:
        """Give the number of a node, added at the first call."""
        number = self._numbers.setdefault(_key(resource), len(self._nodes))
        if number == len(self._nodes):
            self._nodes.append(Node(resource, component, state))
        return number

    def link(self, link: Link) -> None:
        """Add what a link says; a name that leads to no object becomes a node of its own."""
        source = self.object(link.source)
        if isinstance(link.target, Manifest):
            self.join(source, self.object(link.target), link.how)
        else:
            self.join(source, self._named(link.target), link.how)

    def _named(self, reference: Reference) -> int:
        manifest = find(self.inventory, reference)
        if manifest is not None:
            return self.object(manifest)
        version = f"{reference.group}/" if reference.group else ""
        return self.node(
            ResourceId(version, reference.kind, reference.namespace, reference.name), None, self._state(reference)
        )

    def _state(self, reference: Reference) -> State:
        made = reference.kind == "Secret" and provided_secrets(self.inventory).exists(
            reference.namespace, reference.name
        )
        if made:
            return State.MADE
        return State.EXTERNAL if exists(self.inventory, reference) else State.MISSING

    def join(self, source: int, target: int, how: str) -> None:
        """Add a link between two nodes; a node has no link to itself."""
        if source != target:
            self._edges.setdefault((source, target), {})[how] = None

    def graph(self) -> ObjectGraph:
        """Give the graph, its nodes ordered by component and name."""
        order = sorted(range(len(self._nodes)), key=lambda number: _position(self._nodes[number]))
        numbers = {old: new for new, old in enumerate(order)}
        edges: Iterable[Edge] = (
            Edge(numbers[source], numbers[target], ", ".join(sorted(ways)))
            for (source, target), ways in self._edges.items()
        )
        return ObjectGraph(
            self.name,
            tuple(self._nodes[number] for number in order),
            tuple(sorted(edges, key=lambda edge: (edge.source, edge.target))),
        )


def _key(resource: ResourceId) -> Key:
    """Take an object without namespace and one in `default` for the same, as the checks do."""
    group, kind, namespace, name = resource.identity
    return group, kind, "" if namespace == DEFAULT_NAMESPACE else namespace, name


def _position(node: Node) -> tuple[bool, str, str, str, str]:
    resource = node.resource
    return node.component is None, node.component or "", resource.kind, resource.namespace or "", resource.name
