"""Compares environments with what a Git revision has of them. Writes nothing."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from aurora import packs, pipeline, writer
from aurora.changes import charts, edits, judging, reading, rules, sources_before
from aurora.changes.judging import Means, Subject
from aurora.changes.reading import Reading, Revision
from aurora.changes.sides import Side, synthesised
from aurora.environment.model import Environment
from aurora.environment.wording import visible
from aurora.errors import InputError, UsageError
from aurora.model.clock import Clock
from aurora.model.diff import Diff
from aurora.model.finding import Finding
from aurora.model.manifest import Origin
from aurora.model.place import Place
from aurora.paths import RepositoryPaths, find_repository
from aurora_constructs.names import DEFAULT
from aurora_constructs.spelling import closest


def compare(folder: Path, names: Sequence[str], means: Means, *, base: str, compiled: bool) -> Diff:
    """Compare what a Git revision has in `generated/` with what environments compile to, or with what is there now.

    Raises:
        UsageError: there is no such environment on either side, or no such revision.
        InputError: an environment cannot be compiled, and is to be.
        ToolError: Git or server validation failed.
        StorageError: `generated/` cannot be read.
    """
    paths = find_repository(folder)
    writer.repair(paths)
    clock = Clock()
    with clock.stage("read"):
        revision = reading.revision(paths, base, (reading.GENERATED, paths.charts.name, *sources_before.WRITTEN))
    chosen = _chosen(names, paths.environment_names(), revision)
    with clock.stage("load"):
        present = [name for name in chosen if name in paths.environment_names()]
        environments, unread = _loaded(paths, present, compiled=compiled)
    if compiled:
        now = _compiled(environments, clock, means)
    else:
        now = {name: reading.committed(paths, name, _origins(name, environments)) for name in chosen}
    with clock.stage("read"):
        subjects = [_subject(name, now, revision, environments) for name in chosen]
    seen = judging.look(subjects, (packs.pack_of(paths), *means.schemas), means, clock)
    with clock.stage("edits"):
        readable = [name for name in chosen if name not in unread]
        touched = edits.find(revision, environments, readable, [change for entry in seen for change in entry.changes])
    head = "what the environments compile to" if compiled else "`generated/` as it is"
    return judging.join(
        seen,
        base=base,
        head=head,
        environments=chosen,
        edits=touched.edits,
        findings=(*unread.values(), *touched.findings),
        clock=clock,
    )


def _archives(revision: Revision, workspace: Path) -> tuple[Path, Path]:
    return charts.exported(revision, workspace / "charts-before"), revision.paths.charts


def _chosen(names: Sequence[str], present: Sequence[str], revision: Revision) -> tuple[str, ...]:
    """Give the named environments, or all of both sides: one that goes or comes counts too."""
    known = sorted({*present, *revision.environments()})
    for name in names:
        if name not in known:
            near = closest(name, known)
            raise UsageError(
                f"there is no environment `{visible(name)}`, neither here nor at `{revision.name}`",
                hint=f"did you mean `{near}`?" if near else "`aurora list` prints the environments",
            )
    return tuple(dict.fromkeys(names)) or tuple(known)


def _loaded(
    paths: RepositoryPaths, names: Sequence[str], *, compiled: bool
) -> tuple[tuple[Environment, ...], dict[str, Finding]]:
    """Load environments; where nothing is compiled, one that cannot be read is only a finding."""
    if compiled:
        return (pipeline.load_environments(paths, names) if names else ()), {}
    loaded: list[Environment] = []
    unread: dict[str, Finding] = {}
    for name in names:
        try:
            loaded.extend(pipeline.load_environments(paths, [name]))
        except InputError as error:
            unread[name] = _unread(name, error)
    return tuple(loaded), unread


def _unread(name: str, error: InputError) -> Finding:
    first = error.findings[0] if error.findings else None
    reason = first.message if first else error.message
    more = f" (and {len(error.findings) - 1} more)" if len(error.findings) > 1 else ""
    return rules.found(
        rules.NOT_LOADED,
        f"the environment cannot be compiled: {reason}{more}; so the edits and origins behind its changes are not "
        f"known, and they are judged by Kubernetes {judging.KUBERNETES}",
        place=first.place if first and first.place else Place(f"environments/{name}.yaml"),
        environment=name,
        hint="`aurora synth` lists all that is wrong with it",
    )


def _compiled(environments: Sequence[Environment], clock: Clock, means: Means) -> dict[str, Reading]:
    """Make the later sides by compiling."""
    found: dict[str, Reading] = {}
    for number, environment in enumerate(environments):
        result = pipeline.compile_environment(environment, clock, memory=means.memory)
        means.progress("compile", number + 1, len(environments))
        found[environment.name] = Reading(synthesised(environment.name, result.manifests, name="compiled"))
    return found


def _origins(name: str, environments: Sequence[Environment]) -> dict[str, Origin]:
    """Give the lines that an environment's components come from; none where it is no more."""
    own = (entry for environment in environments if environment.name == name for entry in environment.components)
    return {entry.name: Origin(entry.place.path, entry.place.line) for entry in own}


def _subject(name: str, now: dict[str, Reading], revision: Revision, environments: Sequence[Environment]) -> Subject:
    after = now.get(name) or Reading(Side(name, {}))
    environment = next((entry for entry in environments if entry.name == name), None)
    return Subject(
        before=revision.side(name, after.side.files),
        after=after,
        archives=partial(_archives, revision),
        kubernetes=environment.spec.cluster.kubernetes if environment else judging.KUBERNETES,
        names=environment.spec.names if environment else DEFAULT,
        cluster=environment.spec.cluster if environment else None,
    )
