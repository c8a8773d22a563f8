"""An inventory that notes which kinds it is asked for, so that what a rule looked at is known, not assumed.

A rule sees nothing but this object. The same answers to the same questions make the same findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate

Found = TypeVar("Found")
EVERYTHING, PODS, NAMESPACES = "*", "pods", "namespaces"
"""What can be asked for beside the objects of one kind; a kind begins with a capital letter."""


class Watched(Inventory):
    """Another inventory as one rule sees it.

    What many rules need is found once for all of them, by an inventory of its own, whose questions then count for
    each rule that uses it.
    """

    def __init__(self, seen: Inventory, shared: Shared) -> None:
        for name, value in seen.surroundings().items():
            setattr(self, name, value)
        self._seen = seen
        self._shared = shared
        self._asked: set[str] = set()
        self._used: set[Watched] = set()

    def questions(self) -> frozenset[str]:
        """Give everything that was asked, also by what was found for several rules."""
        return frozenset(self._asked).union(*(used.questions() for used in self._used))

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """All objects."""
        self._asked.add(EVERYTHING)
        return self._seen.manifests

    def once(self, find: Callable[[Inventory], Found]) -> Found:
        """Give what a function finds, found at the first call of any rule."""
        if find not in self._shared:
            own = Watched(self._seen, self._shared)
            self._shared[find] = own, find(own)
        used, found = self._shared[find]
        self._used.add(used)
        return found  # type: ignore[no-any-return]

    def every(self, find: Callable[[Inventory], Iterator[Found]]) -> tuple[Found, ...]:
        """Give all that a function yields, found at the first call of any rule."""
        if find not in self._shared:
            own = Watched(self._seen, self._shared)
            self._shared[find] = own, tuple(find(own))
        used, found = self._shared[find]
        self._used.add(used)
        return found  # type: ignore[no-any-return]

    def of_kind(self, kind: str, *, group: str | None = None) -> Iterator[Manifest]:
        """Yield the objects of a kind."""
        self._asked.add(kind)
        return self._seen.of_kind(kind, group=group)

    def find(self, kind: str, name: str, *, group: str = "", namespace: str | None = None) -> Manifest | None:
        """Give the object of that identity."""
        self._asked.add(kind)
        return self._seen.find(kind, name, group=group, namespace=namespace)

    def exists(self, kind: str, name: str, *, group: str = "", namespace: str | None = None) -> bool:
        """Tell whether an object is there or declared external."""
        self._asked.add(kind)
        return self._seen.exists(kind, name, group=group, namespace=namespace)

    def pods(self) -> tuple[PodTemplate, ...]:
        """Give every pod template."""
        self._asked.add(PODS)
        return self._seen.pods()

    def pods_in(self, namespace: str) -> tuple[PodTemplate, ...]:
        """Give the pod templates of a namespace."""
        self._asked.add(PODS)
        return self._seen.pods_in(namespace)

    def namespaces(self) -> tuple[str, ...]:
        """Give the names of the namespaces."""
        self._asked.add(NAMESPACES)
        return self._seen.namespaces()

    def custom(self) -> Iterator[Manifest]:
        """Yield the objects whose kind a definition defines."""
        self._asked.add(EVERYTHING)
        return self._seen.custom()


Shared = dict["Callable[[Inventory], Any]", tuple[Watched, Any]]
"""What was found for several rules, and by which inventory."""
