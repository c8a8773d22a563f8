"""The stages in order, one function per command.

load → synthesise → normalise → render → stage → validate → diff → swap → report.
"""

import datetime
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from aurora import differ, fleets, gitops, packs, rule_settings, synthesis, writer
from aurora.charts import committing, places, rendering, statements
from aurora.checks import second_opinion
from aurora.checks.check import Check, InventoryCheck, compute, names_of
from aurora.component_folders import objects as component_folders
from aurora.environment import facts, fitness, flows, load, waivers
from aurora.environment.model import Environment
from aurora.errors import InputError, UsageError
from aurora.memory.store import Forgetful, Memory
from aurora.model.clock import Clock as Clock  # noqa: PLC0414 - callers of this module pass one in
from aurora.model.finding import Finding, order
from aurora.model.inventory import External, Inventory
from aurora.model.manifest import Manifest
from aurora.model.report import CheckResult, Report, Silenced
from aurora.normalise import normalise
from aurora.paths import RepositoryPaths, cache_folder
from aurora.policies import folders
from aurora.render import files, render
from aurora.schemas import profiles
from aurora.settings.silencing import Silencing
from aurora.synth import SynthesisedObject
from aurora.tools import runner
from aurora.tools.settings import Settings

Rendered = Mapping[str, Mapping[str, bytes]]
"""The compiled files of environments: by environment, then by path."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """An environment and everything that it compiles to."""

    environment: Environment
    manifests: tuple[Manifest, ...]

    @property
    def inventory(self) -> Inventory:
        """The manifests with what the environment knows about its surroundings."""
        spec = self.environment.spec
        return Inventory(
            (*self.manifests, *fleets.generated(self.manifests)) if spec.gitops.fleet else self.manifests,
            environment=self.environment.name,
            cluster=fleets.judged(spec),
            names=spec.names,
            externals=[External(one.group, one.kind, one.namespace, one.name) for one in spec.externals.values()],
            closed=True,
            stated=flows.stated(self.environment),
        )


def load_environments(paths: RepositoryPaths, names: Sequence[str]) -> tuple[Environment, ...]:
    """Load the named environments, or all of them, and hand them the repository's policies.

    Raises:
        UsageError: there is no environment at all, or none of a name.
        InputError: one or more cannot be compiled; it carries the findings of all of them.
    """
    if not names and not paths.environment_names():
        raise UsageError(
            f"`{paths.environments}` holds no environment", hint="describe one in `environments/<name>.yaml`"
        )
    loaded: list[Environment] = []
    findings: list[Finding] = []
    texts = None
    try:
        policies = {**folders.read(paths), **folders.forms(paths)}
        texts = fitness.Texts(policies, folders.read_tracing(paths), profiles.read(packs.pack_of(paths)))
    except InputError as error:
        findings.extend(error.findings)
    for name in dict.fromkeys(names) or paths.environment_names():
        try:
            loaded.append(load.load(paths, name, texts=texts))
        except InputError as error:
            if any(finding.check == "settings" for finding in error.findings):
                rule_settings.of_repository(paths)  # says all that is wrong with the settings at once
                raise
            findings.extend(error.findings)
    if findings:
        raise InputError("the environments cannot be compiled", findings=sorted(findings, key=order))
    return tuple(loaded)


def compile_environment(environment: Environment, clock: Clock, *, memory: Memory | None = None) -> Compiled:
    """Turn an environment into manifests, those of Argo CD included; `memory` knows what was built before.

    Raises:
        BuildError: a construct refused its specification, or a chart or an object cannot become files.
        InputError: the folder of a component does not hold what the component needs.
        ToolError: a program is missing that builds overlays or renders charts.
        CollisionError: two objects claim one identity or one file.
    """
    with clock.stage("synthesise"):
        known = memory or Forgetful()
        objects = (*component_folders.objects(environment, known), *synthesis.components(environment, known))
    compiled = _assembled(environment, objects, clock, known)
    wanted = committing.to_commit(environment.components)
    if not wanted:
        return compiled
    with clock.stage("charts"), settings(charts=RepositoryPaths(environment.root).charts, memory=memory) as given:
        objects = committing.replaced(objects, wanted, rendering.expanded([compiled.inventory], given))
    return _assembled(environment, objects, clock, known)


def _assembled(
    environment: Environment, objects: Sequence[SynthesisedObject], clock: Clock, memory: Memory
) -> Compiled:
    """Add the objects of Argo CD, and print everything."""
    with clock.stage("synthesise"):
        spec = gitops.derive(environment, objects)
        argocd = synthesis.whole("argocd", spec, memory, lambda: gitops.synthesise_argocd(spec))
    with clock.stage("render"):
        every = normalise(fleets.applied(environment, (*objects, *argocd)))
        return Compiled(environment, render(environment, every, memory))


def prove(
    checks: Sequence[Check], inventories: Iterable[Inventory], settings: Settings, clock: Clock
) -> tuple[CheckResult, ...]:
    """Run every check on every inventory and what its charts render, and add up what each did.

    Those that compute run beside those with outside tools.

    Raises:
        ToolError: an outside tool gave no proof.
    """
    with clock.stage("charts"):
        charts = rendering.expanded(inventories, settings)
    judged = charts.inventories
    computing = [check for check in checks if isinstance(check, InventoryCheck)]
    waiting = [check for check in checks if not isinstance(check, InventoryCheck)]
    with (
        clock.stage("validate"),
        runner.stopped_on_interrupt(),
        ThreadPoolExecutor(max_workers=settings.parallel) as pool,
    ):
        # Those that take longest stand last in the table: what starts last ends alone.
        runs = [pool.submit(_run, check, inventory, settings) for check in reversed(waiting) for inventory in judged]
        computed = [result for inventory in judged for result in compute(computing, inventory, settings.memory)]
        results: dict[str, CheckResult] = {charts.result.name: charts.result} if charts.result else {}
        for result in (*(result for run in runs for result in run.result()), *computed):
            earlier = results.get(result.name)
            results[result.name] = earlier.plus(result) if earlier else result
    return tuple(results[name] for name in names_of(checks) if name in results)


def _run(check: Check, inventory: Inventory, settings: Settings) -> tuple[CheckResult, ...]:
    workspace = Path(tempfile.mkdtemp(prefix=f"{check.names[0]}-", dir=settings.workspace))
    return check.results(inventory, packs.settings_of(inventory.cluster, settings).within(workspace))


@contextmanager
def settings(
    *,
    schemas: Iterable[Path] = (),
    policies: Iterable[Path] = (),
    planted: Iterable[Path] = (),
    charts: Path | None = None,
    memory: Memory | None = None,
) -> Iterator[Settings]:
    """Give the checks' settings with a workspace that is deleted at the end; a forgetful memory means no cache."""
    with tempfile.TemporaryDirectory(prefix="aurora-") as workspace:
        yield Settings(
            cache=cache_folder() if memory is None or memory.remembers else Path(workspace) / "cache",
            memory=memory or Forgetful(),
            workspace=Path(workspace),
            schemas=tuple(schemas),
            policies=tuple(policies),
            planted=tuple(planted),
            charts=charts,
            parallel=os.cpu_count() or 1,
        )


