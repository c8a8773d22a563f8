"""Holds the policy engine to Kyverno's own command line: the same verdicts, in the same words, on everything.

The subjects are the objects of all policy suites, those of the environments, and mutants of these. The test
suite takes mutants of unlike pods, each under the policies that must refuse it; the rehearsal takes every mutant
of every object under every policy. Must not say what a verdict should be.
"""

import itertools
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from aurora import packs, pipeline
from aurora.model.inventory import Inventory
from aurora.model.json_value import mapping
from aurora.model.manifest import Manifest
from aurora.model.pod_template import pod_templates
from aurora.model.resource import ResourceId
from aurora.paths import RepositoryPaths
from aurora.policies import judging
from aurora.policies.handing import Given, Surroundings, sort_out
from aurora.policies.judging import Judge
from aurora.policies.kinds import Kinds
from aurora.policies.matching import Subject, constraints
from aurora.policies.sources import GROUP, KIND, Policy
from aurora.suites import environments, mutants, reading, subjects
from aurora.suites.environments import Bound
from aurora.suites.mutants import Mutant
from aurora.suites.operators import OPERATORS
from aurora.tools.installed import toolbox
from aurora.tools.verdicts import Row, Verdicts

Locate = Callable[[str], Path]
SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Case:
    """Objects that both programs judge; the command line is asked about `pairs` of them and a policy."""

    name: str
    policies: tuple[Policy, ...]
    objects: tuple[Given, ...]
    surroundings: Surroundings
    pairs: tuple[tuple[Policy, tuple[Given, ...]], ...]


@dataclass(slots=True)
class Comparison:
    """How many verdicts were held against each other, and every one that differs."""

    objects: int = 0
    verdicts: int = 0
    differences: list[str] = field(default_factory=list)


def of_suites(paths: RepositoryPaths) -> Iterator[Case]:
    """Give the objects of every suite of ValidatingPolicies, each under the suite's own policies."""
    for file in reading.find(paths.policies):
        for suite in reading.read(file, paths.shown(file)).suites:
            found = subjects.gather(suite, strict=True)
            manifests = [entry.manifest for entry in found.policies]
            asked = tuple(_policy(entry) for entry in manifests if (entry.id.group, entry.id.kind) == (GROUP, KIND))
            if asked:
                inventory = Inventory(tuple(found.objects))
                with pipeline.settings(schemas=[packs.pack_of(paths)]) as known:
                    surroundings = Surroundings(inventory, Kinds(inventory, known.schemas, known.cache))
                    handed = sort_out(surroundings.hand(entry) for entry in found.objects).handed
                pairs = tuple((policy, tuple(handed)) for policy in asked)
                yield Case(suite.name, asked, tuple(handed), surroundings, pairs)


def of_unlike_mutants(paths: RepositoryPaths) -> Iterator[Case]:
    """Give each environment with its mutants by unlike pods, each under the policy that must refuse it."""
    bounds = environments.committed(paths)
    trials = mutants.trials(bounds, {policy.name for bound in bounds for policy in bound.judging})
    for bound in bounds:
        objects: list[Given] = list(bound.objects)
        pairs: list[tuple[Policy, tuple[Given, ...]]] = []
        numbers = itertools.count()
        for policy in bound.judging:
            met = [entry for entry in bound.objects if policy.constraints.may_match(entry.subject)]
            own = [trial for trial in trials if trial.environment == bound.environment and trial.policy is policy]
            unlike = _unlike([mutant for trial in own for mutant in trial.mutants])
            broken = [mutant.hand(bound.surroundings, f"mutant-{next(numbers)}") for mutant in unlike]
            objects.extend(broken)
            pairs.append((policy, (*met, *broken)))
        yield Case(bound.environment, bound.judging, tuple(objects), bound.surroundings, tuple(pairs))


def _unlike(found: Sequence[Mutant]) -> Iterator[Mutant]:
    """Keep the mutants of pods, which are of unlike templates, and one of each operator for other kinds."""
    seen: set[tuple[str, str]] = set()
    for mutant in found:
        key = (mutant.operator.name, mutant.origin.id.kind)
        if key not in seen or any(pod_templates(mutant.origin)):
            yield mutant
        seen.add(key)


def of_every_mutant(paths: RepositoryPaths) -> Iterator[Case]:
    """Give each environment with every mutant of every object, all under every policy that judges."""
    for bound in environments.committed(paths):
        objects = (*bound.objects, *_every_mutant(bound))
        pairs = tuple((policy, objects) for policy in bound.judging)
        yield Case(bound.environment, bound.judging, objects, bound.surroundings, pairs)


