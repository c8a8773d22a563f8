"""Judges committed environments and foreign manifests: what `aurora validate` does.

Compiles nothing, so it never starts Node; writes nothing.
"""

import datetime
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from aurora import exports, history, inputs, manifests, packs, pipeline, rule_settings, writer
from aurora.charts import rendering
from aurora.checks.check import Check
from aurora.cluster.applications import deployments
from aurora.component_folders import objects as component_folders
from aurora.environment.model import Environment
from aurora.errors import InputError, UsageError
from aurora.memory.store import Memory
from aurora.model.finding import Finding
from aurora.model.inventory import External, Inventory
from aurora.model.manifest import Manifest, Origin, Source
from aurora.model.report import CheckResult, Report
from aurora.paths import RepositoryPaths, find_repository
from aurora.settings import reading
from aurora.settings.silencing import Silencing


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to judge, and what is known about foreign manifests."""

    targets: tuple[str, ...]
    kubernetes: str
    policies: tuple[Path, ...]
    schemas: tuple[Path, ...]
    externals: tuple[External, ...]
    pod_security: str | None = None
    old: str | None = None
    write_baseline: bool = False


def validate(
    request: Request, folder: Path, *, checks: Sequence[Check], today: datetime.date, memory: Memory | None = None
) -> Report:
    """Judge everything that is named; without names, the committed output of every environment.

    Raises:
        UsageError: a name is neither an environment nor a path, or an environment was never compiled.
        InputError: an environment's own file cannot be read.
        ToolError: an outside tool gave no proof.
        StorageError: an interrupted run left something that cannot be repaired now.
    """
    clock = pipeline.Clock()
    repository = _repository(folder, required=not request.targets)
    if repository:
        writer.repair(repository)
    silencing = _silencing(repository, folder, request)
    with clock.stage("load"):
        environments, subjects = _subjects(request, repository, silencing)
        names = [entry.name for entry in environments]
        foreign = [target for target in request.targets if target not in names]
        before = () if request.old is None else history.read(request.old, repository, names, foreign)
    with pipeline.settings(
        schemas=(packs.pack_of(repository), *request.schemas),
        policies=request.policies,
        planted=[repository.policies] if repository else [],
        charts=repository.charts if repository else None,
        memory=memory,
    ) as prepared:
        settings = replace(prepared, pod_security=request.pod_security, old=tuple(before))
        judged = [subject.inventory for subject in subjects if subject.inventory.manifests]
        results = pipeline.prove(checks, judged, settings, clock) if judged else ()
    report = partial(_report, subjects, environments, results, today=today, clock=clock)
    outcome = report(silencing=silencing)
    if not request.write_baseline:
        return outcome
    silencing.write({result.name for result in results}, names)
    return report(silencing=silencing.again())


@dataclass(frozen=True, slots=True)
class Subject:
    """An inventory to judge, and what could not be read of it."""

    inventory: Inventory
    findings: tuple[Finding, ...]


def _subjects(
    request: Request, repository: RepositoryPaths | None, silencing: Silencing
) -> tuple[tuple[Environment, ...], list[Subject]]:
    known = set(repository.environment_names()) if repository else set()
    named = request.targets or tuple(sorted(known))
    environments = (
        pipeline.load_environments(repository, [name for name in named if name in known])
        if repository and (known.intersection(named) or not named)
        else ()
    )
    subjects = [committed(repository, entry) for entry in environments if repository]
    foreign = [name for name in named if name not in known]
    if foreign:
        given = _admitted(manifests.join(inputs.read(target, known) for target in foreign), silencing, foreign)
        given = exports.judged(given, _applied(request, given))
        subjects = [_with(subject, given) for subject in subjects] or [_foreign(request, given)]
    return environments, subjects


def _report(
    subjects: Sequence[Subject],
    environments: Sequence[Environment],
    results: Sequence[CheckResult],
    *,
    today: datetime.date,
    clock: pipeline.Clock,
    silencing: Silencing,
) -> Report:
    objects = [manifest for subject in subjects for manifest in subject.inventory.manifests]
    return pipeline.report(
        "validate",
        results,
        objects=len(objects),
        environments=environments,
        extra=[finding for subject in subjects for finding in subject.findings],
        today=today,
        clock=clock,
        silencing=silencing,
        manifests=objects,
    )


def _silencing(repository: RepositoryPaths | None, folder: Path, request: Request) -> Silencing:
    """Read the settings where what is judged lies: at the root of its repository, or of the nearest parent with any."""
    environments = repository.environment_names() if repository else ()
    named = [folder / name for name in request.targets if name not in (*environments, "-")]
    if not repository or len(named) == len(request.targets) > 0:
        paths = [path for path in named if os.path.lexists(path)]  # what is missing is said when it is read
        start = Path(os.path.commonpath([path.resolve() for path in paths or [folder]]))
        start = start if start.is_dir() else start.parent
        home = _repository(start, required=False)
        root = home.root if home else reading.root(start)
    else:
        root = repository.root
    own = repository.policies.glob("*/policy.yaml") if repository else ()
    names = environments if repository and root == repository.root else ()
    return rule_settings.read(root, folder, (*own, *request.policies), names, replacing=request.write_baseline)


def _admitted(given: manifests.Read, silencing: Silencing, targets: Sequence[str]) -> manifests.Read:
    """Leave out what the settings exclude; if nothing is left, nothing was judged, and that is said."""
    left = manifests.Read(
        tuple(entry for entry in given.manifests if silencing.admits(entry.source.path)),
        tuple(entry for entry in given.findings if entry.place is None or silencing.admits(entry.place.path)),
        tuple((source, text) for source, text in given.bare if silencing.admits(source.path)),
    )
    silencing.bare = left.bare
    return inputs.or_empty(left, " ".join(targets))


def _applied(request: Request, given: manifests.Read) -> Callable[[Manifest], bool]:
    """Give the question whether an Application that was not itself read from a cluster syncs an object as it is."""
    if not any(map(exports.is_export, given.manifests)):
        return lambda _: False
    owners = deployments(_foreign(request, given).inventory).owners_of
    return lambda manifest: any(not exports.is_export(owner.manifest) for owner in owners(manifest))


def _repository(folder: Path, *, required: bool) -> RepositoryPaths | None:
    try:
        return find_repository(folder)
    except UsageError:
        if required:
            raise
        return None


def committed(paths: RepositoryPaths, environment: Environment) -> Subject:
    """Read an environment's committed files, with the line of the component that each belongs to.

    Raises:
        UsageError: the environment was never compiled.
        StorageError: a file cannot be read.
    """
    files = writer.committed(paths, environment.name)
    if not files:
        raise UsageError(
            f"`generated/{environment.name}` is empty: the environment was never compiled",
            hint=f"run `aurora synth {environment.name}`",
        )
    read = manifests.join(manifests.read(content, path) for path, content in files.items())
    unique, duplicates = manifests.duplicates(read.manifests)
    sources = component_folders.sources(environment)
    own = tuple(_belonging(manifest, environment, sources.get(manifest.id.identity)) for manifest in unique)
    inventory = pipeline.Compiled(environment, own).inventory
    findings = (*read.findings, *duplicates)
    return Subject(inventory, tuple(replace(entry, environment=environment.name) for entry in findings))


def readable(paths: RepositoryPaths, environment: Environment) -> Inventory:
    """Give the committed objects of an environment, all of which must be readable.

    Raises:
        InputError: a committed manifest cannot be read.
        UsageError: the environment was never compiled.
        StorageError: a file cannot be read.
    """
    subject = committed(paths, environment)
    if subject.findings:
        raise InputError(f"what is committed of `{environment.name}` cannot be read", findings=subject.findings)
    return subject.inventory


def with_charts(
    paths: RepositoryPaths, inventories: Iterable[Inventory], memory: Memory | None
) -> tuple[Inventory, ...]:
    """Add to inventories what their charts render; a chart without an archive adds nothing.

    Raises:
        ToolError: the renderer is missing, or lost an answer.
        InputError: `charts.lock` cannot be used.
    """
    with pipeline.settings(charts=paths.charts, memory=memory) as given:
        return rendering.expanded(inventories, given, judging=False).inventories


def _belonging(manifest: Manifest, environment: Environment, written: Source | None) -> Manifest:
    parts = Path(manifest.source.path).parts
    depth_of_component = 2
    name = parts[depth_of_component] if len(parts) > depth_of_component else None
    place = next((entry.place for entry in environment.components if entry.name == name), None)
    origin = Origin(place.path, place.line) if place else Origin(environment.path, 1)
    if written is not None:
        origin = Origin(written.path, written.line)
    return replace(manifest, environment=environment.name, component=name, origin=origin)


def _with(subject: Subject, given: manifests.Read) -> Subject:
    """Put files beside an environment's own: both are then one inventory."""
    inventory = subject.inventory
    beside = (replace(entry, environment=inventory.environment) for entry in given.manifests)
    unique, duplicates = manifests.duplicates((*inventory.manifests, *beside))
    findings = (replace(entry, environment=inventory.environment) for entry in (*given.findings, *duplicates))
    return Subject(inventory.part(unique), (*subject.findings, *findings))


def _foreign(request: Request, read: manifests.Read) -> Subject:
    unique, duplicates = manifests.duplicates(read.manifests)
    folders = [str(path if path.is_dir() else path.parent) for path in map(Path, request.targets)]
    inventory = Inventory(unique, kubernetes=request.kubernetes, externals=request.externals, folders=folders)
    return Subject(inventory, (*read.findings, *duplicates))
