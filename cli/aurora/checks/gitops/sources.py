"""Rules about what Applications follow: folders that hold manifests, revisions that stand still, exact charts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aurora.checks.gitops.projects import normalised
from aurora.cluster.applications import (
    GROUP,
    Application,
    ApplicationSource,
    deployments,
)
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.rule import InventoryRule, Rule, Violation

MOST_SOURCES = 3
"""Beyond it nobody sees which source wins: the last one does, with only a warning (domain, section 17)."""
EXACT = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?|sha256:[0-9a-f]{64}")
"""One chart version; everything else is a range (argo-cd docs, tracking strategies)."""
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
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
                    message=f"no manifest lies in `{source.path or '.'}`",
                    hint="name the folder that holds the component's manifests, or remove the Application",
                )


def _own_repositories(inventory: Inventory) -> set[str]:
    found = deployments(inventory)
    return {
        normalised(source.repository)
        for application in found.applications
        if found.synced_by(application)
        for source in application.sources
        if source.is_directory
    }


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
        if not (COMMIT.fullmatch(revision) or TAG.fullmatch(revision) or EXACT.fullmatch(revision)):
            yield Violation(
                manifest=application.manifest,
                steps=(*source.steps, "targetRevision") if revision else source.steps,
                message=f"production follows `{revision or 'HEAD'}`, which is no tag that is a version and no commit",
                hint="write a tag such as `v1.4.0`, or a whole commit SHA",
            )


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


_APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd%s}
spec:
  project: shop
%s
"""
_DIRECTORY = "  source: {repoURL: https://git.example.com/shop.git, path: %s, targetRevision: %s}\n"
_CHART = "  source: {repoURL: https://charts.example.com, chart: web, targetRevision: %s}\n"
_OTHER = "---\n" + _APPLICATION.replace("name: shop,", "name: web,")
_PRODUCTION = ", annotations: {aurora.example.com/production: 'true'}"
_CONFIG_MAP = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\n"
_HERE = _APPLICATION % ("", _DIRECTORY % (".", "v1.4.0"))


def _sources_of(count: int) -> str:
    listed = "".join(
        f"    - {{repoURL: https://charts.example.com, chart: web-{number}, targetRevision: 1.0.0}}\n"
        for number in range(count)
    )
    return _APPLICATION % ("", f"  sources:\n{listed}")


RULES = (
    InventoryRule(
        rule=Rule(
            id="gitops/empty-path",
            severity=Severity.ERROR,
            summary="an Application whose folder holds no manifest",
            why="It syncs nothing, or with pruning removes what it synced before.",
            bad=_HERE + _OTHER % ("", _DIRECTORY % ("generated/web", "v1.4.0")),
            good=_HERE + _OTHER % ("", _DIRECTORY % (".", "v1.4.0")),
        ),
        find=_empty_paths,
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="gitops/unsynced",
            severity=Severity.ERROR,
            summary="an object that no Application syncs",
            why="It is reviewed and committed, and never reaches the cluster.",
            bad=_APPLICATION % ("", _DIRECTORY % ("generated/web", "v1.4.0")) + _CONFIG_MAP,
            good=_HERE + _CONFIG_MAP,
        ),
        find=_unsynced,
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="gitops/synced-twice",
            severity=Severity.ERROR,
            summary="an object that two Applications sync",
            why="Both claim it: each shows the other's sync as a difference, and removing one removes the object.",
            bad=_HERE + _OTHER % ("", _DIRECTORY % (".", "v1.4.0")) + _CONFIG_MAP,
            good=_HERE + _CONFIG_MAP,
        ),
        find=_synced_twice,
    ),
    InventoryRule(
        rule=Rule(
            id="gitops/chart-version",
            severity=Severity.ERROR,
            summary="a chart that is not pinned to one version",
            why="Argo CD takes the newest version of a range, so a release of somebody else changes the cluster.",
            bad=_APPLICATION % ("", _CHART % "1.2.*"),
            good=_APPLICATION % ("", _CHART % "1.2.3"),
        ),
        find=_loose_charts,
    ),
    InventoryRule(
        rule=Rule(
            id="gitops/moving-revision",
            severity=Severity.ERROR,
            summary="production that follows a branch",
            why="Whatever is pushed to the branch is in production at once; a tag or commit is a decision.",
            bad=_APPLICATION % (_PRODUCTION, _DIRECTORY % (".", "main")),
            good=_APPLICATION % (_PRODUCTION, _DIRECTORY % (".", "v1.4.0")),
        ),
        find=_moving_revisions,
    ),
    InventoryRule(
        rule=Rule(
            id="gitops/many-sources",
            severity=Severity.ERROR,
            summary="an Application of more than three sources",
            why="Of two sources that hold the same object the last one wins, with only a warning.",
            bad=_sources_of(4),
            good=_sources_of(3),
        ),
        find=_many_sources,
    ),
)
