"""Who judges: the policy engine, or Kyverno's own command line, each asked in the same words.

A judge is given policies and objects as the API server would see them, and gives proved verdicts under the same
identities. Must not plant anything, nor know what becomes of a verdict.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from aurora.kinds.table import is_builtin_group
from aurora.model.json_value import mapping
from aurora.model.report import ToolVersion
from aurora.policies.handing import Given, Surroundings
from aurora.policies.matching import Constraints, guessed_plural
from aurora.policies.sources import Policy
from aurora.tools import kyverno, pins, policy_engine
from aurora.tools.pins import ToolPin
from aurora.tools.verdicts import Call, Verdicts


@dataclass(slots=True, kw_only=True)
class Judge(ABC):
    """A program that judges, a folder for its files, and its limits; several threads may ask it at once."""

    pin: ClassVar[ToolPin]
    together: ClassVar[bool]
    """Whether one process for many policies and objects is quicker than one for each policy and its objects."""

    program: Path
    workspace: Path
    timeout: float
    parallel: int = 1
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @property
    @abstractmethod
    def tool(self) -> ToolVersion:
        """What reports call the judge."""

    @abstractmethod
    def processes(self, policies: int, objects: int) -> int:
        """Say into how many processes so much work is best divided."""

    @abstractmethod
    def seen(self, given: Given, surroundings: Surroundings) -> Given:
        """Give an object as the program takes it."""

    @abstractmethod
    def apply(self, call: Call) -> Verdicts:
        """Run the program."""

    def ask(self, policies: Sequence[Policy], objects: Sequence[Given], surroundings: Surroundings) -> Verdicts:
        """Judge objects, no two of which have one identity.

        Raises:
            ToolError: the program gave no proof that it looked at everything.
        """
        folder = self.workspace / f"judging-{next(self._numbers)}"
        folder.mkdir()
        taken = [self.seen(entry, surroundings) for entry in objects]
        real = {ours.id: given.id for ours, given in zip(taken, objects, strict=True)}
        namespaces = sorted({entry.subject.namespace for entry in taken if entry.subject.namespace})
        verdicts = self.apply(
            Call(
                program=self.program,
                folder=folder,
                policies={policy.name: policy.body() for policy in policies},
                objects=[entry.body for entry in taken],
                namespaces=[surroundings.namespace(name) for name in namespaces],
                kinds=surroundings.kinds.custom(entry.id for entry in taken),
                expected={
                    policy.name: frozenset(entry.id for entry in taken if policy.constraints.matches(entry.subject))
                    for policy in policies
                    if isinstance(policy.constraints, Constraints)
                },
                timeout=self.timeout,
            )
        )
        return replace(
            verdicts,
            rows=tuple(replace(row, resource=real[row.resource]) for row in verdicts.rows),
            unjudged={real[identity]: why for identity, why in verdicts.unjudged.items()},
        )

    def misjudged(self, policy: Policy, objects: Sequence[Given], surroundings: Surroundings) -> tuple[str, ...]:
        """Give the kinds of objects that a policy matches here and not in a cluster, or the other way round."""
        if not isinstance(policy.constraints, Constraints):
            return ()
        matches = policy.constraints.matches
        kinds: set[str] = set()
        for given in objects:
            seen = self.seen(given, surroundings)
            if seen is not given and matches(given.subject) != matches(seen.subject):
                kinds.add(given.id.kind)
        return tuple(sorted(kinds))


class EngineJudge(Judge):
    """The policy engine: compiles each policy once, judges side by side in one process, and guesses nothing."""

    pin = pins.POLICY_ENGINE
    together = True

    @property
    def tool(self) -> ToolVersion:
        """Name the engine, and the version of the code that it links."""
        return ToolVersion(f"{self.pin.name}, Kyverno", self.pin.version)

    def processes(self, policies: int, objects: int) -> int:
        """Say one: it uses all processors by itself."""
        return 1

    def seen(self, given: Given, surroundings: Surroundings) -> Given:
        """Give the object as it is."""
        return given

    def apply(self, call: Call) -> Verdicts:
        """Run the engine."""
        return policy_engine.apply(call)


SECONDS_EACH = 0.013
"""What Kyverno's command line takes for one policy and one object, matching or not (measured with 1.19.1)."""
SECONDS_TO_START = 0.45
"""What a run of it takes before it judges anything: below twice that, a second process gains nothing."""


class CliJudge(Judge):
    """Kyverno's command line: compiles each policy for each object, and guesses what custom kinds are stored as."""

    pin = pins.KYVERNO
    together = False

    @property
    def tool(self) -> ToolVersion:
        """Name the official program."""
        return ToolVersion(self.pin.name, self.pin.version)

    def processes(self, policies: int, objects: int) -> int:
        """Say as many as pay off."""
        expected = SECONDS_EACH * objects * policies
        return max(1, min(self.parallel, int(expected / SECONDS_TO_START), objects))

    def seen(self, given: Given, surroundings: Surroundings) -> Given:
        """Give a custom kind the plural that Kyverno derives from its name, and a namespace whatever its scope."""
        if is_builtin_group(given.id.group):
            return given
        namespace = given.subject.namespace or "default"
        body = {**given.body, "metadata": {**mapping(given.body.get("metadata")), "namespace": namespace}}
        subject = replace(
            given.subject,
            resource=guessed_plural(given.id.kind),
            namespace=namespace,
            namespace_labels=surroundings.labels(namespace),
        )
        return Given(body, subject)

    def apply(self, call: Call) -> Verdicts:
        """Run the command line."""
        return kyverno.apply(call)


DEFAULT = "engine"
JUDGES: dict[str, type[Judge]] = {DEFAULT: EngineJudge, "cli": CliJudge}
"""What `--engine` takes."""


def make(name: str, locate_tool: Callable[[str], Path], *, workspace: Path, timeout: float, parallel: int) -> Judge:
    """Give the judge of a name, with its program.

    Raises:
        ToolMissingError: its program is not installed.
        ToolVersionError: it has another version than the pinned one.
    """
    kind = JUDGES[name]
    return kind(program=locate_tool(kind.pin.name), workspace=workspace, timeout=timeout, parallel=parallel)
