"""What Argo CD deletes by itself: pruning, protection from it, and cascades.

Source: Argo CD 3.5, sync options, automated sync, and the finalizer of Applications.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.consequences.examples import CLAIM, delete, edit
from aurora.changes.consequences.row import Example, Row, listed
from aurora.changes.consequences.view import View, both, left
from aurora.changes.staying import CASCADE, PROTECTED, finalizers, is_application, options
from aurora.model.change import Impact
from aurora.model.examples import altered, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.changes.consequences.row import Found
    from aurora.changes.pairs import Pair
    from aurora.model.manifest import Manifest

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
_OWNER = altered(
    altered(_APPLICATION, ", finalizers: [resources-finalizer.argocd.argoproj.io]", ""),
    "project: ml,",
    "project: ml, source: {path: .},",
)
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
LEFT_BEHIND = Row(
    id="data/left-behind",
    subject="Application",
    words="deleting the Application deletes nothing that it manages: all of it goes on, and nobody looks after it",
    source="Argo CD 3.5, user guide, app deletion: without the finalizer only the Application is deleted",
    example=CASCADES.counter,
    counter=CASCADES.example,
)
ORPHANED = Row(
    id="data/orphaned",
    subject="every kind",
    words="the object stays in the cluster, and nobody looks after it any more: the Application that owned it is "
    "deleted without a finalizer, so that nothing else follows: delete it by hand where that is meant",
    source=LEFT_BEHIND.source,
    example=Example(before=stream(CLAIM, _OWNER), after=""),
    counter=delete(CLAIM, _OWNER),
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
ROWS = (KEPT, UNPROTECTED, PRUNING, CASCADES, LEFT_BEHIND, ORPHANED, CASCADE_SET, FINALIZER)


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
