"""The policy engine, asked only about what has no proved verdict yet.

A verdict on an object depends on the policies, the object, its Namespace and the resource that its kind is
stored as. Planted objects are remembered like real ones, so that their violations are proofs still; whoever is
asked about an object is given the planted ones of its route again. Policies that ask the clock or chance are not
remembered, and Kyverno's own command line, which the engine is held to, is always asked. Must not know what a
verdict means.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aurora.memory.store import Memory
from aurora.memory.verdicts import Remembered, remembered
from aurora.model.resource import ResourceId
from aurora.policies.handing import Given, Surroundings
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
        keys = self._keys(policies, objects, surroundings)
        known = self.known.recall(keys.values())
        routes = {entry.route for entry in objects if keys[entry.id] not in known}
        left = [
            entry for entry in objects if keys[entry.id] not in known or (_is_planted(entry) and entry.route in routes)
        ]
        names = {entry.id for entry in left}
        verdicts = self.fresh(policies, left, surroundings) if left else Verdicts((), {})
        self.asked.update(entry.id for entry in left if not _is_planted(entry))
        if verdicts.refused:
            return verdicts
        self.known.keep({keys[identity]: rows for identity, rows in _by_object(verdicts, names).items()})
        before = [entry for entry in objects if entry.id not in names]
        self.recalled.update(entry.id for entry in before if not _is_planted(entry))
        rows = [_row(entry.id, form) for entry in before for form in known[keys[entry.id]]]
        return Verdicts(tuple(sorted((*verdicts.rows, *rows), key=order)), {}, verdicts.unjudged)

    def _keys(
        self, policies: Sequence[Policy], objects: Sequence[Given], surroundings: Surroundings
    ) -> dict[ResourceId, str]:
        demanded = json.dumps([policy.body() for policy in sorted(policies, key=lambda policy: policy.name)])
        return {entry.id: self.known.key(demanded, json.dumps(_seen(entry, surroundings))) for entry in objects}


def _seen(given: Given, surroundings: Surroundings) -> list[Any]:
    """Give everything about an object that the engine sees, and what is made of it before."""
    subject = given.subject
    around = surroundings.namespace(subject.namespace) if subject.namespace else None
    kinds = [repr(kind) for kind in surroundings.kinds.custom([given.id])]
    return [given.body, subject.resource, subject.namespace, around, kinds]


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


def _by_object(verdicts: Verdicts, asked: Collection[ResourceId]) -> Mapping[ResourceId, list[list[str]]]:
    """Give the rows of each object about which every policy decided, those that no policy matches included."""
    undecided = {row.resource for row in verdicts.rows if row.result in (Result.ERROR, Result.WARN)}
    decided = [identity for identity in asked if identity not in verdicts.unjudged and identity not in undecided]
    found: dict[ResourceId, list[list[str]]] = {identity: [] for identity in decided}
    for row in verdicts.rows:
        if row.resource in found:
            found[row.resource].append([row.policy, row.result.value, row.message, row.autogen])
    return found


def _row(identity: ResourceId, form: Sequence[str]) -> Row:
    policy, result, message, autogen = form
    return Row(policy, identity, Result(result), message, autogen)
