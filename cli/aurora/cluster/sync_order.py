"""In which order a sync applies objects: by Application, phase and wave.

Source: `syncTasks` of argo-cd's gitops engine (phase, then wave, then kind) and `docs/facts/gitops.md`. Of two
objects whose Applications nobody orders, nothing is said. Must not judge.
"""

from __future__ import annotations

import re

from aurora.cluster.applications import Deployments, deployments
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora_constructs.labels import HOOK, SYNC_WAVE

PHASES = {"PreSync": -1, "Sync": 0, "PostSync": 1, "SyncFail": 2}
HELM_HOOK = "helm.sh/hook"
HELM_WEIGHT = "helm.sh/hook-weight"
HELM_PHASES = {"pre-install": -1, "pre-upgrade": -1, "post-install": 1, "post-upgrade": 1}
"""Helm's hooks as Argo CD reads them (gitops engine, `hook/helm/type.go`)."""
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
        return id(manifest) if self._deployments.applications else TOGETHER

    def owner(self, manifest: Manifest) -> Manifest | None:
        """Give the Application that syncs an object, other than itself."""
        owners = self._deployments.owners_of(manifest)
        return next((owner.manifest for owner in owners if owner.manifest is not manifest), None)

    def is_after(self, first: Manifest, second: Manifest) -> bool:
        """Tell whether the first object is surely applied later than the second."""
        for one, other in zip(self.position(first), self.position(second), strict=False):
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
    """Tell whether an object is created anew by a sync instead of being kept as it is in Git."""
    return HOOK in manifest.annotations or HELM_HOOK in manifest.annotations


def hook_types(manifest: Manifest) -> list[str]:
    """Give the words of an object's hook annotation of Argo CD."""
    if HOOK not in manifest.annotations:
        return []
    return [word.strip() for word in manifest.annotations[HOOK].split(",") if word.strip()]


def is_applied(manifest: Manifest) -> bool:
    """Tell whether a sync applies an object: hooks of deletion are not, nor what is to be skipped."""
    types = hook_types(manifest)
    return not types or any(word in PHASES for word in types)


def phase(manifest: Manifest) -> int:
    """Give the earliest phase of a sync that applies an object."""
    if not is_hook(manifest):
        return PHASES["Sync"]
    phases = [PHASES[word] for word in hook_types(manifest) if word in PHASES]
    if HOOK not in manifest.annotations:
        words = (word.strip() for word in manifest.annotations.get(HELM_HOOK, "").split(","))
        phases = [HELM_PHASES[word] for word in words if word in HELM_PHASES]
    return min(phases, default=PHASES["Sync"])


def wave(manifest: Manifest) -> int:
    """Give an object's wave; what is no whole number counts as 0, as Argo CD takes it."""
    for annotation in (SYNC_WAVE, HELM_WEIGHT):
        stated = manifest.annotations.get(annotation, "")
        if INTEGER.fullmatch(stated):
            return int(stated)
    return 0
