"""Who judges mutants: anything that says of each policy and object what the policy makes of it.

One implementation asks the Kyverno CLI, many objects in one process. Must not know what a mutant is.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from aurora.checks.policy.handing import Handed, Surroundings
from aurora.checks.policy.sources import Policy
from aurora.errors import ToolOutputError
from aurora.model.resource import ResourceId
from aurora.tools import kyverno
from aurora.tools.kyverno_output import Result

Verdicts = Mapping[tuple[str, ResourceId], Result]


class Judge(Protocol):
    """Says of every policy and every object that it matches what the policy makes of it."""

    def __call__(self, policies: Sequence[Policy], objects: Sequence[Handed], surroundings: Surroundings) -> Verdicts:
        """Judge objects, no two of which have one identity.

        Raises:
            ToolError: the judge gave no proof that it looked at everything.
        """


@dataclass(slots=True)
class CliJudge:
    """Asks the Kyverno CLI, one process a call; safe to call from several threads."""

    program: Path
    workspace: Path
    timeout: float
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __call__(self, policies: Sequence[Policy], objects: Sequence[Handed], surroundings: Surroundings) -> Verdicts:
        """Judge objects by the official CLI."""
        folder = self.workspace / f"judging-{next(self._numbers)}"
        folder.mkdir()
        spaces = sorted({entry.subject.namespace for entry in objects if entry.subject.namespace})
        verdicts = kyverno.apply(
            kyverno.Call(
                program=self.program,
                folder=folder,
                policies={policy.name: policy.body() for policy in policies},
                objects=[entry.body for entry in objects],
                namespaces=[surroundings.namespace(name) for name in spaces],
                expected={
                    policy.name: frozenset(entry.id for entry in objects if policy.constraints.matches(entry.subject))
                    for policy in policies
                },
                timeout=self.timeout,
            )
        )
        for name, reason in verdicts.refused.items():
            raise ToolOutputError(f"Kyverno does not load the policy `{name}`: {reason}", hint="run `aurora validate`")
        return {(row.policy, row.resource): row.result for row in verdicts.rows}
