"""Tries a round of changes on a control plane, as Argo CD applies objects, and looks at it before and after.

Each case has a namespace of its own. Must not know what is predicted.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from aurora.errors import ToolCrashedError
from aurora.model.change import Effect
from aurora.model.json_value import JsonObject, dig, text
from aurora.model.manifest import identify
from aurora.rehearsal.server import NOT_FOUND, Answer, Server
from effects import seeing
from effects.cases import Case
from effects.seeing import Event, Look

_PODS, _SLICES = "/api/v1/pods", "/apis/discovery.k8s.io/v1/endpointslices"
_ACCOUNTS, _NAMESPACES = "/api/v1/serviceaccounts", "/api/v1/namespaces"
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_SETS = "/apis/apps/v1/statefulsets"
_WATCHED = (_PODS, _SLICES, _SETS, "/apis/apps/v1/deployments", "/apis/apps/v1/daemonsets")
_QUIET, _QUIET_OF_SETS, _LONGEST, _PAUSE, _THREADS = 8.0, 30.0, 150.0, 0.5, 6
_MANAGER = "argocd-controller"
"""As Argo CD's gitops engine applies on the server's side; with force, and with strict validation."""

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one case: the effect, None where nothing could be tried, and the server's words."""

    effect: Effect | None
    words: str = ""
    pods_before: int = 0
    ways: int = 0


@dataclass(frozen=True, slots=True)
class _Turn:
    """A case with its namespace in one round."""

    case: Case
    namespace: str


def attempt(server: Server, cases: Sequence[Case], namespaces: Sequence[str]) -> list[Seen]:
    """Try each case in its namespace, all at the same time, and give what was seen, in the order of the cases.

    Raises:
        ToolCrashedError: the server does not answer, or refuses what stands beside a case.
    """
    turns = [_Turn(case, name) for case, name in zip(cases, namespaces, strict=True)]
    _prepare(server, turns)
    refused = _apply_all(server, [turn.case.earlier or turn.case.before for turn in turns])
    _settled(server)
    again = [turn.case.before if turn.case.earlier else None for turn in turns]
    if any(again):
        _apply_all(server, again)
        _settled(server)
    version = text(dig(server.get(f"{_PODS}?limit=1").body, "metadata", "resourceVersion"))
    before = _looks(server, turns)
    answers = _all(lambda turn: _change(server, turn.case), turns)
    _settled(server)
    after, events = _looks(server, turns), _events(server, version)
    found = [
        _seen(
            turn.case, (refused[index], answers[index]), (before[index], after[index]), events.get(turn.namespace, [])
        )
        for index, turn in enumerate(turns)
    ]
    _clean(server, turns)
    return found


def _seen(case: Case, answers: tuple[Answer, Answer], looks: tuple[Look, Look], events: Sequence[Event]) -> Seen:
    (first, answer), pods, ways = answers, len(looks[0].pods), len(looks[0].ways | looks[1].ways)
    if case.before is not None and not first.done:
        return Seen(None, first.message)
    if not answer.done:
        return Seen(Effect.REFUSED if answer.status != NOT_FOUND else None, answer.message, pods, ways)
    if case.before and case.after and identify(case.before).identity != identify(case.after).identity:
        return Seen(Effect.RENAMED if looks[1].stored else None, "", pods, ways)
    return Seen(seeing.seen(*looks, events), "", pods, ways)


def _all(function: Callable[[_T], _R], each: Iterable[_T]) -> list[_R]:
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(function, each))


def _prepare(server: Server, turns: Sequence[_Turn]) -> None:
    """Make the namespaces, and what is beside; wait for what controllers make of both."""
    _all(lambda turn: server.call("POST", _NAMESPACES, {"metadata": {"name": turn.namespace}}), turns)
    wanted = {turn.namespace for turn in turns}
    _until(lambda: wanted <= {text(dig(each, "metadata", "namespace")) for each in server.listed(_ACCOUNTS)})
    beside = {json.dumps(body, sort_keys=True): body for turn in turns for body in turn.case.beside}
    for body in beside.values():
        answer = apply(server, body)
        if not answer.done:
            raise ToolCrashedError(f"the API server refuses what stands beside a case: {answer.message}")
    _until(lambda: all(_established(each) for each in server.listed(_DEFINITIONS)))


def _established(definition: JsonObject) -> bool:
    conditions = dig(definition, "status", "conditions")
    return any(
        (dig(each, "type"), dig(each, "status")) == ("Established", "True")
        for each in (conditions if isinstance(conditions, list) else [])
    )


