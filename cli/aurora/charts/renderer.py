"""Asks the chart renderer, Aurora's own program that links Helm's engine: `tools/helm/README.md`.

An answer follows from what is hashed with it, so that it is remembered, errors too. Must not know Applications.
"""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from aurora.charts.archives import Archive, UnusableArchiveError, content, prove
from aurora.errors import ToolCrashedError, ToolOutputError, ToolTimeoutError
from aurora.memory import digests, programs
from aurora.memory.store import Memory
from aurora.tools import pins
from aurora.tools.protocol import DONE, UNJUDGED, Reply, Request, converse

NAME = pins.CHART_RENDERER.name
CONFIGURE = "configure"
CHART_MILLISECONDS = 20_000
"""Time for one request; a chart that takes longer has no output."""

RENDER, INSPECT, EFFECTS = "render", "inspect", "effects"
UNUSABLE, STOPPED = "unusable-archive", "stopped"
NOT_KEPT = frozenset({"time-limit", "internal", "panic", UNUSABLE, STOPPED})
"""Reasons that another run may not meet."""
_FIELDS = tuple(field.name for field in fields(Reply))


@dataclass(frozen=True, slots=True)
class Question:
    """One question about an archive."""

    request: str
    archive: Archive
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cluster:
    """What charts see of a cluster: its version, and the versions of its API."""

    kubernetes: str
    api_versions: tuple[str, ...]


class Renderer:
    """The program; `recalled` counts the answers that were known."""

    def __init__(self, locate: Callable[[str], Path], workspace: Path, memory: Memory, timeout: float) -> None:
        self._locate = locate
        self._workspace = workspace
        self._memory = memory
        self._timeout = timeout
        self._known: dict[str, Reply] = {}
        self._proved: set[str] = set()
        self.recalled = 0

    def ask(self, questions: Sequence[Question], cluster: Cluster) -> list[Reply]:
        """Reply from memory, and ask the program for what is left.

        Raises:
            ToolError: the program is missing, or lost an answer.
        """
        if not questions:
            return []
        program = self._locate(NAME)
        base = digests.of(
            "replies about charts", programs.digest(program, self._memory), cluster.kubernetes, *cluster.api_versions
        )
        keys = [
            digests.of(base, each.request, each.archive.digest, json.dumps(each.body, sort_keys=True))
            for each in questions
        ]
        stored = self._memory.recall({key for key in keys if key not in self._known})
        self._known |= {key: Reply(**json.loads(zlib.decompress(value))) for key, value in stored.items()}
        self.recalled += sum(key in self._known for key in keys)
        fresh = {key: each for key, each in zip(keys, questions, strict=True) if key not in self._known}
        answers = {key: answer for key, each in fresh.items() if (answer := self._refused(each.archive)) is not None}
        left = {key: each for key, each in fresh.items() if key not in answers}
        answers |= dict(zip(left, self._asked(program, list(left.values()), cluster), strict=True))
        self._known |= answers
        self._memory.keep(
            {
                key: zlib.compress(json.dumps({name: getattr(each, name) for name in _FIELDS}).encode(), 1)
                for key, each in answers.items()
                if each.reason not in NOT_KEPT
            }
        )
        return [self._known[key] for key in keys]

    def _refused(self, archive: Archive) -> Reply | None:
        """Prove once that an archive is harmless; say why the program must not get it."""
        if archive.digest not in self._proved:
            try:
                prove(archive.path.name, content(archive.path))
            except UnusableArchiveError as error:
                return _none(UNUSABLE, error.message)
            self._proved.add(archive.digest)
        return None

    def _asked(self, program: Path, questions: Sequence[Question], cluster: Cluster) -> list[Reply]:
        """Ask in one process; where it ends early, each question in a process of its own, to know which one it was."""
        if not questions:
            return []
        configured = {"kubernetes": cluster.kubernetes, "timeLimitMilliseconds": CHART_MILLISECONDS}
        if cluster.api_versions:
            configured["apiVersions"] = list(cluster.api_versions)
        requests = [Request(CONFIGURE, CONFIGURE, configured)]
        requests += [
            Request(str(number), each.request, {"archive": str(each.archive.path), **each.body})
            for number, each in enumerate(questions)
        ]
        try:
            conversation = converse(program, requests, workspace=self._workspace, timeout=self._timeout)
        except (ToolCrashedError, ToolTimeoutError) as error:
            if len(questions) == 1:
                return [_none(STOPPED, error.message)]
            return [answer for each in questions for answer in self._asked(program, [each], cluster)]
        configuring = conversation.replies[CONFIGURE]
        if conversation.program != NAME:
            raise ToolOutputError(f"`{program}` is `{conversation.program}`, not `{NAME}`")
        if configuring.outcome != DONE:  # an Application names a version that is none
            return [configuring] * len(questions)
        return [conversation.replies[str(number)] for number in range(len(questions))]


def _none(reason: str, message: str) -> Reply:
    return Reply("", UNJUDGED, {}, reason, message)
