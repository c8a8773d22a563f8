"""Argo CD's Applications as the rules see them, and which objects each of them syncs.

Source of the fields: the CRDs of argo-cd 3.5. An object belongs to an Application if its file lies under the
path of one of the Application's sources. Must not judge.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import PurePosixPath

from aurora.cluster.application_sets import expand
from aurora.cluster.globs import glob
from aurora.cluster.templates import NotRenderedError
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora_constructs.names import Names

Steps = tuple[Step, ...]

GROUP = "argoproj.io"
ARGO_KINDS = ("Application", "ApplicationSet", "AppProject")
MOST_GENERATED = 2_000
"""Applications of one set that are looked at for what they sync."""
PRODUCTION = "production"
"""Annotation, behind the platform's prefix, of Applications and AppProjects whose environment serves users."""


@dataclass(frozen=True, slots=True)
class ApplicationSource:
    """One source of an Application."""

    steps: Steps
    body: JsonObject

    @property
    def repository(self) -> str:
        """The URL of the Git, Helm or OCI repository."""
        return text(self.body.get("repoURL"))

    @property
    def revision(self) -> str:
        """The branch, tag, commit or chart version that is followed."""
        return text(self.body.get("targetRevision"))

    @property
    def chart(self) -> str:
        """The name of a chart of a chart repository; empty for other sources."""
        return text(self.body.get("chart"))

    @property
    def is_chart(self) -> bool:
        """Whether this is a Helm chart of a chart repository."""
        return bool(self.chart)

    @property
    def is_directory(self) -> bool:
        """Whether manifests are read from a folder as they are."""
        rendered = any(self.body.get(tool) for tool in ("helm", "kustomize", "plugin"))
        return not self.is_chart and not rendered and bool(text(self.body.get("path")))

    @property
    def path(self) -> str:
        """The folder of the repository, without `./` and slashes around it; empty for the repository's root."""
        return _folder(text(self.body.get("path")))

    def takes(self, relative: str) -> bool:
        """Tell whether a file of the folder is read, by its path below the folder."""
        directory = mapping(self.body.get("directory"))
        include, exclude = text(directory.get("include")), text(directory.get("exclude"))
        if "/" in relative and directory.get("recurse") is not True:
            return False
        return (not include or glob(include, relative)) and not (exclude and glob(exclude, relative))


