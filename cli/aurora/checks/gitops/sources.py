"""Rules about what Applications follow: folders that hold manifests, revisions that stand still, exact charts."""

import re
from collections.abc import Iterator

from aurora.checks.gitops.projects import normalised
from aurora.cluster.applications import GROUP, Application, ApplicationSource, Deployments, deployments
from aurora.model.inventory import Inventory
from aurora.model.rule import ADVICE, BROKEN, InventoryRule, Violation

STANDARD_INPUT = "-"
"""Names a stream, which may be what a tool made of the folder that an Application names."""
MOST_SOURCES = 3
"""Beyond it nobody sees which source wins: the last one does, with only a warning (docs/facts/gitops.md)."""
EXACT = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?|sha256:[0-9a-f]{64}")
"""One chart version; everything else is a range (argo-cd docs, tracking strategies)."""
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
RELEASES = re.compile(r"(v?\d+\.(\d+\.)?)?\*")
"""Every tag of a major or minor version: Argo CD follows the newest one (docs/facts/gitops.md)."""
TAG = re.compile(r"(refs/tags/)?v?\d+(\.\d+)+([-+][0-9A-Za-z.+-]*)?|refs/tags/[^*]+")
"""A tag that is a version, or that is called a tag; any other word may be a branch."""


def _empty_paths(inventory: Inventory) -> Iterator[Violation]:
    """Only for the repository of this inventory: others may hold what is not given here."""
    found = deployments(inventory)
    own = _own_repositories(inventory)
    prefix = f"generated/{inventory.environment}/" if inventory.environment else None
    for application in found.applications:
        for source in application.sources:
            if not source.is_directory or found.is_used(application, source):
                continue
            if normalised(source.repository) in own or (prefix and f"{source.path}/".startswith(prefix)):
                yield Violation(
                    manifest=application.manifest,
                    steps=(*source.steps, "path"),
                    message=f"no manifest is in `{source.path or '.'}`",
                    hint="name the folder that holds the component's manifests, or remove the Application",
                )


def _own_repositories(inventory: Inventory) -> set[str]:
    """Give the repositories of which objects are here; where none is known to be, the only one that is named."""
    found = deployments(inventory)
    named: dict[bool, set[str]] = {True: set(), False: set()}
    for application, source in _all_sources(inventory):
        if source.is_directory:
            named[bool(found.synced_by(application))].add(normalised(source.repository))
    files = (entry for entry in inventory.manifests if entry.emitted and entry.source.path != STANDARD_INPUT)
    foreign = any(entry.id.group != GROUP for entry in files)
    return named[True] or (named[False] if foreign and len(named[False]) == 1 else set())


def _unsynced(inventory: Inventory) -> Iterator[Violation]:
    """Argo CD's own objects may be applied by hand: the root Application has to come from somewhere."""
    found = deployments(inventory)
    if not (inventory.closed and found.applications):
        return
    # Files that somebody judges beside an environment come from no line of it, and are not in its repository.
    traced = any(entry.origin for entry in inventory.manifests)
    for manifest in inventory.manifests:
        own = manifest.emitted and (manifest.origin is not None or not traced)
        if own and manifest.id.group != GROUP and not found.owners_of(manifest):
            yield Violation(
                manifest=manifest,
                message=f"no Application syncs this {manifest.id.kind}",
                hint=f"add an Application for the folder of `{manifest.source.path}`",
            )


def _synced_twice(inventory: Inventory) -> Iterator[Violation]:
    found = deployments(inventory)
    for manifest in inventory.manifests:
        owners = found.owners_of(manifest)
        if len(owners) > 1:
            names = " and ".join(f"`{owner.name}`" for owner in owners[:5])
            yield Violation(
                manifest=manifest,
                message=f"{len(owners)} Applications sync this {manifest.id.kind}: {names}",
                hint="give every folder to one Application",
            )


def _loose_charts(inventory: Inventory) -> Iterator[Violation]:
    for application, source in _all_sources(inventory):
        if source.is_chart and not EXACT.fullmatch(source.revision):
            shown = f"`{source.revision}` is no exact version" if source.revision else "the chart has no version"
            yield Violation(
                manifest=application.manifest,
                steps=(*source.steps, "targetRevision") if source.revision else source.steps,
                message=shown,
                hint="write one version, such as `1.2.3`",
            )


def _moving_revisions(inventory: Inventory) -> Iterator[Violation]:
    found = deployments(inventory)
    for application, source in _all_sources(inventory):
        if source.is_chart or not found.serves_users(application):
            continue
        revision = source.revision
        if RELEASES.fullmatch(revision) and _only_names(found, application):
            continue
        if not (COMMIT.fullmatch(revision) or TAG.fullmatch(revision) or EXACT.fullmatch(revision)):
            yield Violation(
                manifest=application.manifest,
                steps=(*source.steps, "targetRevision") if revision else source.steps,
                message=f"production follows `{revision or 'HEAD'}`, which is no tag that is a version and no commit",
                hint="write a tag such as `v1.4.0`, or a whole commit SHA; only a root may follow `v1.*`",
            )


def _only_names(found: Deployments, application: Application) -> bool:
    """Tell whether an Application syncs others, and Argo CD's objects alone: these say themselves what they follow."""
    return found.is_root(application) and all(entry.id.group == GROUP for entry in found.synced_by(application))


def _many_sources(inventory: Inventory) -> Iterator[Violation]:
    for application in deployments(inventory).applications:
        count = len(application.sources)
        if count > MOST_SOURCES:
            yield Violation(
                manifest=application.manifest,
                steps=("spec", "sources"),
                message=f"{count} sources; of two that hold the same object the last one wins",
                hint=f"keep to {MOST_SOURCES} sources, or split the Application",
            )


def _all_sources(inventory: Inventory) -> Iterator[tuple[Application, ApplicationSource]]:
    for application in deployments(inventory).applications:
        for source in application.sources:
            yield application, source


RULES = (
    InventoryRule("gitops/empty-path", BROKEN, _empty_paths, softens=True),
    InventoryRule("gitops/unsynced", BROKEN, _unsynced, softens=True),
    InventoryRule("gitops/synced-twice", BROKEN, _synced_twice),
    InventoryRule("gitops/chart-version", ADVICE, _loose_charts),
    InventoryRule("gitops/moving-revision", ADVICE, _moving_revisions, own=True),
    InventoryRule("gitops/many-sources", ADVICE, _many_sources),
)
