"""Judges what differs: the pairs of each environment, their effects, and what follows. Compiles nothing."""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from aurora import packs
from aurora.changes import charts, comparison, consequences, effects, folding, masking, pairing, staying
from aurora.changes.consequences import totals
from aurora.changes.consequences.refused_pods import ProgramJudge
from aurora.changes.pairs import Pair, Scene
from aurora.changes.reading import Reading
from aurora.changes.sides import Side
from aurora.cluster.applications import deployments, is_application
from aurora.memory.store import Forgetful, Memory
from aurora.model.change import Change, Consequence
from aurora.model.clock import Clock
from aurora.model.diff import Diff, Edit, Movement
from aurora.model.finding import Finding, order
from aurora.model.inventory import Inventory
from aurora.model.json_value import text
from aurora.model.manifest import Manifest, Origin
from aurora.model.resource import ResourceId
from aurora.paths import cache_folder
from aurora.tools.settings import Settings
from aurora_constructs.cluster import ClusterFacts
from aurora_constructs.names import DEFAULT, Names

KUBERNETES = "1.35"
"""The version that an environment is judged by which is no more, and that foreign folders are judged by."""

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a diff works with: the finder of programs, where progress goes, the user's CRDs, what is remembered."""

    locate_tool: Callable[[str], Path]
    progress: Progress
    schemas: tuple[Path, ...] = ()
    memory: Memory | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Both sides of one environment, or of two foreign folders.

    `archives` gives the folders of both sides' charts; it may write one below the folder that it is given.
    """

    before: Reading
    after: Reading
    kubernetes: str = KUBERNETES
    names: Names = DEFAULT
    cluster: ClusterFacts | None = None
    archives: Callable[[Path], tuple[Path | None, Path | None]] = lambda _: (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was found out about one subject."""

    changes: tuple[Change, ...]
    movement: Movement
    pairing: pairing.Pairing
    findings: tuple[Finding, ...]


def look(subjects: Sequence[Subject], schemas: Iterable[Path], means: Means, clock: Clock) -> tuple[Seen, ...]:
    """Find out everything about some subjects.

    Raises:
        ToolError: server validation is missing, failed, or proved nothing.
    """
    seen: list[Seen] = []
    with tempfile.TemporaryDirectory(prefix="aurora-") as workspace:
        settings = Settings(cache=cache_folder(), workspace=Path(workspace), schemas=tuple(schemas))
        for number, subject in enumerate(subjects):
            seen.append(_see(subject, packs.settings_of(subject.cluster, settings), means, clock))
            means.progress("compare", number + 1, len(subjects))
    return tuple(seen)


def _see(subject: Subject, settings: Settings, means: Means, clock: Clock) -> Seen:
    subject = _with_charts(subject, settings, means, clock)
    before, after = subject.before.side, subject.after.side
    with clock.stage("pair"):
        paired = pairing.pair(before, after)
        owned = _with_owners(paired.pairs, after)
    # The sums need no verdict: they are made while another process compares.
    with clock.stage("compare"), ThreadPoolExecutor(max_workers=1) as pool:
        moving = pool.submit(totals.movement, Scene(before=before, after=after, pairs=paired.pairs), subject.cluster)
        compared = comparison.compare(
            owned,
            after,
            settings,
            locate_tool=means.locate_tool,
            kubernetes=subject.kubernetes,
            cluster=subject.cluster,
        )
    pairs = staying.marked(Scene(before=before, after=after, pairs=compared.pairs))
    scene = Scene(before=before, after=after, pairs=pairs, names=subject.names)
    with clock.stage("follow"):
        following: dict[int, list[Consequence]] = defaultdict(list)
        judge = ProgramJudge(locate_tool=means.locate_tool, settings=settings, kubernetes=subject.kubernetes)
        for pair, consequence in consequences.follow(scene, judge, judge.outside):
            following[id(pair)].append(consequence)
    with clock.stage("decide"):
        changes = tuple(_change(pair, following[id(pair)], scene.environment) for pair in pairs)
    return Seen(
        changes=changes,
        movement=moving.result(),
        pairing=paired,
        findings=(*subject.before.findings, *subject.after.findings, *paired.findings, *compared.findings),
    )


def _with_charts(subject: Subject, settings: Settings, means: Means, clock: Clock) -> Subject:
    """Add what changed charts render."""
    with clock.stage("charts"):
        workspace = Path(tempfile.mkdtemp(dir=settings.workspace))
        rendering = replace(settings.within(workspace), memory=means.memory or Forgetful())
        one, other = (replace(rendering, charts=folder) for folder in subject.archives(workspace))
        before, after = charts.beside(subject.before, subject.after, subject.kubernetes, (one, other))
        return replace(subject, before=before, after=after)


def _with_owners(pairs: Sequence[Pair], after: Side) -> tuple[Pair, ...]:
    """Add the Applications that sync each later object: their options say how it is written."""
    applications = [entry for entry in after.mentioning("Application", "syncOptions") if is_application(entry)]
    if not applications:
        return tuple(pairs)
    objects = {id(entry): entry for entry in (*applications, *(pair.after for pair in pairs)) if entry is not None}
    found = deployments(Inventory([*objects.values()], folders=[after.folder] if after.environment is None else ()))
    return tuple(replace(pair, owners=tuple(found.owners_of(pair.after))) if pair.after else pair for pair in pairs)


def _change(pair: Pair, following: Iterable[Consequence], environment: str | None) -> Change:
    verdict = effects.decide(pair)
    reason = verdict.reason
    if pair.unstored is not None:
        reason = f"{reason} (compared as written: {pair.unstored})"
    if pair.unread:
        reason = f"{reason} (or not: the other side has this file, and it cannot be read)"
    component, origin = _belonging(pair.after, pair.before)
    return Change(
        resource=_shown(pair),
        effect=verdict.effect,
        rule=verdict.rule,
        reason=reason,
        environment=environment,
        component=component,
        before=masking.manifest(pair.before),
        after=masking.manifest(pair.after),
        fields=pair.fields,
        consequences=tuple(following),
        origin=origin,
    )


def _shown(pair: Pair) -> ResourceId:
    """Give the identity, of an object that the server names with the beginning of its name."""
    beginning = text(pair.subject.get("metadata", "generateName"))
    return pair.resource if pair.resource.name else replace(pair.resource, name=f"{beginning}*")


def _belonging(*manifests: Manifest | None) -> tuple[str | None, Origin | None]:
    found = [entry for entry in manifests if entry is not None]
    return (
        next((entry.component for entry in found if entry.component), None),
        next((entry.origin for entry in found if entry.origin), None),
    )


def join(
    seen: Sequence[Seen],
    *,
    base: str,
    head: str,
    environments: Sequence[str],
    edits: Sequence[Edit] = (),
    findings: Sequence[Finding] = (),
    clock: Clock,
) -> Diff:
    """Make the diff of everything that was found out: in order of risk, identical edits folded."""
    changes = folding.ordered(change for entry in seen for change in entry.changes)
    found = dict.fromkeys(finding for entry in seen for finding in entry.findings)
    return Diff(
        base=base,
        head=head,
        environments=tuple(environments),
        changes=changes,
        folds=folding.folded(changes),
        movements=tuple(entry.movement for entry in seen),
        edits=tuple(edits),
        findings=tuple(sorted([*found, *findings], key=order)),
        objects_before=sum(entry.pairing.before for entry in seen),
        objects_after=sum(entry.pairing.after for entry in seen),
        identical=sum(entry.pairing.identical for entry in seen),
        seconds=dict(clock.seconds),
    )
