"""What Argo CD deletes by itself: pruning, protection from it, and cascades.

Source: Argo CD 3.5, sync options, automated sync, and the finalizer of Applications.
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import DATA_LOSS, DOWNTIME, Found, Row, listed
from aurora.changes.consequences.view import View, both, left
from aurora.changes.pairs import Pair
from aurora.changes.staying import CASCADE, PROTECTED, finalizers, options
from aurora.cluster.applications import is_application
from aurora.model.manifest import Manifest

KEPT = Row("data/kept-by-argo")
UNPROTECTED = Row("data/protection-removed", DATA_LOSS)
PRUNING = Row("data/pruning-enabled", DATA_LOSS)
CASCADES = Row("data/cascade", DATA_LOSS + DOWNTIME)
LEFT_BEHIND = Row("data/left-behind")
ORPHANED = Row("data/orphaned")
CASCADE_SET = Row("data/cascade-enabled", DATA_LOSS)
FINALIZER = Row("data/finalizer-removed", DATA_LOSS)


def find(view: View) -> Iterator[Found]:
    """Yield what Argo CD keeps, and what it deletes from now on."""
    for pair, why in view.staying:
        gone = left(pair)
        protected = gone is not None and PROTECTED in options(gone)
        yield KEPT.found(pair, why) if protected else ORPHANED.found(pair, why)
    for pair in view.pairs:
        gone, sides = left(pair), both(pair)
        if gone is not None:
            yield from _deleted(pair, gone)
        if sides is not None:
            yield from _changed(pair, *sides)


def _deleted(pair: Pair, gone: Manifest) -> Iterator[Found]:
    if "Prune=confirm" in options(gone):
        yield KEPT.found(pair, "`Prune=confirm`: Argo CD asks before it deletes the object")
    if is_application(gone) and CASCADE in finalizers(gone):
        yield CASCADES.found(pair, "its finalizer deletes every object that the Application manages")
    elif is_application(gone):
        words = (
            "it has no finalizer that deletes what it manages: those objects stay in the cluster, also if Git lost them"
        )
        yield LEFT_BEHIND.found(pair, words)


def _changed(pair: Pair, before: Manifest, after: Manifest) -> Iterator[Found]:
    protecting = {"Prune=false", "Prune=confirm", "Delete=false", "Delete=confirm"}
    lost = (options(before) & protecting) - options(after)
    if lost:
        yield UNPROTECTED.found(pair, f"{listed(f'`{entry}`' for entry in sorted(lost))} is gone", steps=("metadata",))
    old, new = finalizers(before), finalizers(after)
    removed = [entry for entry in old if entry not in new]
    if removed:
        yield FINALIZER.found(pair, f"{listed(f'`{entry}`' for entry in removed)} is gone", steps=("metadata",))
    if is_application(after):
        if CASCADE in new and CASCADE not in old:
            yield CASCADE_SET.found(pair, f"`{CASCADE}` is set", steps=("metadata", "finalizers"))
        if _prunes(after) and not _prunes(before):
            yield PRUNING.found(pair, "deletes what is no longer in Git", steps=("spec", "syncPolicy", "automated"))


def _prunes(application: Manifest) -> bool:
    automated = application.get("spec", "syncPolicy", "automated")
    return isinstance(automated, dict) and automated.get("enabled") is not False and automated.get("prune") is True
