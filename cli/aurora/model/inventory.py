"""Every object of one environment, or of one foreign input, indexed for the checks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from aurora.kinds.table import is_builtin_group
from aurora.model.pod_template import PodTemplate, pod_templates
from aurora_constructs.names import DEFAULT, Names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from aurora.model.manifest import Manifest
    from aurora_constructs.cluster import ClusterFacts

Identity = tuple[str, str, str, str]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class External:
    """An object that exists in the cluster and that somebody else owns; an empty namespace means cluster-scoped."""

    group: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class StatedFlow:
    """A connection that a component's specification states: from a namespace, or to one or to a network.

    `inward` says that the component's pods are the target. Without a port, any port of theirs is meant. With `labels`
    they are pods of the namespace `home` that others make.
    """

    component: str
    inward: bool
    namespace: str = ""
    cidr: str = ""
    port: int | None = None
    home: str = ""
    labels: tuple[tuple[str, str], ...] = ()


class Inventory:
    """Objects and what is known about their surroundings.

    `cluster` are the facts that an environment states about its cluster, None for a foreign input; `names` is
    what the platform calls its own things.
    `closed` says that the objects are a whole environment, so that a reference to nothing is an error;
    in a foreign input it may lead to something that was not given, and is a warning.
    `folders` were named by people: each may be the root of a repository that Applications name paths of.
    `rendered` are the Applications whose charts gave some of the objects.
    `stated` are the connections that components state.
    """

    def __init__(  # noqa: PLR0913 - one parameter per fact
        self,
        manifests: Sequence[Manifest],
        *,
        environment: str | None = None,
        kubernetes: str = "1.35",
        cluster: ClusterFacts | None = None,
        names: Names = DEFAULT,
        externals: Sequence[External] = (),
        closed: bool = False,
        folders: Sequence[str] = (),
        rendered: Sequence[Identity] = (),
        stated: Sequence[StatedFlow] = (),
    ) -> None:
        self._manifests = tuple(manifests)
        self.environment = environment
        self.kubernetes = cluster.kubernetes if cluster else kubernetes
        self.cluster = cluster
        self.names = names
        self.externals = tuple(externals)
        self.closed = closed
        self.folders = tuple(folders)
        self.rendered = tuple(rendered)
        self.stated = tuple(stated)
        self._by_kind: dict[str, list[Manifest]] = defaultdict(list)
        self._by_identity: dict[Identity, Manifest] = {}
        for manifest in self._manifests:
            self._by_kind[manifest.id.kind].append(manifest)
            self._by_identity.setdefault(manifest.id.identity, manifest)
        self._pods = tuple(template for manifest in self._manifests for template in pod_templates(manifest))
        self._found: dict[Callable[[Inventory], Any], Any] = {}

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """All objects, in their order."""
        return self._manifests

    def surroundings(self) -> dict[str, Any]:
        """Give what is known beside the objects, by the name of its attribute."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def part(self, manifests: Sequence[Manifest]) -> Inventory:
        """Give an inventory of some of the objects, or of others, in the same surroundings."""
        return Inventory(manifests, **self.surroundings())

    def once(self, find: Callable[[Inventory], Found]) -> Found:
        """Give what a function finds in this inventory, found at the first call: many rules ask for the same."""
        if find not in self._found:
            self._found.setdefault(find, find(self))  # of two threads, both keep what came first
        found: Found = self._found[find]
        return found

    def every(self, find: Callable[[Inventory], Iterator[Found]]) -> tuple[Found, ...]:
        """Give all that a function yields of this inventory, found at the first call."""
        if find not in self._found:
            self._found.setdefault(find, tuple(find(self)))
        found: tuple[Found, ...] = self._found[find]
        return found

    def of_kind(self, kind: str, *, group: str | None = None) -> Iterator[Manifest]:
        """Yield the objects of a kind, of one API group or of any."""
        for manifest in self._by_kind.get(kind, ()):
            if group is None or manifest.id.group == group:
                yield manifest

    def find(self, kind: str, name: str, *, group: str = "", namespace: str | None = None) -> Manifest | None:
        """Give the object of that identity, if it is among the objects."""
        return self._by_identity.get((group, kind, namespace or "", name))

    def exists(self, kind: str, name: str, *, group: str = "", namespace: str | None = None) -> bool:
        """Tell whether an object is among the objects or declared external."""
        identity = (group, kind, namespace or "", name)
        return identity in self._by_identity or External(*identity) in self.externals

    def pods(self) -> tuple[PodTemplate, ...]:
        """Give every pod that the objects describe, wherever the table of kinds says that they stand."""
        return self._pods

    def whole_pods(self) -> Iterator[PodTemplate]:
        """Yield the pods to which no controller adds anything: only of these a missing setting says something."""
        return (pod for pod in self.pods() if not pod.partial)

    def pods_in(self, namespace: str) -> tuple[PodTemplate, ...]:
        """Give the pod templates whose pods run in a namespace."""
        return tuple(pod for pod in self._pods if pod.namespace == namespace)

    def namespaces(self) -> tuple[str, ...]:
        """Give the names of the namespaces that an object lives in or that are objects themselves, sorted."""
        return self.once(_namespaces)

    def custom(self) -> Iterator[Manifest]:
        """Yield the objects whose kind a CustomResourceDefinition defines."""
        return (manifest for manifest in self.manifests if not is_builtin_group(manifest.id.group))


def _namespaces(inventory: Inventory) -> tuple[str, ...]:
    used = {manifest.id.namespace for manifest in inventory.manifests if manifest.id.namespace}
    declared = {manifest.id.name for manifest in inventory.of_kind("Namespace")}
    return tuple(sorted(used | declared))
