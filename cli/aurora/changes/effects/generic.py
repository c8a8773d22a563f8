"""Which row of every kind an object falls under that comes, goes, or is made anew at every sync."""

from aurora.changes.effects import rows
from aurora.changes.effects.row import Row
from aurora.changes.pairs import Pair
from aurora.cluster.sync_order import is_anew, words
from aurora.cluster.sync_ways import way_of
from aurora.model.manifest import Manifest
from aurora_constructs.labels import SYNC_OPTIONS


def deleted(before: Manifest, stays: str | None) -> Row:
    """Give the row for a manifest that Git no longer holds; `stays` says why the cluster does."""
    if "Prune=false" in words(before, SYNC_OPTIONS):
        return rows.named("object/deleted-kept")
    return rows.named("object/deleted-orphaned" if stays else "object/deleted")


def anew(pair: Pair) -> Row | None:
    """Give the row of an object that Argo CD deletes and creates anew instead of changing it; None for others."""
    if pair.after is None:
        return None
    if is_anew(pair.after):
        return rows.named("object/hook")
    way = way_of(pair.after, pair.owners)
    return rows.named("object/replaced") if way.anew or (pair.refusals and way.past_refusals) else None
