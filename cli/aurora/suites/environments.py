"""What the environments bind and hold, as committed: the policies and the objects that they may meet.

Compiles nothing. Must not judge.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aurora import packs, pipeline, validation
from aurora.environment.model import Environment
from aurora.model.inventory import Inventory
from aurora.model.json_value import mapping
from aurora.paths import RepositoryPaths
from aurora.policies import sources
from aurora.policies.handing import Handed, Surroundings, sort_out
from aurora.policies.kinds import Kinds
from aurora.policies.matching import NAME_LABEL, Constraints, Subject, constraints
from aurora.policies.sources import Policy


@dataclass(frozen=True, slots=True)
class Bound:
    """One environment: its objects as Kyverno gets them, the policies that judge them, and all that it binds."""

    environment: str
    inventory: Inventory
    surroundings: Surroundings
    objects: tuple[Handed, ...]
    judging: tuple[Policy, ...]
    constraints: dict[str, Constraints]

    def met(self, policy: str) -> int:
        """Count the objects that a policy meets."""
        found = self.constraints[policy]
        return sum(found.matches(entry.subject) for entry in self.objects)

    def leaves_out(self, policy: str) -> bool:
        """Tell whether a policy judges such objects in every namespace but those that the environment describes."""
        found = self.constraints.get(policy)
        if found is None or not found.selects_namespace(_LATER):
            return False
        anywhere = replace(found, namespace_selector=None)
        return any(anywhere.matches(entry.subject) for entry in self.objects)


_LATER = Subject(
    group="",
    version="v1",
    resource="namespaces",
    namespace="",
    name="",
    labels={},
    namespace_labels={NAME_LABEL: "aurora-namespace-that-nobody-describes"},
)


def committed(paths: RepositoryPaths, names: Iterable[str] = ()) -> tuple[Bound, ...]:
    """Give every environment as it is committed.

    Raises:
        InputError: an environment's own file cannot be read.
        UsageError: an environment was never compiled.
        StorageError: a file cannot be read.
    """
    environments: Sequence[Environment] = pipeline.load_environments(paths, tuple(names))
    pack = packs.pack_of(paths)
    return tuple(bound(validation.committed(paths, entry).inventory, pack) for entry in environments)


def bound(inventory: Inventory, pack: Path = packs.PACK) -> Bound:
    """Sort an inventory into policies and what they may meet; `pack` defines the kinds that it does not."""
    with pipeline.settings(schemas=[pack]) as given:
        known = packs.settings_of(inventory.cluster, given)
        collection = sources.collect(inventory, known)
        surroundings = Surroundings(inventory, Kinds(inventory, known.schemas, known.cache))
    handed = sort_out(surroundings.hand(manifest) for manifest in inventory.manifests).handed
    found = {
        manifest.id.name: constraints(mapping(manifest.get("spec")))
        for manifest in inventory.manifests
        if sources.is_policy(manifest)
    }
    return Bound(inventory.environment or "", inventory, surroundings, handed, tuple(collection.judging), found)
