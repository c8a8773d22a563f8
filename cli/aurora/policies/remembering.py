"""The policy engine, asked only about what has no proved verdict yet.

A verdict on an object depends on the policies, the object, its Namespace and the resource that its kind is
stored as; the objects of one group are looked up together. Planted objects are remembered like real ones, so that
their violations are proofs still; whoever is asked about an object is given the planted ones of its route again.
Policies that ask the clock or chance are not remembered, and Kyverno's own command line, which the engine is held to,
is always asked. Must not know what a verdict means.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from aurora.memory import groups
from aurora.memory.store import Memory
from aurora.memory.verdicts import Remembered, remembered
from aurora.model.resource import ResourceId
from aurora.policies.handing import Given, Handed, Surroundings
from aurora.policies.judging import EngineJudge, Judge
from aurora.policies.planting import RESERVED
from aurora.policies.sources import Policy
from aurora.tools.verdicts import Result, Row, Verdicts, order


@dataclass(slots=True, kw_only=True)
class RememberingJudge(EngineJudge):
    """The policy engine with a memory: the real objects that it was `asked` about, and those that it recalled."""

    known: Remembered
    asked: set[ResourceId] = field(default_factory=set)
    recalled: set[ResourceId] = field(default_factory=set)

    def fresh(self, policies: Sequence[Policy], objects: Sequence[Given], surroundings: Surroundings) -> Verdicts:
        """Ask the engine, whatever is known."""
        return EngineJudge.ask(self, policies, objects, surroundings)

    def ask(self, policies: Sequence[Policy], objects: Sequence[Given], surroundings: Surroundings) -> Verdicts:
        """Judge objects, no two of which have one identity.

        Raises:
            ToolError: the engine gave no proof that it looked at everything that it was asked.
        """
        if any(policy.is_volatile for policy in policies):
            self.asked.update(entry.id for entry in objects if not _is_planted(entry))
            return self.fresh(policies, objects, surroundings)
        units = self._units(policies, objects, surroundings)
        known = self.known.recall(units)
        routes = {entry.route for key, unit in units.items() if key not in known for entry in unit}
        left = {
            key: unit
            for key, unit in units.items()
            if key not in known or (_is_planted(unit[0]) and unit[0].route in routes)
        }
        verdicts = self.fresh(policies, [*chain(*left.values())], surroundings) if left else Verdicts((), {})
        self.asked.update(_real(left.values()))
        if verdicts.refused:
            return verdicts
        self.known.keep(_decided(left, verdicts))
        before = {key: unit for key, unit in units.items() if key not in left}
        self.recalled.update(_real(before.values()))
        rows = [
            _row(entry.id, form)
            for key, unit in before.items()
            for entry, forms in zip(unit, known[key], strict=True)
            for form in forms
        ]
        return Verdicts(tuple(sorted((*verdicts.rows, *rows), key=order)), {}, verdicts.unjudged)

    def _units(
        self, policies: Sequence[Policy], objects: Sequence[Given], surroundings: Surroundings
    ) -> dict[str, list[Given]]:
        """Give what is looked up together, by key: the real objects of a group, and each planted one."""
        demanded = json.dumps([policy.body() for policy in sorted(policies, key=lambda policy: policy.name)])
        real: dict[str, list[Handed]] = defaultdict(list)
        units: dict[str, list[Given]] = {}
        for entry in objects:
            if isinstance(entry, Handed):
                real[groups.name(entry.manifest)].append(entry)
            else:
                units[self.known.key(demanded, json.dumps([entry.body, _around([entry], surroundings)]))] = [entry]
        for group in real.values():
            digest = groups.digest(entry.manifest for entry in group)
            units[self.known.key(demanded, digest, json.dumps(_around(group, surroundings)))] = [*group]
        return units


def _around(entries: Sequence[Given], surroundings: Surroundings) -> list[Any]:
    """Give everything that the engine sees beside some objects, and what is made of them before."""
    subjects = sorted({(entry.id.kind, entry.subject.resource, entry.subject.namespace) for entry in entries})
    namespaces = [surroundings.namespace(name) for name in sorted({name for _, _, name in subjects if name})]
    return [subjects, namespaces, [repr(kind) for kind in surroundings.kinds.custom(entry.id for entry in entries)]]


def remembering(judge: Judge, memory: Memory) -> Judge:
    """Give the policy engine a memory, where there is one.

    Raises:
        ToolMissingError: its program cannot be read.
    """
    known = remembered(memory, judge.program, "policy")
    if known.context is None or not isinstance(judge, EngineJudge):
        return judge
    return RememberingJudge(
        program=judge.program,
        workspace=judge.workspace,
        timeout=judge.timeout,
        parallel=judge.parallel,
        known=known,
    )


def cached(judge: Judge) -> int:
    """Count the real objects whose verdicts were proved before."""
    return len(judge.recalled - judge.asked) if isinstance(judge, RememberingJudge) else 0


def _is_planted(given: Given) -> bool:
    return given.id.name.startswith(RESERVED)


def _real(units: Iterable[Sequence[Given]]) -> Iterator[ResourceId]:
    return (entry.id for unit in units for entry in unit if not _is_planted(entry))


def _decided(units: Mapping[str, Sequence[Given]], verdicts: Verdicts) -> dict[str, list[list[list[str]]]]:
    """Give the rows of each object, for units about whose objects every policy decided; some are matched by none."""
    undecided = {row.resource for row in verdicts.rows if row.result in (Result.ERROR, Result.WARN)}
    undecided.update(verdicts.unjudged)
    found: dict[ResourceId, list[list[str]]] = defaultdict(list)
    for row in verdicts.rows:
        found[row.resource].append([row.policy, row.result.value, row.message, row.autogen, row.rule])
    return {
        key: [found[entry.id] for entry in unit]
        for key, unit in units.items()
        if undecided.isdisjoint(entry.id for entry in unit)
    }


def _row(identity: ResourceId, form: Sequence[str]) -> Row:
    policy, result, message, autogen, rule = form
    return Row(policy, identity, Result(result), message, autogen, rule)