@dataclass(frozen=True, slots=True)
class Application:
    """One Application; `options` are its sync options, such as `ServerSideApply=true`."""

    manifest: Manifest
    sources: tuple[ApplicationSource, ...]
    options: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name."""
        return self.manifest.id.name

    @property
    def project(self) -> str:
        """The name of its AppProject; `default` where it names none (argo-cd, `GetProject`)."""
        return text(self.manifest.get("spec", "project")) or "default"

    @property
    def compares_on_server(self) -> bool:
        """Whether the server is asked what an apply would change (argo-cd docs, server-side diff)."""
        stated = self.manifest.annotations.get("argocd.argoproj.io/compare-options", "")
        return "ServerSideDiff=true" in (word.strip() for word in stated.split(","))

    def ignores(self, manifest: Manifest) -> bool:
        """Tell whether differences of some fields of an object are ignored."""
        return any(is_meant(manifest, entry) for entry in items(self.manifest.get("spec", "ignoreDifferences")))


def is_meant(manifest: Manifest, entry: JsonValue) -> bool:
    """Tell whether an entry of `ignoreDifferences` is about an object.

    Group and kind are patterns, name and namespace are not (argo-cd docs, diffing).
    """
    name, namespace = text(dig(entry, "name")), text(dig(entry, "namespace"))
    return (
        glob(text(dig(entry, "group")), manifest.id.group)
        and glob(text(dig(entry, "kind")), manifest.id.kind)
        and name in {"", manifest.id.name}
        and namespace in {"", manifest.id.namespace}
    )


def is_application(manifest: Manifest) -> bool:
    """Tell whether an object is an Application of Argo CD."""
    return (manifest.id.group, manifest.id.kind) == (GROUP, "Application")


class Deployments:
    """All Applications of an inventory, and who syncs which object.

    `generated` are those of ApplicationSets; they own what no Application of the inventory does.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._names = inventory.names
        self.applications = tuple(_application(manifest) for manifest in inventory.of_kind("Application", group=GROUP))
        self._production = {
            project.id.name
            for project in inventory.of_kind("AppProject", group=GROUP)
            if _marked(project, inventory.names)
        }
        self._owners: dict[int, list[Application]] = {}
        self._synced: dict[int, list[Manifest]] = defaultdict(list)
        self._used: set[tuple[int, Steps]] = set()
        # Paths count from the root of a repository: from here, or from a folder that somebody named.
        own = [manifest for manifest in inventory.manifests if manifest.rendered_by is None]
        # The first Application of a fleet stands in the file of its set.
        emitted = [each for each in own if each.emitted or (inventory.closed and is_application(each))]
        roots = ("", *map(_folder, inventory.folders))
        for root in roots:
            self._look(emitted, root, self.applications)
        self.generated = tuple(_generated(inventory, emitted, roots))
        free = [manifest for manifest in emitted if not self.owners_of(manifest)] if self.generated else []
        for root in roots:
            self._look(free, root, self.generated)
        by_id = {application.manifest.id: application for application in self.applications}
        for manifest in inventory.manifests:
            owner = by_id.get(manifest.rendered_by) if manifest.rendered_by else None
            if owner is not None:
                self._owners[id(manifest)] = [owner]
                self._synced[id(owner.manifest)].append(manifest)

    def _look(self, manifests: Iterable[Manifest], root: str, applications: Iterable[Application]) -> None:
        """Find what the sources that give nothing so far take, if a folder is the root of their repository."""
        by_path: ByPath = defaultdict(list)
        for application in applications:
            for source in application.sources:
                if source.is_directory and not self.is_used(application, source):
                    by_path[source.path].append((application, source))
        above = cache(partial(_sources_above, by_path))
        for manifest in manifests if by_path else ():
            path = _folder(manifest.source.path)
            if path.startswith(f"{root}/" if root else ""):
                path = path.removeprefix(root).strip("/")
                self._add(manifest, path, above(path.rpartition("/")[0]) if path else ())

    def _add(self, manifest: Manifest, path: str, sources: Sources) -> None:
        owners = {id(owner.manifest): owner for owner in self._owners.get(id(manifest), ())}
        for folder, application, source in sources:
            if not source.takes(path.removeprefix(folder).lstrip("/")):
                continue
            if id(application.manifest) not in owners:
                self._synced[id(application.manifest)].append(manifest)
            owners[id(application.manifest)] = application
            self._used.add((id(application.manifest), source.steps))
        self._owners[id(manifest)] = list(owners.values())

    def is_used(self, application: Application, source: ApplicationSource) -> bool:
        """Tell whether a source gives its Application any object."""
        return (id(application.manifest), source.steps) in self._used

    def owners_of(self, manifest: Manifest) -> list[Application]:
        """Give the Applications that sync an object."""
        return self._owners.get(id(manifest), [])

    def synced_by(self, application: Application) -> list[Manifest]:
        """Give the objects that an Application syncs from folders and renders from charts."""
        return self._synced.get(id(application.manifest), [])

    def is_root(self, application: Application) -> bool:
        """Tell whether an Application syncs other Applications."""
        return any(
            is_application(manifest) and manifest is not application.manifest
            for manifest in self.synced_by(application)
        )

    def serves_users(self, application: Application) -> bool:
        """Tell whether an Application or its project is marked as production."""
        return _marked(application.manifest, self._names) or application.project in self._production