def _every_mutant(bound: Bound) -> Iterator[Given]:
    numbers = itertools.count()
    for entry in bound.objects:
        for operator in OPERATORS:
            for broken in operator.breaks(entry.manifest):
                number = next(numbers)
                mutant = Mutant(number, entry.manifest, operator, broken)
                yield mutant.hand(bound.surroundings, f"mutant-{number}")


def compare(cases: Sequence[Case], locate: Locate, *, parallel: int) -> Comparison:
    """Let both programs judge and hold their verdicts against each other.

    Raises:
        ToolError: one of them is missing, or gave no proof that it looked at everything.
    """
    with tempfile.TemporaryDirectory(prefix="aurora-judges-") as folder, ThreadPoolExecutor(parallel) as pool:
        engine, cli = (_judge(name, locate, Path(folder) / name) for name in ("engine", "cli"))
        runs = [(case, policy, part) for case in cases for policy, objects in case.pairs for part in _parts(objects)]
        asked = [pool.submit(cli.ask, [policy], part, case.surroundings) for case, policy, part in runs]
        ours = [pool.submit(engine.ask, case.policies, case.objects, case.surroundings) for case in cases]
        said = {id(case): {key(row): row for row in _rows(run.result())} for case, run in zip(cases, ours, strict=True)}
        comparison = Comparison(objects=sum(len(case.objects) for case in cases))
        for (case, policy, part), run in zip(runs, asked, strict=True):
            hold(comparison, case, (policy, part), theirs=_rows(run.result()), ours=said[id(case)])
    return comparison


def _parts(objects: Sequence[Given], largest: int = 400) -> Iterator[Sequence[Given]]:
    """Cut what one process would take long for."""
    size = math.ceil(len(objects) / max(1, math.ceil(len(objects) / largest))) or 1
    for start in range(0, len(objects), size):
        yield objects[start : start + size]


def _judge(name: str, locate: Locate, workspace: Path) -> Judge:
    workspace.mkdir()
    return judging.make(name, locate, workspace=workspace, timeout=SECONDS, parallel=1)


def _rows(verdicts: Verdicts) -> tuple[Row, ...]:
    """Give the rows of a run in which every policy and every object took part."""
    if verdicts.refused or verdicts.unjudged:
        raise AssertionError(f"not everything was judged: {verdicts.refused} {verdicts.unjudged}")
    return verdicts.rows


def key(row: Row) -> tuple[str, ResourceId]:
    """Give what a verdict is about."""
    return row.policy, row.resource


def hold(
    comparison: Comparison,
    case: Case,
    asked: tuple[Policy, Sequence[Given]],
    *,
    theirs: Sequence[Row],
    ours: dict[tuple[str, ResourceId], Row],
) -> None:
    """Note every verdict of one program that the other does not give."""
    policy, objects = asked
    by_object = {row.resource: row for row in theirs}
    for entry in objects:
        their, our = by_object.get(entry.id), ours.get((policy.name, entry.id))
        comparison.verdicts += their is not None or our is not None
        expected = replace(our, autogen="") if our else None
        if their != expected:
            comparison.differences.append(f"{case.name}: the command line says {their}, the engine {our}")
        elif our is not None and our.autogen != repetition(policy, entry.subject):
            comparison.differences.append(f"{case.name}: {our} was judged by another repetition of the policy")


def repetition(policy: Policy, subject: Subject) -> str:
    """Name the repetition for controllers by which a policy must judge an object; none for its own rules."""
    spec = mapping(policy.manifest.get("spec"))
    if constraints({**spec, "autogen": {"podControllers": {"controllers": []}}}).matches(subject):
        return ""
    return "cronjobs" if subject.resource == "cronjobs" else "defaults"


def _policy(manifest: Manifest) -> Policy:
    return Policy(manifest, constraints(mapping(manifest.get("spec"))))


def main() -> None:
    """Compare everything, print the counts and every difference, and end with 1 if there is one."""
    started = time.monotonic()
    paths = RepositoryPaths(Path(__file__).resolve().parents[1])
    tools = toolbox()
    processors = os.cpu_count() or 1
    found = compare([*of_suites(paths), *of_every_mutant(paths)], tools.locate, parallel=processors)
    for difference in found.differences:
        print(difference)
    print(
        f"{found.verdicts} verdicts of the policy engine and the command line on {found.objects} objects: "
        f"{len(found.differences)} differ ({time.monotonic() - started:.0f} s on {processors} processors)"
    )
    if found.differences or not found.verdicts:
        sys.exit(1)


if __name__ == "__main__":
    main()