def apply(server: Server, body: JsonObject) -> Answer:
    """Apply an object on the server's side, as Argo CD does; a kind that is not served gives a refusal."""
    try:
        server.path_of(body)
    except ToolCrashedError as error:
        return Answer(NOT_FOUND, {"message": error.message})
    return server.apply(body, manager=_MANAGER, strict=True)


def _apply_all(server: Server, bodies: Sequence[JsonObject | None]) -> list[Answer]:
    return _all(lambda body: apply(server, body) if body else Answer(200, {}), bodies)


def _change(server: Server, case: Case) -> Answer:
    """Do what a sync with pruning does: apply what is new, delete what is no longer there."""
    answer = apply(server, case.after) if case.after else Answer(200, {})
    gone = case.before and (case.after is None or identify(case.before).identity != identify(case.after).identity)
    if answer.done and case.before and gone:
        return server.call("DELETE", server.path_of(case.before), {"propagationPolicy": "Foreground"})
    return answer


def _looks(server: Server, turns: Sequence[_Turn]) -> list[Look]:
    found = [_by_namespace(server.listed(path)) for path in (_PODS, _SLICES)]
    stored = _all(lambda turn: _stored(server, turn.case), turns)
    return [
        Look(
            stored=body,
            pods=seeing.pods(found[0].get(turn.namespace, [])),
            ways=seeing.ways(found[1].get(turn.namespace, []), body),
        )
        for turn, body in zip(turns, stored, strict=True)
    ]


def _stored(server: Server, case: Case) -> JsonObject | None:
    try:
        answer = server.get(server.path_of(case.subject))
    except ToolCrashedError:
        return None
    # An object that waits for its finalizers is one that is deleted.
    return None if answer.status == NOT_FOUND or dig(answer.body, "metadata", "deletionTimestamp") else answer.body


def _by_namespace(listed: Iterable[JsonObject]) -> dict[str, list[JsonObject]]:
    found: dict[str, list[JsonObject]] = defaultdict(list)
    for body in listed:
        found[text(dig(body, "metadata", "namespace"))].append(body)
    return found


def _events(server: Server, version: str) -> dict[str, list[Event]]:
    """Give what happened to pods since a version, by namespace."""
    found: dict[str, list[Event]] = defaultdict(list)
    for event in server.watched(f"{_PODS}?watch=1&resourceVersion={version}&timeoutSeconds=2"):
        kind, pod = text(event.get("type")), event.get("object")
        found[text(dig(pod, "metadata", "namespace"))].append(Event(kind, text(dig(pod, "metadata", "uid"))))
    return found


def _settled(server: Server) -> None:
    """Wait until nothing has moved for a while; what goes on for ever is looked at as it then is."""
    limit, last, since = time.monotonic() + _LONGEST, "", time.monotonic()
    while time.monotonic() < limit:
        found = {path: server.listed(path) for path in _WATCHED}
        now = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
        # A set waits for each of its pods before it makes the next one.
        quiet = _QUIET if all(map(_complete, found[_SETS])) else _QUIET_OF_SETS
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > quiet:
            return
        time.sleep(_PAUSE)


def _complete(workload: JsonObject) -> bool:
    return dig(workload, "status", "availableReplicas") == dig(workload, "spec", "replicas")


def _until(ready: Callable[[], bool]) -> None:
    limit = time.monotonic() + _LONGEST
    while not ready():
        if time.monotonic() > limit:
            raise ToolCrashedError("the controllers of the rehearsal do not do their work")
        time.sleep(_PAUSE)


def _clean(server: Server, turns: Sequence[_Turn]) -> None:
    """Take away what the cases made; what takes longer goes in its own time."""
    _all(lambda turn: server.call("DELETE", f"{_NAMESPACES}/{turn.namespace}"), turns)
    bodies = [body for turn in turns for body in (*turn.case.sides, *turn.case.beside) if not identify(body).namespace]
    paths = [path for path in dict.fromkeys(_path(server, body) for body in bodies) if path]
    for path in paths:
        server.call("DELETE", path)
        server.merge(path, {"metadata": {"finalizers": None}})
    limit = time.monotonic() + _QUIET
    while time.monotonic() < limit and any(server.get(path).status != NOT_FOUND for path in paths):
        time.sleep(_PAUSE)


def _path(server: Server, body: JsonObject) -> str:
    try:
        return server.path_of(body)
    except ToolCrashedError:
        return ""