ByPath = dict[str, list[tuple[Application, ApplicationSource]]]
Sources = Sequence[tuple[str, Application, ApplicationSource]]
"""What may take the files of a folder: each source with its own folder."""


def deployments(inventory: Inventory) -> Deployments:
    """Give the Applications of an inventory with their objects, found at the first call."""
    return inventory.once(Deployments)


def generated(inventory: Inventory) -> Iterator[Application]:
    """Yield every Application that sets generate, as far as they say it themselves, as objects of their sets' files."""
    for entry in inventory.of_kind("ApplicationSet", group=GROUP):
        for name, draft in itertools.islice(expand(entry, ()).drafts.items(), MOST_GENERATED):
            try:
                body: JsonObject = {**draft.body(), "apiVersion": entry.id.api_version, "kind": "Application"}
            except NotRenderedError:
                continue
            yield _application(replace(entry, id=replace(entry.id, kind="Application", name=name), body=body))


def uses_argo_cd(inventory: Inventory) -> bool:
    """Tell whether Argo CD applies these objects, as far as they show."""
    return inventory.closed or any(True for kind in ARGO_KINDS for _ in inventory.of_kind(kind, group=GROUP))


def _folder(path: str) -> str:
    """Write a path without `./` and slashes around it."""
    plain = path.strip("/")
    if "//" not in plain and "/." not in f"/{plain}":
        return plain  # thousands of paths are as they should be
    plain = str(PurePosixPath(plain))
    return "" if plain == "." else plain


def _application(manifest: Manifest) -> Application:
    options = (text(entry).strip() for entry in items(manifest.get("spec", "syncPolicy", "syncOptions")))
    return Application(manifest, tuple(_sources(manifest)), tuple(options))


def _generated(inventory: Inventory, emitted: Iterable[Manifest], roots: Iterable[str]) -> Iterator[Application]:
    """Yield the Applications of sets, as far as Git alone says: one for each folder, which may go to many clusters."""
    sets = list(inventory.of_kind("ApplicationSet", group=GROUP))
    folders = _folders(emitted, roots) if sets else ()
    taken: set[str] = set()
    for entry in sets:
        for name, draft in itertools.islice(expand(entry, folders).drafts.items(), MOST_GENERATED):
            try:
                body: JsonObject = {"apiVersion": entry.id.api_version, "kind": "Application", **draft.body()}
            except NotRenderedError:
                continue
            made = _application(replace(entry, id=replace(entry.id, kind="Application", name=name), body=body))
            paths = {source.path for source in made.sources if source.is_directory}
            if paths and taken.isdisjoint(paths):
                taken |= paths
                yield made


def _folders(manifests: Iterable[Manifest], roots: Iterable[str]) -> frozenset[str]:
    """Give the folders that hold files, also inside others, from every root."""
    holding = {PurePosixPath(_folder(manifest.source.path)).parent for manifest in manifests}
    whole = {str(folder) for inner in holding for folder in (inner, *inner.parents)} - {"."}
    inside = {folder.removeprefix(f"{root}/") for root in roots for folder in whole if folder.startswith(f"{root}/")}
    return frozenset(whole | inside)


def _sources_above(by_path: ByPath, folder: str) -> Sources:
    folders = [folder]
    while folder:
        folder = folder.rpartition("/")[0]
        folders.append(folder)
    return [(each, *source) for each in folders for source in by_path.get(each, ())]


def _sources(manifest: Manifest) -> Iterator[ApplicationSource]:
    """`sources` takes precedence over `source` (argo-cd, `GetSources`)."""
    several = items(manifest.get("spec", "sources"))
    for index, entry in enumerate(several):
        yield ApplicationSource(("spec", "sources", index), mapping(entry))
    single = mapping(manifest.get("spec", "source"))
    if single and not several:
        yield ApplicationSource(("spec", "source"), single)


def _marked(manifest: Manifest, names: Names) -> bool:
    return dig(manifest.body, "metadata", "annotations", names.key(PRODUCTION)) == "true"