def report(
    command: str,
    results: Sequence[CheckResult],
    *,
    objects: int,
    environments: Sequence[Environment] = (),
    extra: Iterable[Finding] = (),
    today: datetime.date,
    clock: Clock,
    silencing: Silencing | None = None,
    manifests: Iterable[Manifest] = (),
) -> Report:
    """Join the findings of all checks, apply waivers and settings, and put everything into reading order.

    `manifests` are those in which a comment may silence a rule.
    """
    ran = {result.name for result in results}
    stated = statements.findings(environments) if rendering.NAME in ran else ()
    said = second_opinion.merge([*extra, *(finding for result in results for finding in result.findings)])
    unused = [finding for environment in environments for finding in facts.unused(environment)]
    found = [*places.traced(said, environments), *stated, *unused]
    for environment in environments:
        own = component_folders.traced((each for each in found if each.environment == environment.name), environment)
        other = [finding for finding in found if finding.environment != environment.name]
        known = silencing.rules if silencing is not None else ()
        found = [*other, *waivers.apply(own, environment, today, checks=ran, known=known, fixed=rule_settings.FIXED)]
    names = [environment.name for environment in environments]
    silenced: tuple[Silenced, ...] = ()
    if silencing is not None:
        found, silenced = silencing.apply(found, manifests, ran=ran, names=names)
    return Report(
        command=command,
        objects=objects,
        checks=tuple(results),
        findings=tuple(sorted(found, key=order)),
        silenced=silenced,
        environments=tuple(names),
        seconds=dict(clock.seconds),
    )


def synth(
    paths: RepositoryPaths,
    names: Sequence[str],
    *,
    checks: Callable[[], Sequence[Check]],
    write: bool,
    today: datetime.date,
    memory: Memory | None = None,
    keep: Callable[[Report, Rendered], None] | None = None,
    announce: Callable[[str], None] = lambda _: None,
) -> tuple[Report, tuple[differ.FileChange, ...]]:
    """Compile, prove and, unless something is wrong or `write` is off, swap in the environments.

    Returns the report and what differs, or differed, from what is committed. `keep` is called with the report
    and every environment's files once these are what is committed. `announce` is called with the path of every file
    that somebody else put there, before it is removed. `checks` gives the checks once the environments
    are read: it imports much, and Node starts meanwhile.

    Raises:
        InputError: an environment cannot be compiled.
        ToolError: an outside tool gave no proof.
        StorageError: `generated/` cannot be read or written, or another run holds it.
    """
    if not write:
        writer.repair(paths)
    with writer.exclusive(paths) if write else nullcontext():
        clock = Clock()
        outcome, rendered = _proved(paths, names, clock, checks=checks, today=today, memory=memory)
        with clock.stage("write"):
            changes = tuple(differ.against_committed(paths, rendered, complete=not names))
            written = write and not any(finding.fails for finding in outcome.findings)
            if written:
                for change in changes:
                    if change.change == "foreign":
                        announce(change.path)
                writer.swap(paths, writer.stage(paths, rendered, {change.path for change in changes}))
        if keep and (written or not changes):
            keep(outcome, rendered)
    return replace(outcome, seconds=dict(clock.seconds)), changes


def _proved(
    paths: RepositoryPaths,
    names: Sequence[str],
    clock: Clock,
    *,
    checks: Callable[[], Sequence[Check]],
    today: datetime.date,
    memory: Memory | None,
) -> tuple[Report, Rendered]:
    with clock.stage("load"):
        environments = load_environments(paths, names)
        chosen = checks()
        silencing = rule_settings.of_repository(paths)
    compiled = [compile_environment(environment, clock, memory=memory) for environment in environments]
    rendered = {entry.environment.name: files(entry.manifests) for entry in compiled}
    pack = packs.pack_of(paths)
    with settings(schemas=[pack], planted=[paths.policies], charts=paths.charts, memory=memory) as known:
        results = prove(chosen, [entry.inventory for entry in compiled], known, clock)
    outcome = report(
        "synth",
        results,
        objects=sum(len(found) for found in rendered.values()),
        environments=environments,
        today=today,
        clock=clock,
        silencing=silencing,
    )
    return outcome, rendered
