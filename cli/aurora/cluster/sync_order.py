"""In which order a sync applies objects: by Application, phase and wave.

Source: `syncTasks` of argo-cd's gitops engine (phase, then wave, then kind) and `docs/facts/gitops.md`. Of two
objects whose Applications nobody orders, nothing is said. Must not judge.
"""

import re

from aurora.cluster.applications import Deployments, deployments
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora_constructs.labels import HOOK, HOOK_DELETE_POLICY, SYNC_WAVE

PHASES = {"PreSync": -1, "Sync": 0, "PostSync": 1, "SyncFail": 2}
HELM_HOOK = "helm.sh/hook"
HELM_WEIGHT = "helm.sh/hook-weight"
HELM_POLICY = "helm.sh/hook-delete-policy"
HELM_HOOKS = {
    "pre-install": "PreSync",
    "pre-upgrade": "PreSync",
    "post-install": "PostSync",
    "post-upgrade": "PostSync",
}
"""Helm's hooks as Argo CD reads them (gitops engine, `hook/helm/type.go`); it never applies the others in a sync."""
DELETE_POLICIES = frozenset({"HookSucceeded", "HookFailed", "BeforeHookCreation"})
INTEGER = re.compile(r"[+-]?[0-9]{1,18}")

Position = tuple[tuple[int, int, int], ...]
"""Steps from the outermost Application to the object: who syncs, in which phase, in which wave."""
TOGETHER = 0
"""Stands for the one sync of objects of which no Application is known."""


class SyncOrder:
    """The order of one inventory's objects."""

    def __init__(self, found: Deployments) -> None:
        self._deployments = found
        self._positions: dict[int, Position] = {}
        self._later: dict[tuple[Position, Position], bool] = {}

    def position(self, manifest: Manifest) -> Position:
        """Give where in a sync an object is applied; an Application that syncs itself counts once."""
        known = self._positions.get(id(manifest))
        if known is None:
            known = self._positions[id(manifest)] = self._position(manifest)
        return known

    def _position(self, manifest: Manifest) -> Position:
        position: list[tuple[int, int, int]] = []
        seen: set[int] = set()
        current: Manifest | None = manifest
        while current is not None and id(current) not in seen:
            seen.add(id(current))
            owner = self.owner(current)
            position.append((self._sync(current, owner), phase(current), wave(current)))
            current = owner
        return tuple(reversed(position))

    def _sync(self, manifest: Manifest, owner: Manifest | None) -> int:
        """Tell syncs apart; without any Application, all objects are taken to be applied together."""
        if owner is not None:
            return id(owner)
        return id(manifest) if self._deployments.applications or self._deployments.generated else TOGETHER

    def owner(self, manifest: Manifest) -> Manifest | None:
        """Give the Application that syncs an object, other than itself."""
        owners = self._deployments.owners_of(manifest)
        return next((owner.manifest for owner in owners if owner.manifest is not manifest), None)

    def is_moved(self, needed: Manifest, manifest: Manifest) -> bool:
        """Tell whether the sync of both moves a namespace or definition before the first object that needs it.

        Source: `adjustDeps` of argo-cd's gitops engine. What is in the sync of another Application does not count.
        """
        one, other = self.position(needed), self.position(manifest)
        together = len(one) == len(other) and one[:-1] == other[:-1] and one[-1][0] == other[-1][0]
        return together and needed.id.kind in ("Namespace", "CustomResourceDefinition")

    def is_after(self, first: Manifest, second: Manifest) -> bool:
        """Tell whether the first object is surely applied later than the second."""
        positions = self.position(first), self.position(second)
        known = self._later.get(positions)
        if known is None:
            known = self._later[positions] = _is_after(*positions)
        return known


def _is_after(first: Position, second: Position) -> bool:
    for one, other in zip(first, second, strict=False):
        if one[0] != other[0]:
            return False
        if one != other:
            return one > other
    return False


def sync_order(inventory: Inventory) -> SyncOrder:
    """Give the order in which an inventory's objects are applied."""
    return inventory.once(_sync_order)


def _sync_order(inventory: Inventory) -> SyncOrder:
    return SyncOrder(deployments(inventory))


def is_hook(manifest: Manifest) -> bool:
    """Tell whether an object is created anew by a sync instead of being kept as it is in Git (`hook.IsHook`)."""
    if HOOK in manifest.annotations:
        return hook_types(manifest) != ["Skip"]
    return manifest.annotations.get(HELM_HOOK, "crd-install") != "crd-install"


def words(manifest: Manifest, annotation: str) -> list[str]:
    """Give the words of an annotation that lists some."""
    return [word for part in manifest.annotations.get(annotation, "").split(",") if (word := part.strip())]


def hook_types(manifest: Manifest) -> list[str]:
    """Give an object's hooks as Argo CD reads them: Helm's count where none of its own is (`hook.Types`)."""
    own = [word for word in words(manifest, HOOK) if word in PHASES or word == "Skip"]
    return own or [HELM_HOOKS[word] for word in words(manifest, HELM_HOOK) if word in HELM_HOOKS]


def _phases(manifest: Manifest) -> list[int]:
    """Give the phases of a sync that apply an object (gitops engine, `syncPhases`)."""
    if HOOK not in manifest.annotations and HELM_HOOK not in manifest.annotations:
        return [PHASES["Sync"]]
    types = hook_types(manifest)
    if not is_hook(manifest):
        return [] if types == ["Skip"] else [PHASES["Sync"]]
    return [PHASES[word] for word in types if word in PHASES]


def is_applied(manifest: Manifest) -> bool:
    """Tell whether a sync applies an object: hooks of deletion and of tests are not, nor what is to be skipped."""
    return bool(_phases(manifest))


def phase(manifest: Manifest) -> int:
    """Give the earliest phase of a sync that applies an object."""
    return min(_phases(manifest), default=PHASES["Sync"])


def is_anew(manifest: Manifest) -> bool:
    """Tell whether an object is a hook that is gone, or is deleted, before a sync creates it again.

    Without a policy a hook is deleted before its creation (gitops engine, `hook.DeletePolicies`).
    """
    if not (is_hook(manifest) and is_applied(manifest)):
        return False
    stated = [*words(manifest, HOOK_DELETE_POLICY), *(_camel(word) for word in words(manifest, HELM_POLICY))]
    return DELETE_POLICIES.intersection(stated) != {"HookFailed"}


def _camel(word: str) -> str:
    """Write a word of Helm, such as `hook-failed`, as Argo CD does."""
    return "".join(part.title() for part in word.split("-")) if word.islower() else ""


def wave(manifest: Manifest) -> int:
    """Give an object's wave; what is no whole number counts as 0, as Argo CD takes it."""
    for annotation in (SYNC_WAVE, HELM_WEIGHT):
        stated = manifest.annotations.get(annotation, "")
        if INTEGER.fullmatch(stated):
            return int(stated)
    return 0
