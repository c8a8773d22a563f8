"""Judges objects in shards side by side and proves every policy on every route that objects take.

Beside the real objects of a shard stands a planted violation for each of its routes. A policy that passed
real objects on a route must report a violation there: the planted one, or, in a second run, a real object
broken in everything but its names and labels. Must not make findings.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from aurora.checks.policy.handing import NAME_LABEL, Handed, Surroundings
from aurora.checks.policy.planting import RESERVED, Route, broken, planted, specimen
from aurora.checks.policy.sources import Policy
from aurora.model.json_value import JsonObject, items, mapping, text
from aurora.model.manifest import identify
from aurora.model.resource import ResourceId
from aurora.tools.kyverno import Call, Verdicts
from aurora.tools.kyverno_output import Result, Row

SECONDS_EACH = 0.013
"""What Kyverno takes for one policy and one object, matching or not (measured with 1.19.1)."""
SECONDS_TO_START = 0.45
"""What a run takes before it judges anything: below twice that, a second process gains nothing."""

Apply = Callable[[Call], Verdicts]


@dataclass(frozen=True, slots=True, order=True)
class Proof:
    """What must be shown: that a policy reports violations on a route, in one of the runs."""

    policy: str
    route: Route
    shard: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """What every run needs: the program, a folder for files, the surroundings, and the limits."""

    apply: Apply
    program: Path
    workspace: Path
    surroundings: Surroundings
    parallel: int
    timeout: float


@dataclass(slots=True)
class Judgement:
    """Verdicts on real objects, the routes that each policy had to prove and did, and refused policies."""

    rows: list[tuple[Row, Handed]] = field(default_factory=list)
    due: dict[Proof, list[Handed]] = field(default_factory=dict)
    proved: set[Proof] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def unproved(self) -> dict[Proof, list[Handed]]:
        """The routes on which a policy passed real objects without having reported a violation, with these objects."""
        return {proof: passed for proof, passed in self.due.items() if proof not in self.proved}


@dataclass(frozen=True, slots=True)
class Shard:
    """Objects of one run, planted ones last, each with its route."""

    number: int
    handed: tuple[Handed, ...]
    planted: tuple[tuple[JsonObject, Route], ...]


def judge(policies: Sequence[Policy], handed: Sequence[Handed], using: Judge) -> Judgement:
    """Judge real objects, without the policies that Kyverno refuses.

    Raises:
        ToolError: Kyverno gave no proof that it looked at everything.
    """
    refused: dict[str, str] = {}
    for attempt in itertools.count():
        accepted = [policy for policy in policies if policy.name not in refused]
        if not accepted:
            return Judgement(refused=refused)
        shards = _shards(accepted, handed, using.parallel)
        verdicts = _run(accepted, shards, using, label=f"run-{attempt}")
        newly = {name: reason for each in verdicts for name, reason in each.refused.items()}
        if not newly:
            break
        refused.update(newly)
    judgement = Judgement(refused=refused)
    for shard, each in zip(shards, verdicts, strict=True):
        _take(judgement, shard, each.rows)
    _prove_with_real_objects(judgement, accepted, using)
    return judgement


def _shards(policies: Sequence[Policy], handed: Sequence[Handed], parallel: int) -> tuple[Shard, ...]:
    """Cut the objects into as many shards as pay off, those of one route together."""
    expected = SECONDS_EACH * len(handed) * len(policies)
    count = max(1, min(parallel, int(expected / SECONDS_TO_START), len(handed)))
    ordered = sorted(handed, key=lambda entry: (entry.route, entry.id.name))
    size = math.ceil(len(ordered) / count) if ordered else 1
    cuts = [tuple(ordered[start : start + size]) for start in range(0, len(ordered), size)] or [()]
    homeless = [policy for policy in policies if not any(policy.constraints.matches(e.subject) for e in handed)]
    return tuple(
        Shard(index, cut, tuple(_plants(cut, policies, homeless if index == 0 else ())))
        for index, cut in enumerate(cuts)
    )


def _plants(
    handed: Iterable[Handed], policies: Sequence[Policy], homeless: Iterable[Policy]
) -> Iterator[tuple[JsonObject, Route]]:
    """Plant violations on the routes of real objects, and one for each policy that no real object meets."""
    samples: dict[Route, JsonObject | None] = {}
    for entry in handed:
        samples.setdefault(entry.route, entry.body)
    for policy in homeless:
        samples.setdefault(_own_route(policy), None)
    numbers = itertools.count(1)
    examples = [example for policy in policies for example in policy.specimens]
    for route, sample in samples.items():
        bodies = [planted(route, next(numbers), sample=sample)]
        bodies.extend(specimen(route, next(numbers), example) for example in examples)
        yield from ((body, route) for body in bodies if body is not None)


def _own_route(policy: Policy) -> Route:
    """Find a route to a policy that no object takes: a Pod in a namespace that the policy names, or in any."""
    selector = mapping(policy.constraints.namespace_selector)
    names = [mapping(selector.get("matchLabels")).get(NAME_LABEL)]
    for entry in map(mapping, items(selector.get("matchExpressions"))):
        if entry.get("key") == NAME_LABEL and entry.get("operator") == "In":
            names.extend(items(entry.get("values")))
    return Route("v1", "Pod", next((text(name) for name in names if text(name)), RESERVED))


def _run(policies: Sequence[Policy], shards: Sequence[Shard], using: Judge, *, label: str) -> list[Verdicts]:
    calls = [_call(policies, shard, using, f"{label}-{index}") for index, shard in enumerate(shards)]
    with ThreadPoolExecutor(max_workers=using.parallel) as pool:
        return list(pool.map(using.apply, calls))


def _call(policies: Sequence[Policy], shard: Shard, using: Judge, name: str) -> Call:
    folder = using.workspace / name
    folder.mkdir()
    surroundings = using.surroundings
    subjects = [(entry.id, entry.subject) for entry in shard.handed]
    subjects.extend((identify(body), surroundings.subject(body, route.namespace)) for body, route in shard.planted)
    namespaces = sorted({subject.namespace for _, subject in subjects if subject.namespace})
    return Call(
        program=using.program,
        folder=folder,
        policies={policy.name: policy.body() for policy in policies},
        objects=[entry.body for entry in shard.handed] + [body for body, _ in shard.planted],
        namespaces=[surroundings.namespace(namespace) for namespace in namespaces],
        expected={
            policy.name: frozenset(identity for identity, subject in subjects if policy.constraints.matches(subject))
            for policy in policies
        },
        timeout=using.timeout,
    )


def _take(judgement: Judgement, shard: Shard, rows: Iterable[Row]) -> None:
    """Sort verdicts into those on real objects and the proofs that planted ones give."""
    real = {entry.id: entry for entry in shard.handed}
    routes = {identify(body): route for body, route in shard.planted}
    for row in rows:
        if row.resource in routes:
            if row.result is Result.FAIL:
                judgement.proved.add(Proof(row.policy, routes[row.resource], shard.number))
            continue
        entry = real[row.resource]
        judgement.rows.append((row, entry))
        if row.result is Result.PASS:
            judgement.due.setdefault(Proof(row.policy, entry.route, shard.number), []).append(entry)


def _prove_with_real_objects(judgement: Judgement, policies: Collection[Policy], using: Judge) -> None:
    """Break the objects that unproved policies passed, and judge them again under these policies."""
    unproved = judgement.unproved
    if not unproved:
        return
    names = {proof.policy for proof in unproved}
    samples: Mapping[ResourceId, Handed] = {entry.id: entry for passed in unproved.values() for entry in passed}
    plants = tuple((broken(entry.route, entry.body), entry.route) for entry in samples.values())
    shard = Shard(0, (), plants)
    again = Judgement()
    for verdicts in _run([policy for policy in policies if policy.name in names], [shard], using, label="again"):
        _take(again, shard, verdicts.rows)
    shown = {(proof.policy, proof.route) for proof in again.proved}
    judgement.proved.update(proof for proof in unproved if (proof.policy, proof.route) in shown)
