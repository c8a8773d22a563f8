"""Which objects stay in the cluster although their manifests are gone: protected ones, and those nobody owns.

Source: Argo CD 3.5, sync option `Prune=false`; app deletion (without its finalizer only the Application goes).
Must not say what follows from that.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from aurora.changes.pairs import Pair, Scene
from aurora.changes.sides import Side
from aurora.cluster.applications import is_application
from aurora.cluster.sync_order import words
from aurora.model.json_value import JsonValue, dig, items, text
from aurora.model.manifest import Manifest
from aurora_constructs.labels import SYNC_OPTIONS

CASCADE = "resources-finalizer.argocd.argoproj.io"
PROTECTED = "Prune=false"


@dataclass(frozen=True, slots=True)
class _Fates:
    """The Applications that go without taking anything along, and those that stay."""

    dropped: tuple[Manifest, ...]
    lasting: tuple[Manifest, ...]

    def owner(self, gone: Manifest) -> Manifest | None:
        """Give the Application that owned an object and is gone, None where another one still prunes."""
        path = gone.source.path
        if any(_covers(entry, path) for entry in self.lasting):
            return None
        return next((entry for entry in self.dropped if entry is not gone and _covers(entry, path)), None)


def marked(scene: Scene) -> tuple[Pair, ...]:
    """Give the scene's pairs, those whose deletion does not reach the cluster with the reason for it."""
    deleted = [pair.before for pair in scene.pairs if pair.before is not None and pair.after is None]
    fates = _fates(deleted, scene.after)
    found = {id(entry): reason for entry in deleted if (reason := _reason(entry, fates))}
    if not found:
        return scene.pairs
    taken = {_container(entry) for entry in deleted if id(entry) not in found} - {None}
    kept = {
        id(entry): found[id(entry)]
        for entry in deleted
        if id(entry) in found and not {("namespace", entry.id.namespace), (entry.id.group, entry.id.kind)} & taken
    }
    return tuple(replace(pair, stays=kept.get(id(pair.before))) for pair in scene.pairs)


def options(manifest: Manifest) -> set[str]:
    """Give the options that an object sets for its own sync."""
    return {*words(manifest, SYNC_OPTIONS)}


def finalizers(manifest: Manifest) -> list[str]:
    """Give an object's finalizers; of Argo CD's without the part that says how it deletes."""
    named = [text(entry) for entry in items(manifest.get("metadata", "finalizers"))]
    return [CASCADE if entry.startswith(f"{CASCADE}/") else entry for entry in named]


def _fates(deleted: Iterable[Manifest], after: Side) -> _Fates:
    dropped = tuple(entry for entry in deleted if is_application(entry) and CASCADE not in finalizers(entry))
    if not dropped:
        return _Fates((), ())
    return _Fates(dropped, tuple(entry for entry in after.mentioning("Application") if is_application(entry)))


def _reason(gone: Manifest, fates: _Fates) -> str | None:
    if PROTECTED in options(gone):
        return f"`{PROTECTED}`: Argo CD leaves the object in the cluster"
    owner = fates.owner(gone)
    if owner is None:
        return None
    return (
        f"it stays in the cluster, and nobody looks after it any more: `{owner.id.name}`, the Application that owned "
        "it, is deleted without a finalizer"
    )


def _container(gone: Manifest) -> tuple[str, str | None] | None:
    """Give what goes with a deleted object: the objects of a namespace, or those of a kind."""
    if (gone.id.group, gone.id.kind) == ("", "Namespace"):
        return "namespace", gone.id.name
    if gone.id.kind == "CustomResourceDefinition":
        return text(gone.get("spec", "group")), text(gone.get("spec", "names", "kind"))
    return None


def _covers(application: Manifest, path: str) -> bool:
    """Tell whether one of an Application's sources has a file: in its folder, or below where it looks deeper."""
    sources = [application.get("spec", "source"), *items(application.get("spec", "sources"))]
    return any(_has(source, PurePosixPath(path).parent) for source in sources)


def _has(source: JsonValue | None, folder: PurePosixPath) -> bool:
    named = text(dig(source, "path"))
    if not named:
        return False
    # Without the word `directory` it may be a kustomization or a chart, which may take in anything below.
    deep = dig(source, "directory") is None or dig(source, "directory", "recurse") is True
    return folder == PurePosixPath(named) or (deep and folder.is_relative_to(PurePosixPath(named)))
