"""Renders the charts that Applications name, wave by wave, and puts their objects beside those of the inventory.

A chart sees the API versions of Kubernetes itself and those that definitions of earlier waves add. What a chart
cannot say is a finding; a chart without an archive is not judged.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path

from aurora import manifests
from aurora.charts import objects, rules, values
from aurora.charts.archives import VENDOR, Archive, Archives, UnusableArchiveError
from aurora.charts.releases import Release, releases
from aurora.charts.renderer import RENDER, UNUSABLE, Cluster, Question, Renderer
from aurora.cluster.custom_kinds import custom_kinds
from aurora.cluster.sync_order import Position, phase, sync_order, wave
from aurora.model.finding import Finding
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.report import CheckResult, NotJudged
from aurora.schemas.kubernetes import KubernetesSchemas
from aurora.tools.installed import toolbox
from aurora.tools.protocol import Reply
from aurora.tools.settings import Settings

NAME = "charts"
MOST_ROUNDS = 5
"""How deep charts may render Applications of charts."""
UNSTABLE = ("alpha", "beta")
"""API versions that a server does not serve unless switched on (Kubernetes 1.35, pkg/controlplane/instance.go)."""
_HINT = "`aurora charts vendor` fetches archives, `AURORA_CHARTS=DIR` names a folder of them"

Waves = tuple[tuple[int, int], ...]
"""A position without who syncs: phases and waves from the outermost Application to an object."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """Inventories with the objects of their charts, and what is to be said about the charts."""

    inventories: tuple[Inventory, ...]
    result: CheckResult | None = None


def expanded(
    inventories: Iterable[Inventory],
    settings: Settings,
    locate: Callable[[str], Path] | None = None,
    *,
    judging: bool = True,
) -> Expanded:
    """Add to inventories what their charts render; values are judged unless that is not wanted.

    Raises:
        ToolError: the renderer is missing, or lost an answer.
        InputError: `charts.lock` cannot be used.
        UsageError: the variable for other archives names no folder.
    """
    given = tuple(inventories)
    if not any(True for inventory in given for _ in releases(inventory)):
        return Expanded(given)
    started = time.monotonic()
    archives = Archives(settings.charts)
    archives.check()
    locate = locate or toolbox().locate
    renderer = Renderer(locate, settings.workspace, settings.memory, settings.timeout)
    runs = [_Run(inventory, archives, renderer, judging=judging) for inventory in given]
    for run in runs:
        run.render()
    result = CheckResult(
        name=NAME,
        examined=sum(len(run.seen) for run in runs),
        matched=sum(run.rendered for run in runs),
        skipped=sum(len(run.unknown) for run in runs),
        cached=renderer.recalled,
        seconds=time.monotonic() - started,
        not_judged=tuple(_not_judged(runs)),
        findings=tuple(finding for run in runs for finding in run.findings) + tuple(_red(runs)),
    )
    return Expanded(tuple(run.inventory for run in runs), result)


@dataclass(slots=True)
class _Run:
    """One inventory, which grows by what is rendered."""

    inventory: Inventory
    archives: Archives
    renderer: Renderer
    judging: bool = True
    seen: set[tuple[object, ...]] = field(default_factory=set)
    unknown: list[Release] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rendered: int = 0
    _definitions: list[tuple[Waves, Manifest]] = field(default_factory=list)

    def render(self) -> None:
        """Render everything; charts may render Applications of other charts."""
        for _ in range(MOST_ROUNDS):
            fresh = [each for each in releases(self.inventory) if self._key(each) not in self.seen]
            if not fresh:
                return
            self.seen.update(map(self._key, fresh))
            order = sync_order(self.inventory)
            self._definitions = [
                (_waves(order.position(each)), each) for each in self.inventory.of_kind("CustomResourceDefinition")
            ]
            placed = sorted(((_waves(order.position(each.application)), each) for each in fresh), key=lambda at: at[0])
            read: list[tuple[Release, manifests.Read]] = []
            for waves, batch in groupby(placed, key=lambda at: at[0]):
                read += self._batch(waves, [each for _, each in batch])
            self._add(read)

    def _add(self, read: Sequence[tuple[Release, manifests.Read]]) -> None:
        """Put what was read into the namespaces in which it is applied, and beside the rest."""
        kinds = custom_kinds(self.inventory.part([each for _, each in self._definitions]))
        added = [each for release, entry in read for each in objects.placed(release, entry.manifests, kinds)]
        if not added:
            return
        self.rendered += len(added)
        unique, doubled = manifests.duplicates((*self.inventory.manifests, *added))
        self.findings += doubled
        rendered = sorted({each.rendered_by.identity for each in unique if each.rendered_by})
        self.inventory = Inventory(unique, **{**self.inventory.surroundings(), "rendered": rendered})

    def _key(self, release: Release) -> tuple[object, ...]:
        return (release.application.id, release.steps)

    def _batch(self, waves: Waves, batch: Sequence[Release]) -> Iterator[tuple[Release, manifests.Read]]:
        """Render what one wave brings; its definitions count for later waves only."""
        there = [(release, archive) for release in batch if (archive := self._archive(release)) is not None]
        fresh: list[Manifest] = []
        for release, answers in self._answers(waves, there):
            if answers[0].reason:
                self.findings.append(_failed(release, answers[0]))
                continue
            read = objects.read(release, answers[0].result)
            self.findings += read.findings
            if self.judging:
                self.findings += values.findings(release, answers[1:], closed=self.inventory.closed)
            fresh += [each for each in read.manifests if each.id.kind == "CustomResourceDefinition"]
            yield release, read
        self._definitions += [((*waves, (phase(each), wave(each))), each) for each in fresh]

    def _archive(self, release: Release) -> Archive | None:
        if release.unknown:
            self.unknown.append(release)
            return None
        try:
            archive = self.archives.find(release.chart, release.version)
            if archive is None:
                self.unknown.append(release)
        except UnusableArchiveError as error:
            self.findings.append(values.found(release, rules.UNUSABLE_ARCHIVE, error.message, hint=error.hint))
            return None
        return archive

    def _answers(self, waves: Waves, batch: Sequence[tuple[Release, Archive]]) -> Iterator[tuple[Release, list[Reply]]]:
        """Ask for the objects of releases and for what their values do, those of one cluster at a time."""
        served = self._served(waves) if batch else ()
        for (kubernetes, versions), same in groupby(batch, key=lambda each: (each[0].kubernetes, each[0].api_versions)):
            cluster = Cluster(kubernetes or self.inventory.kubernetes, versions or served)
            asked = [
                (release, [Question(RENDER, archive, release.request()), *self._questions(release, archive)])
                for release, archive in same
            ]
            answers = iter(self.renderer.ask([question for _, each in asked for question in each], cluster))
            for release, questions in asked:
                yield release, [next(answers) for _ in questions]

    def _questions(self, release: Release, archive: Archive) -> list[Question]:
        return values.questions(release, archive) if self.judging else []

    def _served(self, waves: Waves) -> tuple[str, ...]:
        """Give the API versions that a cluster serves before a wave, in both forms that charts ask for."""
        earlier = self.inventory.part([each for at, each in self._definitions if at < waves])
        custom = {
            name
            for (group, kind), known in custom_kinds(earlier).items()
            for version in known.versions
            for name in (f"{group}/{version}", f"{group}/{version}/{kind}")
        }
        return tuple(sorted({*_builtin(self.inventory.kubernetes), *custom}))


def _not_judged(runs: Sequence[_Run]) -> Iterator[NotJudged]:
    missing = _missing(runs)
    if missing:
        words = "1 chart has" if len(missing) == 1 else f"{len(missing)} charts have"
        yield NotJudged(NAME, f"{words} no archive: {', '.join(missing)}", _HINT)
    unknown = {f"{each.label}: {each.unknown}": None for run in runs for each in run.unknown if each.unknown}
    for words in unknown:
        yield NotJudged(NAME, words, "write them under `valuesObject`")


def _red(runs: Sequence[_Run]) -> Iterator[Finding]:
    """Only where a workflow vendors what the lock names, a missing archive of an environment is a fault."""
    missing = _missing([run for run in runs if run.inventory.closed])
    if missing and os.environ.get("CI") == "true" and os.environ.get("GITHUB_ACTIONS") == "true":
        yield Finding.of(rules.NO_ARCHIVE, f"charts without an archive: {', '.join(missing)}", hint=_HINT)


def _missing(runs: Sequence[_Run]) -> list[str]:
    return sorted({release.label for run in runs for release in run.unknown if not release.unknown})


def _waves(position: Position) -> Waves:
    return tuple((at_phase, at_wave) for _, at_phase, at_wave in position)


@cache
def _builtin(kubernetes: str) -> frozenset[str]:
    """Give the API versions of Kubernetes itself, as `v1` and as `apps/v1/Deployment`."""
    kinds = [kind for kind in KubernetesSchemas(kubernetes).kinds if not any(word in kind.version for word in UNSTABLE)]
    return frozenset(name for kind in kinds for name in (kind.api_version, f"{kind.api_version}/{kind.kind}"))


def _failed(release: Release, answer: Reply) -> Finding:
    """Say why a chart cannot be rendered, at its Application."""
    if answer.reason == UNUSABLE:
        return values.found(release, rules.UNUSABLE_ARCHIVE, answer.message, hint=VENDOR)
    if answer.reason == "not-reproducible":
        hint = "give such a value, so that every sync makes the same objects"
        if "`lookup`" in answer.message:
            where = "the entry of the chart" if release.application.environment else "an annotation of the Application"
            hint = f"{hint}, or let it find nothing, as where Argo CD renders it: `lookups: empty` in {where}"
        return values.found(release, rules.NOT_REPRODUCIBLE, f"{release.label}: {answer.message}", hint=hint)
    hint = "correct the values, or take another version of the chart"
    return values.found(release, rules.NOT_RENDERED, f"{release.label} cannot be rendered: {answer.message}", hint=hint)
