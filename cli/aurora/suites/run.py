"""`aurora test` as a whole: which suites, coverage and mutants a run holds, side by side, and their report.

Must not print.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from aurora import manifests, pipeline, suite_rules
from aurora.errors import UsageError
from aurora.model.finding import Finding, order
from aurora.model.manifest import Manifest
from aurora.model.place import Place
from aurora.model.suite_report import CaseResult, Coverage, SuiteReport, SuiteResult
from aurora.paths import RepositoryPaths
from aurora.policies import folders, judging, sources
from aurora.suites import coverage, environments, mutants, reading
from aurora.suites.reading import Suite
from aurora.suites.running import Ran, Runner, run_suite
from aurora.tools import pins
from aurora.tracing import suite as tracing

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a run may use: the pinned programs, so many of them side by side, and so many seconds for each.

    `engine` judges the mutants; Kyverno's own tests need its command line, which also generates.
    """

    locate_tool: Callable[[str], Path]
    engine: str = judging.DEFAULT
    parallel: int = field(default_factory=lambda: os.cpu_count() or 1)
    timeout: float = 300.0
    progress: Progress = lambda _what, _done, _total: None


@dataclass(slots=True)
class _Found:
    """Everything that a run has found so far."""

    suites: list[SuiteResult] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    coverage: tuple[Coverage, ...] = ()
    outcome: mutants.Outcome = field(default_factory=mutants.Outcome)


def own(paths: RepositoryPaths, names: Sequence[str], means: Means) -> SuiteReport:
    """Test the repository's policies, or the named ones.

    Raises:
        UsageError: a name is no policy's, or an environment was never compiled.
        InputError: an environment cannot be read.
        ToolError: Kyverno is missing, did not end in time, or gave no proof.
        StorageError: a file cannot be read.
    """
    kyverno, recorded = _policies(paths.policies), _policies(paths.tracing_policies)
    _demand_known(names, (*kyverno, *recorded))
    chosen = [name for name in kyverno if not names or name in names]
    clock, found = pipeline.Clock(), _Found()
    files = [file for name in chosen for file in reading.find(paths.policies / name)]
    suites = _read(files, paths.shown, found)
    found.findings.extend(_untested(paths, chosen, suites))
    with _workspace() as workspace, ThreadPoolExecutor(max_workers=means.parallel) as pool:
        runs = _start(suites, _runner(means, workspace, strict=True), pool)
        with clock.stage("mutants"):
            _ask_environments(paths, chosen, found, _Asking(means, workspace, pool))
        with clock.stage("tests"):
            _collect(runs, found, means.progress)
    with clock.stage("tracing"):
        for name in recorded:
            if not names or name in names:
                _take_events(paths, name, found)
    return _report(found, clock)


def foreign(targets: Sequence[Path], means: Means) -> SuiteReport:
    """Run every test below some folders, of whatever library.

    Raises:
        UsageError: a folder holds no test.
        ToolError: Kyverno is missing, did not end in time, or printed something unreadable.
        StorageError: a file cannot be read.
    """
    clock, found = pipeline.Clock(), _Found()
    files: list[Path] = []
    for target in targets:
        below = (target,) if target.is_file() else reading.find(target)
        if not below:
            raise UsageError(f"`{target}` holds no `{reading.FILE}`", hint="a run that looks at nothing proves nothing")
        files.extend(below)
    suites = _read(list(dict.fromkeys(files)), Path.as_posix, found)
    with _workspace() as workspace, ThreadPoolExecutor(max_workers=means.parallel) as pool, clock.stage("tests"):
        _collect(_start(suites, _runner(means, workspace, strict=False), pool), found, means.progress)
    return _report(found, clock)


def names(paths: RepositoryPaths) -> tuple[str, ...]:
    """Give the names of all policies that have tests."""
    return (*_policies(paths.policies), *_policies(paths.tracing_policies))


def _policies(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(file.parent.name for file in folder.glob(f"*/{folders.FILE}")))


def _demand_known(wanted: Iterable[str], known: Sequence[str]) -> None:
    for name in wanted:
        if name not in known:
            raise UsageError(f"`{name}` is no policy of this repository", hint=f"policies: {', '.join(known)}")
    if not known:
        raise UsageError("this repository holds no policies", hint="name a folder with tests of policies")


def _workspace() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="aurora-test-")


