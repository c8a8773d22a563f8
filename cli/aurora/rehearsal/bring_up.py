"""From an empty cluster to a healthy environment: what is applied by hand, and what Argo CD does then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aurora.errors import ToolCrashedError
from aurora.model.json_value import JsonObject, dig, text
from aurora.model.rehearsal import Moment
from aurora.rehearsal import argo_cd
from aurora.rehearsal.argo_cd import Seen
from aurora.rehearsal.control_plane import ControlPlane
from aurora.rehearsal.prepared import Prepared
from aurora.rehearsal.repository import Repository
from aurora.rehearsal.server import Server
from aurora.tools.background import Programs

HEALTHY = 600.0
_PAUSE = 0.5
_DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_ESTABLISHED = 30.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that runs, with the repository that an environment is read from."""

    plane: ControlPlane
    repository: Repository


@dataclass(slots=True)
class Watch:
    """Looks at Applications until they are as wanted, and notes when each was first seen and first good."""

    server: Server
    programs: Programs
    began: float = field(default_factory=time.monotonic)
    created: dict[str, float] = field(default_factory=dict)
    healthy: dict[str, float] = field(default_factory=dict)
    last: dict[str, Seen] = field(default_factory=dict)

    def until(self, wanted: Callable[[dict[str, Seen]], bool], seconds: float) -> bool:
        """Look until the Applications are as wanted; False where that does not come in time.

        Raises:
            ToolCrashedError: a program of the rehearsal has ended.
            StorageError: the disk is full.
        """
        limit = time.monotonic() + seconds
        while True:
            self._look()
            if wanted(self.last):
                return True
            if time.monotonic() > limit:
                return False
            time.sleep(_PAUSE)

    def _look(self) -> None:
        self.programs.check()
        self.last = argo_cd.seen(self.server)
        now = round(time.monotonic() - self.began, 1)
        for name, each in self.last.items():
            self.created.setdefault(name, now)
            if each.healthy:
                self.healthy.setdefault(name, now)
            if each.waits and not each.asked:
                argo_cd.refresh(self.server, name)


def define(server: Server, definitions: Iterable[JsonObject]) -> None:
    """Create definitions, and wait until their kinds are served.

    Raises:
        ToolCrashedError: the server refuses one, or does not serve it in time.
    """
    names = []
    for definition in definitions:
        answer = server.call("POST", _DEFINITION, definition)
        if not answer.done:
            raise ToolCrashedError(f"the rehearsal's API server refuses a definition: {answer.message}")
        names.append(text(dig(definition, "metadata", "name")))
    limit = time.monotonic() + _ESTABLISHED
    while not all(_established(server, name) for name in names):
        if time.monotonic() > limit:
            raise ToolCrashedError("the rehearsal's API server does not serve the definitions of Argo CD")
        time.sleep(_PAUSE)


def _established(server: Server, name: str) -> bool:
    conditions = dig(server.get(f"{_DEFINITION}/{name}").body, "status", "conditions")
    found = conditions if isinstance(conditions, list) else []
    return any(dig(each, "type") == "Established" and dig(each, "status") == "True" for each in found)


def synced(prepared: Prepared, repository: Repository, watch: Watch) -> bool:
    """Commit an environment, apply what is applied by hand, and tell whether all became good in time.

    Raises:
        ToolError: the server refuses something, or a program has ended.
        StorageError: the disk is full.
    """
    files = prepared.at(repository.address)
    commit = repository.commit(files, "what is committed", name=prepared.tag(0))
    by_hand(watch.server, prepared.by_hand(files))
    return watch.until(all_good(prepared, commit), HEALTHY)


def by_hand(server: Server, objects: Iterable[JsonObject]) -> None:
    """Apply what an administrator applies once.

    Raises:
        ToolCrashedError: the server refuses one.
    """
    for body in objects:
        answer = server.apply(body)
        if not answer.done:
            name = f"{text(body.get('kind'))} {text(dig(body, 'metadata', 'name'))}"
            raise ToolCrashedError(f"the rehearsal's API server refuses {name}: {answer.message}")


def all_good(prepared: Prepared, revision: str | None = None) -> Callable[[dict[str, Seen]], bool]:
    """Give the question whether all Applications of an environment are there and good, at a commit if one is given."""
    names = {step.application for step in prepared.order}

    def answer(last: dict[str, Seen]) -> bool:
        mine = [each for name, each in last.items() if name in names]
        return len(mine) == len(names) and all(each.good and revision in (None, each.revision) for each in mine)

    return answer


def timeline(prepared: Prepared, watch: Watch) -> tuple[Moment, ...]:
    """Give the Applications in the order in which they should come, with when they came."""
    return tuple(
        Moment(
            application=step.application,
            waves=step.waves,
            created=watch.created.get(step.application),
            healthy=watch.healthy.get(step.application),
            objects=watch.last[step.application].objects if step.application in watch.last else 0,
            reasons=watch.last[step.application].reasons
            if step.application in watch.last
            else ("it was never created",),
        )
        for step in prepared.order
    )


def out_of_order(moments: tuple[Moment, ...], slack: float = 2 * _PAUSE) -> tuple[str, ...]:
    """Name the Applications that came before one of an earlier wave was healthy; the root has no wave of its own."""
    waved = [each for each in moments if each.waves]
    return tuple(
        f"{late.application} was created after {late.created} s, and {early.application} of an earlier wave was "
        f"healthy after {early.healthy} s"
        for late in waved
        for early in waved
        if early.waves < late.waves
        and early.waves != late.waves[: len(early.waves)]
        and late.created is not None
        and early.healthy is not None
        and late.created + slack < early.healthy
    )
