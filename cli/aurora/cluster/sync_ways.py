"""In which way Argo CD writes an object: by a client's apply, the server's, or by replacing it.

Source: Argo CD 3.5.1, gitops engine: `applyObject`, `shouldUseServerSideApply`, `newApplyOptions`, and `Diff` for how
it compares. Must not judge.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aurora.cluster.applications import Application, deployments
from aurora.cluster.sync_order import is_anew, is_hook, words
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora_constructs.labels import SYNC_OPTIONS

_UPDATED = {("", "Namespace"), ("apiextensions.k8s.io", "CustomResourceDefinition")}
"""Kinds that are updated where others are replaced, since their deletion would take everything along."""


@dataclass(frozen=True, slots=True)
class Way:
    """How an object is written; `server_side` is None where nothing says who applies it, or where two disagree.

    `shows_defaults` says that Argo CD compares it in the one way that finds defaults of definitions missing.
    """

    server_side: bool | None
    replaces: bool
    forces: bool
    anew: bool
    shows_defaults: bool = False

    @property
    def by_server(self) -> bool:
        """Whether it may be by a server-side apply."""
        return self.server_side is not False and not self.replaces

    @property
    def by_client(self) -> bool:
        """Whether it may be by a client-side apply."""
        return not self.server_side and not self.replaces

    def may_be(self, side: str | None) -> bool:
        """Tell whether it may be by the apply that a finding of server validation names."""
        return {"client-side": self.by_client, "server-side": self.by_server}.get(side or "", True)

    def when(self, side: str) -> str:
        """Begin a sentence about one side's apply, where nothing says that it is this one."""
        return "" if self.server_side is not None else f"where it is applied by the {side.removesuffix('-side')}, "

    @property
    def past_refusals(self) -> bool:
        """Whether an update that the server refuses ends in another object in place of the old one."""
        return self.anew or (self.forces and self.server_side is not True)


def way_of(manifest: Manifest, owners: Sequence[Application]) -> Way:
    """Give the way in which the Applications that sync an object write it, by their options and its own."""
    own = words(manifest, SYNC_OPTIONS)
    theirs = [owner.options for owner in owners]
    stated = {word for word in own if word in ("ServerSideApply=true", "ServerSideApply=false")}
    sides = {len(stated) == 1 and "ServerSideApply=true" in stated} if stated else set()
    sides = sides or {"ServerSideApply=true" in options for options in theirs}
    replaces = any("Replace=true" in options for options in (own, *theirs))
    forces = any("Force=true" in options for options in (own, *theirs))
    recreated = replaces and forces and (manifest.id.group, manifest.id.kind) not in _UPDATED
    side = sides.pop() if len(sides) == 1 else None
    merged = any(not owner.compares_on_server and not owner.ignores(manifest) for owner in owners)
    anew = recreated or is_anew(manifest)
    return Way(side, replaces, forces, anew, shows_defaults=side is True and merged and not is_hook(manifest))


def way(inventory: Inventory, manifest: Manifest) -> Way:
    """Give the way in which an object of an inventory is written."""
    return way_of(manifest, deployments(inventory).owners_of(manifest))