def _runner(means: Means, workspace: str, *, strict: bool) -> Runner:
    program = means.locate_tool(pins.KYVERNO.name)
    return Runner(program=program, workspace=Path(workspace), timeout=means.timeout, strict=strict)


def _read(files: Sequence[Path], shown: Callable[[Path], str], found: _Found) -> list[Suite]:
    suites: list[Suite] = []
    for file in files:
        read = reading.read(file, shown(file))
        found.findings.extend(read.findings)
        suites.extend(read.suites)
    return suites


def _start(suites: Sequence[Suite], using: Runner, pool: ThreadPoolExecutor) -> list[Future[Ran]]:
    return [pool.submit(run_suite, suite, using, number=number) for number, suite in enumerate(suites)]


def _collect(runs: Sequence[Future[Ran]], found: _Found, progress: Progress) -> None:
    for done, run in enumerate(runs, start=1):
        ran = run.result()
        found.suites.append(ran.result)
        found.findings.extend(ran.findings)
        progress("tests", done, len(runs))


def _untested(paths: RepositoryPaths, chosen: Iterable[str], suites: Sequence[Suite]) -> Iterator[Finding]:
    """Find policies that no test names."""
    tested = {os.path.normpath(suite.folder / path) for suite in suites for path in suite.paths("policies")}
    for name in chosen:
        for file in sorted((paths.policies / name).rglob(folders.FILE)):
            if os.path.normpath(file.absolute()) not in tested:
                message = f"no test names the policy `{paths.shown(file)}`"
                hint = f"write a `{reading.FILE}` beside it"
                yield Finding.of(suite_rules.UNTESTED, message, Place(paths.shown(file)), hint=hint)


@dataclass(frozen=True, slots=True)
class _Asking:
    means: Means
    workspace: str
    pool: ThreadPoolExecutor


def _ask_environments(paths: RepositoryPaths, chosen: Sequence[str], found: _Found, asking: _Asking) -> None:
    """Ask the environments' own objects what each policy meets and refuses."""
    if not chosen or not paths.environment_names():
        return
    bound = environments.committed(paths)
    found.coverage = coverage.coverage(chosen, bound)
    known = {entry.id.name: entry for each in bound for entry in each.inventory.manifests if sources.is_policy(entry)}
    found.findings.extend(coverage.meeting_nothing(found.coverage, _own(paths, chosen) | known, bound))
    tried = mutants.trials(bound, chosen)
    found.findings.extend(mutants.without_mutants(bound, tried, chosen))
    judge = judging.make(
        asking.means.engine,
        asking.means.locate_tool,
        workspace=Path(asking.workspace),
        timeout=asking.means.timeout,
        parallel=asking.means.parallel,
    )
    found.outcome = mutants.try_all(tried, judge, asking.pool, chosen)


def _own(paths: RepositoryPaths, chosen: Iterable[str]) -> dict[str, Manifest]:
    files = {name: paths.policies / name / folders.FILE for name in chosen}
    read = {name: manifests.read(file.read_bytes(), paths.shown(file)).manifests for name, file in files.items()}
    return {name: found[0] for name, found in read.items() if found}


def _take_events(paths: RepositoryPaths, name: str, found: _Found) -> None:
    """Add the recorded events of a tracing policy."""
    folder = paths.tracing_policies / name
    result = tracing.run(folder, shown=paths.shown(folder))
    cases = tuple(
        CaseResult(
            policy=name,
            rule=case.call,
            resource=case.name,
            expected="report" if case.expected else "ignore",
            proved=case.passed,
            said=f"reported by `{case.selector}`" if case.got else "not reported",
            place=case.place,
        )
        for case in result.cases
    )
    found.suites.append(SuiteResult(name=name, path=f"{paths.shown(folder)}/{tracing.TESTS}", cases=cases))
    found.findings.extend(result.findings)


def _report(found: _Found, clock: pipeline.Clock) -> SuiteReport:
    return SuiteReport(
        tool=f"{pins.KYVERNO.name} {pins.KYVERNO.version}",
        suites=tuple(sorted(found.suites, key=lambda suite: suite.path)),
        coverage=found.coverage,
        scores=found.outcome.scores,
        operators=found.outcome.operators,
        findings=tuple(sorted([*found.findings, *found.outcome.findings], key=order)),
        seconds=dict(clock.seconds),
    )
