"""Asks a judge about broken objects: verdicts of policies on all of them, or an end of the run.

Must not know what broke them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aurora.errors import ToolOutputError
from aurora.model.resource import ResourceId
from aurora.policies.handing import Given, Surroundings
from aurora.policies.judging import Judge
from aurora.policies.sources import Policy
from aurora.tools.verdicts import Result

Said = Mapping[tuple[str, ResourceId], Result]
"""The verdicts by policy and object."""


def results(judge: Judge, policies: Sequence[Policy], objects: Sequence[Given], surroundings: Surroundings) -> Said:
    """Give what each policy says of each object that it matches.

    Raises:
        ToolError: the judge gave no proof that it looked at everything, or does not load a policy.
    """
    verdicts = judge.ask(policies, objects, surroundings)
    for name, refused in verdicts.refused.items():
        message = f"Kyverno does not load the policy `{name}`: {refused.message}"
        raise ToolOutputError(message, hint="run `aurora validate`")
    for identity, why in verdicts.unjudged.items():
        raise ToolOutputError(f"no policy has a verdict on {identity}: {why}")
    return {(row.policy, row.resource): row.result for row in verdicts.rows}
