"""What Argo CD deletes by itself: pruning, protection from it, and cascades.

Source: Argo CD 3.5, sync options, automated sync, and the finalizer of Applications.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.consequences.examples import CLAIM, delete, edit
from aurora.changes.consequences.row import Row, listed
from aurora.changes.consequences.view import View, both, left
from aurora.checks.examples import altered
from aurora.model.change import Impact
from aurora.model.json_value import items, text
from aurora_constructs import labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.changes.consequences.row import Found
    from aurora.changes.pairs import Pair
    from aurora.model.change import Consequence
    from aurora.model.manifest import Manifest

CASCADE = "resources-finalizer.argocd.argoproj.io"
_RISK = (Impact.DATA_LOSS_RISK,)
_PROTECTED = altered(
    CLAIM,
    "metadata: {name: models, ",
    "metadata: {name: models, annotations: {argocd.argoproj.io/sync-options: Prune=false}, ",
)
_APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ml, namespace: argocd, finalizers: [resources-finalizer.argocd.argoproj.io]}
spec: {project: ml, syncPolicy: {automated: {prune: false, selfHeal: true}}}
"""
_TOUCHED = edit(_APPLICATION, "project: ml", "project: other")

KEPT = Row(
    id="data/kept-by-argo",
    subject="every kind",
    words="`Prune=false` keeps the object in the cluster although its manifest is gone, so that nothing else follows: "
    "delete it by hand where that is meant",
    source="Argo CD 3.5, sync options `Prune=false`, `Prune=confirm`",
    example=delete(_PROTECTED),
    counter=delete(CLAIM),
)
UNPROTECTED = Row(
    id="data/protection-removed",
    subject="every kind",
    words="nothing keeps Argo CD from deleting the object any more once its manifest is gone",
    source="Argo CD 3.5, sync options `Prune=false`, `Delete=false`",
    impacts=_RISK,
    example=edit(_PROTECTED, "annotations: {argocd.argoproj.io/sync-options: Prune=false}, ", ""),
    counter=delete(_PROTECTED),
)
PRUNING = Row(
    id="data/pruning-enabled",
    subject="Application",
    words="Argo CD deletes from now on whatever is no longer in Git",
    source="Argo CD 3.5, `syncPolicy.automated.prune`",
    impacts=_RISK,
    example=edit(_APPLICATION, "prune: false", "prune: true"),
    counter=_TOUCHED,
)
CASCADES = Row(
    id="data/cascade",
    subject="Application",
    words="deleting the Application deletes every object that it manages",
    source="Argo CD 3.5, finalizer `resources-finalizer.argocd.argoproj.io`",
    impacts=(Impact.DATA_LOSS_RISK, Impact.DOWNTIME_RISK),
    example=delete(_APPLICATION),
    counter=delete(altered(_APPLICATION, ", finalizers: [resources-finalizer.argocd.argoproj.io]", "")),
)
CASCADE_SET = Row(
    id="data/cascade-enabled",
    subject="Application",
    words="a finalizer is added: a later deletion of the Application deletes every object that it manages",
    source=CASCADES.source,
    impacts=_RISK,
    example=edit(_APPLICATION, ", finalizers: [resources-finalizer.argocd.argoproj.io]", "").back,
    counter=_TOUCHED,
)
FINALIZER = Row(
    id="data/finalizer-removed",
    subject="every kind",
    words="a finalizer is removed: whoever put it there no longer cleans up, or keeps, what the object stands for",
    source="Kubernetes 1.35, finalizers",
    impacts=_RISK,
    example=edit(_APPLICATION, ", finalizers: [resources-finalizer.argocd.argoproj.io]", ""),
    counter=_TOUCHED,
)
ROWS = (KEPT, UNPROTECTED, PRUNING, CASCADES, CASCADE_SET, FINALIZER)


def options(manifest: Manifest) -> set[str]:
    """Give the options that an object sets for its own sync."""
    return {entry.strip() for entry in manifest.annotations.get(labels.SYNC_OPTIONS, "").split(",") if entry.strip()}


def keeps(manifest: Manifest) -> str | None:
    """Give the option that keeps Argo CD from deleting an object, None where it just deletes it."""
    found = options(manifest)
    return next((option for option in ("Prune=false", "Prune=confirm") if option in found), None)


def happens(pair: Pair, consequence: Consequence) -> bool:
    """Tell whether something follows at all: nothing does from a deletion that Argo CD leaves undone."""
    gone = left(pair)
    kept = gone is not None and pair.after is None and keeps(gone) == "Prune=false"
    return consequence.rule == KEPT.id or not kept


def find(view: View) -> Iterator[Found]:
    """Yield what Argo CD keeps, and what it deletes from now on."""
    for pair in view.pairs:
        gone, sides = left(pair), both(pair)
        if gone is not None:
            yield from _deleted(pair, gone)
        if sides is not None:
            yield from _changed(pair, *sides)


def _deleted(pair: Pair, gone: Manifest) -> Iterator[Found]:
    option = keeps(gone)
    if option == "Prune=confirm":
        yield KEPT.found(pair, "`Prune=confirm`: Argo CD asks before it deletes the object")
    elif option:
        yield KEPT.found(pair, f"`{option}`: Argo CD leaves the object in the cluster")
    if _is_application(gone) and CASCADE in _finalizers(gone):
        yield CASCADES.found(pair, "its finalizer deletes every object that the Application manages")


def _is_application(manifest: Manifest) -> bool:
    return (manifest.id.group, manifest.id.kind) == ("argoproj.io", "Application")


def _finalizers(manifest: Manifest) -> list[str]:
    """Give an object's finalizers; of Argo CD's without the part that says how it deletes."""
    named = [text(entry) for entry in items(manifest.get("metadata", "finalizers"))]
    return [CASCADE if entry.startswith(f"{CASCADE}/") else entry for entry in named]


def _changed(pair: Pair, before: Manifest, after: Manifest) -> Iterator[Found]:
    protecting = {"Prune=false", "Prune=confirm", "Delete=false", "Delete=confirm"}
    lost = (options(before) & protecting) - options(after)
    if lost:
        yield UNPROTECTED.found(pair, f"{listed(f'`{entry}`' for entry in sorted(lost))} is gone", steps=("metadata",))
    old, new = _finalizers(before), _finalizers(after)
    removed = [entry for entry in old if entry not in new]
    if removed:
        yield FINALIZER.found(pair, f"{listed(f'`{entry}`' for entry in removed)} is gone", steps=("metadata",))
    if _is_application(after):
        if CASCADE in new and CASCADE not in old:
            yield CASCADE_SET.found(pair, f"`{CASCADE}` is set", steps=("metadata", "finalizers"))
        if _prunes(after) and not _prunes(before):
            yield PRUNING.found(pair, "deletes what is no longer in Git", steps=("spec", "syncPolicy", "automated"))


def _prunes(application: Manifest) -> bool:
    automated = application.get("spec", "syncPolicy", "automated")
    return isinstance(automated, dict) and automated.get("enabled") is not False and automated.get("prune") is True
