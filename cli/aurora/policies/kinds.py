"""Which resource a kind is stored as, and whether it is in a namespace: from definitions, never from its name.

Custom kinds are known from the CustomResourceDefinitions among the objects and in folders of definitions. Kinds
of built-in groups follow one rule, which a test holds to the table of the policy engine.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aurora.kinds.table import builtin_scope, is_builtin_group
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, text
from aurora.model.resource import ResourceId
from aurora.policies.matching import guessed_plural
from aurora.schemas import sources
from aurora.schemas.derived import DerivedFiles
from aurora.tools.verdicts import Kind


@dataclass(frozen=True, slots=True)
class Served:
    """What is known about a kind."""

    resource: str
    namespaced: bool


class Kinds:
    """The kinds of an inventory; `schemas` are folders of definitions, read when a kind is in none of the objects."""

    def __init__(self, inventory: Inventory, schemas: Sequence[Path] = (), cache: Path | None = None) -> None:
        self._own = dict(_served(entry.body for entry in inventory.of_kind("CustomResourceDefinition")))
        self._schemas = tuple(schemas)
        self._cache = cache
        self._others: dict[tuple[str, str], Served] | None = None
        self._found: dict[tuple[str, str], Served | None] = {}

    def find(self, group: str, kind: str) -> Served | None:
        """Give what is known about a kind; None for a custom one without definition.

        Raises:
            InputError: a folder holds a broken definition.
            UsageError: a folder does not exist, or defines one kind in two ways.
            StorageError: a schema pack is not what its lock says, or a file cannot be read.
        """
        kind_id = (group, kind)
        if kind_id not in self._found:
            self._found[kind_id] = self._find(group, kind)
        return self._found[kind_id]

    def _find(self, group: str, kind: str) -> Served | None:
        if is_builtin_group(group):
            return Served(guessed_plural(kind), builtin_scope(group, kind) == "Namespaced")
        return self._own.get((group, kind)) or self._from_folders().get((group, kind))

    def custom(self, identities: Iterable[ResourceId]) -> tuple[Kind, ...]:
        """Give the kinds of some objects that are not built in and whose resource is known."""
        found: set[Kind] = set()
        for identity in identities:
            served = None if is_builtin_group(identity.group) else self.find(identity.group, identity.kind)
            if served is not None:
                found.add(Kind(identity.group, identity.version, identity.kind, served.resource, served.namespaced))
        return tuple(sorted(found))

    def _from_folders(self) -> dict[tuple[str, str], Served]:
        if self._others is None:
            self._others = {}
            if self._schemas and self._cache is not None:
                offered = sources.by_kind(sources.from_folders(self._schemas, DerivedFiles(self._cache)))
                self._others = dict(_served(definition.crd().body for definition in offered.values()))
        return self._others


def _served(definitions: Iterable[JsonObject]) -> Iterator[tuple[tuple[str, str], Served]]:
    for body in definitions:
        kind, plural = text(dig(body, "spec", "names", "kind")), text(dig(body, "spec", "names", "plural"))
        if kind and plural:
            key = (text(dig(body, "spec", "group")), kind)
            yield key, Served(plural, dig(body, "spec", "scope") != "Cluster")
