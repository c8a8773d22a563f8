"""Has objects judged, and proves every policy for every route: a way in which objects reach it.

Beside the real objects of a process stands a planted violation for each of its routes. A policy that passed
real objects on a route must report a violation there: the planted one, or, in a second run, a real object
broken in everything but its names and labels. Must not make findings, nor know who judges.
"""

import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from aurora.model.json_value import JsonObject
from aurora.model.resource import ResourceId
from aurora.policies.handing import Given, Handed, Surroundings
from aurora.policies.judging import Judge
from aurora.policies.planting import RESERVED, Route, broken, planted, specimen
from aurora.policies.sources import Policy
from aurora.tools.verdicts import Refusal, Result, Row, Verdicts


@dataclass(frozen=True, slots=True, order=True)
class Proof:
    """What must be shown: that a policy reports violations on a route, in one of the runs."""

    policy: str
    route: Route
    shard: int


@dataclass(slots=True)
class Judgement:
    """Verdicts on real objects, the routes that each policy had to prove and did, and what has no verdict."""

    rows: list[tuple[Row, Handed]] = field(default_factory=list)
    due: dict[Proof, list[Handed]] = field(default_factory=dict)
    proved: set[Proof] = field(default_factory=set)
    refused: dict[str, Refusal] = field(default_factory=dict)
    unjudged: list[tuple[Handed, str]] = field(default_factory=list)

    @property
    def unproved(self) -> dict[Proof, list[Handed]]:
        """The routes on which a policy passed real objects without having reported a violation, with these objects."""
        return {proof: passed for proof, passed in self.due.items() if proof not in self.proved}


@dataclass(frozen=True, slots=True)
class Shard:
    """Objects of one process, planted ones last."""

    number: int
    handed: tuple[Handed, ...]
    planted: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class Means:
    """Who judges, and what is known around the objects."""

    judge: Judge
    surroundings: Surroundings


def judge(policies: Sequence[Policy], handed: Sequence[Handed], means: Means) -> Judgement:
    """Judge real objects, without the policies that Kyverno refuses.

    Raises:
        ToolError: the judge gave no proof that it looked at everything.
    """
    refused: dict[str, Refusal] = {}
    while True:
        accepted = [policy for policy in policies if policy.name not in refused]
        if not accepted:
            return Judgement(refused=refused)
        shards = _shards(accepted, handed, means)
        verdicts = _run(accepted, shards, means)
        newly = {name: reason for each in verdicts for name, reason in each.refused.items()}
        if not newly:
            break
        refused.update(newly)
    judgement = Judgement(refused=refused)
    for shard, each in zip(shards, verdicts, strict=True):
        _take(judgement, shard, each)
    _prove_with_real_objects(judgement, accepted, means)
    return judgement


def _shards(policies: Sequence[Policy], handed: Sequence[Handed], means: Means) -> tuple[Shard, ...]:
    """Divide the objects among the judge's processes, those of one route together."""
    count = means.judge.processes(len(policies), len(handed))
    ordered = sorted(handed, key=lambda entry: (entry.route, entry.id.name))
    size = math.ceil(len(ordered) / count) if ordered else 1
    cuts = [tuple(ordered[start : start + size]) for start in range(0, len(ordered), size)] or [()]
    homeless = [policy for policy in policies if not any(policy.constraints.may_match(e.subject) for e in handed)]
    return tuple(
        Shard(
            index,
            cut,
            tuple(
                _given(body, route, means.surroundings)
                for body, route in _plants(cut, policies, homeless if index == 0 else ())
            ),
        )
        for index, cut in enumerate(cuts)
    )


def _given(body: JsonObject, route: Route, surroundings: Surroundings) -> Given:
    return Given(body, surroundings.subject(body, route.namespace))


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
    return Route("v1", "Pod", next(iter(policy.constraints.namespaces), RESERVED))


def _run(policies: Sequence[Policy], shards: Sequence[Shard], means: Means) -> list[Verdicts]:
    def ask(shard: Shard) -> Verdicts:
        return means.judge.ask(policies, [*shard.handed, *shard.planted], means.surroundings)

    with ThreadPoolExecutor(max_workers=len(shards)) as pool:
        return list(pool.map(ask, shards))


def _take(judgement: Judgement, shard: Shard, verdicts: Verdicts) -> None:
    """Sort verdicts into those on real objects and the proofs that planted ones give."""
    real = {entry.id: entry for entry in shard.handed}
    routes = {entry.id: entry.route for entry in shard.planted}
    judgement.unjudged.extend((real[identity], why) for identity, why in verdicts.unjudged.items() if identity in real)
    for row in verdicts.rows:
        if row.resource in routes:
            if row.result is Result.FAIL:
                judgement.proved.add(Proof(row.policy, routes[row.resource], shard.number))
            continue
        entry = real[row.resource]
        judgement.rows.append((row, entry))
        if row.result is Result.PASS:
            judgement.due.setdefault(Proof(row.policy, entry.route, shard.number), []).append(entry)


def _prove_with_real_objects(judgement: Judgement, policies: Collection[Policy], means: Means) -> None:
    """Break the objects that unproved policies passed, and judge them again under these policies."""
    unproved = judgement.unproved
    if not unproved:
        return
    names = {proof.policy for proof in unproved}
    samples: Mapping[ResourceId, Handed] = {entry.id: entry for passed in unproved.values() for entry in passed}
    plants = (_given(broken(entry.route, entry.body), entry.route, means.surroundings) for entry in samples.values())
    shard = Shard(0, (), tuple(plants))
    again = Judgement()
    for verdicts in _run([policy for policy in policies if policy.name in names], [shard], means):
        _take(again, shard, verdicts)
    shown = {(proof.policy, proof.route) for proof in again.proved}
    judgement.proved.update(proof for proof in unproved if (proof.policy, proof.route) in shown)
