"""Puts what changed charts render beside the objects of both sides, so that an upgrade shows what it changes.

A chart that is named alike on both sides renders the same, and is left out. One of which a side cannot be rendered is
not compared, and that is said.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from aurora.changes import rules
from aurora.changes.reading import Reading, Revision
from aurora.changes.sides import Side
from aurora.charts import lock
from aurora.charts.releases import Release, releases
from aurora.charts.rendering import Expanded, expanded
from aurora.cluster.applications import is_application
from aurora.model.finding import Finding
from aurora.model.inventory import Identity, Inventory
from aurora.model.manifest import Manifest
from aurora.paths import RepositoryPaths
from aurora.tools import git
from aurora.tools.settings import Settings


def locked(revision: Revision) -> tuple[lock.Locked, ...]:
    """Give what the lock of a revision names.

    Raises:
        InputError: the lock cannot be used.
        ToolError: Git failed.
    """
    path = f"{RepositoryPaths(Path()).charts.name}/{lock.FILE}"
    entry = revision.entries.get(path)
    content = revision.contents([entry])[entry.id] if entry else None
    return () if content is None else tuple(lock.parsed(content, f"{path} at {revision.name}").values())


def exported(revision: Revision, target: Path) -> Path:
    """Write the archives of a revision to a folder, and give it.

    Archives need not be committed: what the lock of the revision names is taken from the present folder, and `Archives`
    holds it to that lock.

    Raises:
        InputError: the lock cannot be used.
        ToolError: Git failed.
    """
    entries = {
        path: entry
        for path, entry in revision.below(RepositoryPaths(Path()).charts.name).items()
        if entry.mode in git.REGULAR and path.count("/") == 1
    }
    contents = revision.contents(entries.values())
    target.mkdir()
    for path, entry in entries.items():
        (target / Path(path).name).write_bytes(contents[entry.id])
    for each in locked(revision):
        present = revision.paths.charts / each.file
        if present.is_file() and not (target / each.file).exists():
            (target / each.file).symlink_to(present.absolute())
    return target


def beside(
    before: Reading, after: Reading, kubernetes: str, settings: tuple[Settings, Settings]
) -> tuple[Reading, Reading]:
    """Add to both sides what the charts render that changed; each side has the archives of its own settings.

    Raises:
        ToolError: the renderer is missing, or lost an answer.
        InputError: a lock cannot be used.
    """
    seen = [_seen(reading.side, kubernetes) for reading in (before, after)]
    named = [_named(inventory) for inventory in seen]
    changed = {key for key in named[0].keys() | named[1].keys() if _said(named[0], key) != _said(named[1], key)}
    if not changed:
        return before, after
    found = [expanded([each], one, judging=False) for each, one in zip(seen, settings, strict=True)]
    unknown: dict[Identity, Finding] = {}
    for side, each, names in zip((before.side, after.side), found, named, strict=True):
        for key in changed & names.keys() - set(each.inventories[0].rendered):
            unknown[key] = _not_compared(names[key], each, side)
    first, second = (
        replace(reading, side=reading.side.beside(_objects(each, changed - unknown.keys())))
        for reading, each in zip((before, after), found, strict=True)
    )
    return first, replace(second, findings=(*after.findings, *(unknown[key] for key in sorted(unknown))))


def _seen(side: Side, kubernetes: str) -> Inventory:
    """Give the objects of a side that decide what its charts render: Applications and definitions."""
    found = {
        entry.id.identity: entry
        for kind in ("Application", "CustomResourceDefinition")
        for entry in side.mentioning(kind)
        if is_application(entry) or entry.id.kind == "CustomResourceDefinition"
    }
    folders = [side.folder] if side.environment is None else []
    return Inventory([*found.values()], environment=side.environment, kubernetes=kubernetes, folders=folders)


def _named(inventory: Inventory) -> dict[Identity, list[Release]]:
    found: dict[Identity, list[Release]] = {}
    for release in releases(inventory):
        found.setdefault(release.application.id.identity, []).append(release)
    return found


def _said(named: Mapping[Identity, Sequence[Release]], application: Identity) -> list[object]:
    return [release.deciding for release in named.get(application, ())]


def _objects(found: Expanded, applications: set[Identity]) -> Iterator[Manifest]:
    for manifest in found.inventories[0].manifests:
        if manifest.rendered_by is not None and manifest.rendered_by.identity in applications:
            yield manifest


def _not_compared(named: Sequence[Release], found: Expanded, side: Side) -> Finding:
    application = named[0].application
    said = found.result.findings if found.result else ()
    why = next((each.message for each in said if each.resource == application.id), "it has no archive")
    charts = " and ".join(release.label for release in named)
    where = f" {side.name}" if side.name else ""
    return rules.found(
        rules.NOT_JUDGED,
        f"what the chart {charts} renders{where} is not compared: {why}",
        place=application.source.place,
        environment=side.environment,
        hint="`aurora charts vendor` fetches archives, `AURORA_CHARTS=DIR` names a folder of them",
    )
