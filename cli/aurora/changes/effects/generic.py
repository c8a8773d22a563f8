"""Which row of every kind an object falls under that comes, goes, or is made anew at every sync."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.effects import rows

if TYPE_CHECKING:
    from aurora.changes.effects.row import Row
    from aurora.model.manifest import Manifest

_HOOK = "argocd.argoproj.io/hook"
_PHASES = {"PreSync", "Sync", "PostSync", "SyncFail"}
_SYNC = "argocd.argoproj.io/sync-options"


def deleted(before: Manifest, stays: str | None) -> Row:
    """Give the row for a manifest that Git no longer holds; `stays` says why the cluster does."""
    if "Prune=false" in _listed(before, _SYNC):
        return rows.named("object/deleted-kept")
    return rows.named("object/deleted-orphaned" if stays else "object/deleted")


def anew(after: Manifest) -> Row | None:
    """Give the row of an object that Argo CD deletes and creates anew instead of changing it; None for others."""
    policies = _listed(after, f"{_HOOK}-delete-policy")
    if _PHASES & _listed(after, _HOOK) and ("BeforeHookCreation" in policies or not policies):
        return rows.named("object/hook")
    return rows.named("object/replaced") if {"Force=true", "Replace=true"} <= _listed(after, _SYNC) else None


def _listed(manifest: Manifest, annotation: str) -> set[str]:
    """Read an annotation that lists words."""
    return {word for part in manifest.annotations.get(annotation, "").split(",") if (word := part.strip())}
