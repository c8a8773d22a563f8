"""What is asked of the program, and what it said before to the same: only the rest is asked again.

The levels of namespaces sum up all pods of a run, so that a change to one asks for all that may have pods.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from aurora.kinds import table
from aurora.memory.verdicts import Remembered
from aurora.model.manifest import Manifest
from aurora.server_validation.planted import Planted, caught
from aurora.server_validation.session import CONFIGURE, Session
from aurora.tools.protocol import JUDGED, Conversation, Reply, Request

LEVELS = "levels"


@dataclass(frozen=True, slots=True)
class Questions:
    """Everything that a run must answer: a request for each object, the planted ones, and the sum of pods or not."""

    objects: tuple[tuple[Request, Manifest], ...]
    planted: tuple[Planted, ...]
    levels: bool

    @property
    def with_pods(self) -> tuple[Request, ...]:
        """The objects in which the program looks for pods."""
        known = ((request, table.find(manifest.id.group, manifest.id.kind)) for request, manifest in self.objects)
        return tuple(request for request, kind in known if self.levels and kind is not None and kind.pods)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the program said, now or before; `recalled` counts the objects that it was not asked about again."""

    kubernetes: str
    configured: Mapping[str, Any]
    levels: Sequence[Mapping[str, Any]]
    replies: tuple[tuple[Manifest, Reply], ...]
    planted: tuple[Planted, ...]
    recalled: int


def answered(questions: Questions, known: Remembered, session: Session) -> Answers:
    """Answer from memory, and start the program for what is left.

    Raises:
        ToolError: the program gave no proof that it looked at what it was asked.
    """
    keys = _keys(questions, known)
    recalled = known.recall(keys.values())
    said = {name: recalled[key] for name, key in keys.items() if key in recalled}
    if len(said) == len(keys):
        return _answers(questions, said, questions.planted, asked=())
    again = {request.id for request in questions.with_pods} if LEVELS not in said else set()
    asked = [request for request, _ in questions.objects if request.id in again or request.id not in said]
    sums = [Request(LEVELS, "podSecurityLevels", {})] if questions.levels and LEVELS not in said else []
    plants = _needed_plants(questions, {request.id for request in asked}, said)
    conversation = session.ask([*asked, *sums, *(entry.request for entry in plants)])
    fresh = caught(plants, conversation.replies, judged=_judged_kinds(conversation, questions))
    now = dict(_answers_of(conversation, asked))
    kept = dict(_worth_keeping(now, questions)) | {entry.request.id: True for entry in fresh}
    known.keep({keys[name]: value for name, value in kept.items()})
    reported = tuple(entry for entry in questions.planted if entry in fresh or entry not in plants)
    return _answers(questions, said | now, reported, asked=asked)


def _needed_plants(questions: Questions, asked: Collection[str], said: Mapping[str, Any]) -> list[Planted]:
    """Plant what speaks for every run and for the kinds that are asked about, and what was not caught before."""
    kinds = {
        (manifest.id.api_version, manifest.id.kind) for request, manifest in questions.objects if request.id in asked
    }
    return [
        entry
        for entry in questions.planted
        if entry.kind is None or entry.kind in kinds or entry.request.id not in said
    ]


def _answers(
    questions: Questions, said: Mapping[str, Any], planted: tuple[Planted, ...], *, asked: Collection[Request]
) -> Answers:
    return Answers(
        kubernetes=said[CONFIGURE]["kubernetes"],
        configured=said[CONFIGURE]["configured"],
        levels=said.get(LEVELS, ()),
        replies=tuple((manifest, Reply(**said[request.id])) for request, manifest in questions.objects),
        planted=planted,
        recalled=len(questions.objects) - len(asked),
    )


def _keys(questions: Questions, known: Remembered) -> dict[str, str]:
    """Give the key of each answer by the id of its question."""
    requests = (*(request for request, _ in questions.objects), *(entry.request for entry in questions.planted))
    keys = {request.id: known.key(request.name, *_parts(request)) for request in requests}
    pods = [part for request in questions.with_pods for part in (request.id, keys[request.id])]
    levels = {LEVELS: known.key(LEVELS, *pods)} if questions.levels else {}
    return {**keys, CONFIGURE: known.key(CONFIGURE), **levels}


def _parts(request: Request) -> tuple[str, str]:
    """Write a question down: its text as it is, since to quote a thousand of them costs more than to hash them."""
    text = request.body.get("text")
    return (
        (text, json.dumps({**request.body, "text": True})) if isinstance(text, str) else ("", json.dumps(request.body))
    )


def _answers_of(conversation: Conversation, asked: Iterable[Request]) -> Iterator[tuple[str, Any]]:
    """Yield every answer of a run, by the id of its question, in the form in which it is remembered."""
    configured = conversation.replies[CONFIGURE].result
    yield CONFIGURE, {"kubernetes": conversation.kubernetes, "configured": configured}
    if LEVELS in conversation.replies:
        yield LEVELS, conversation.replies[LEVELS].result.get("namespaces", ())
    for request in asked:
        yield request.id, asdict(conversation.replies[request.id])


def _worth_keeping(answers: Mapping[str, Any], questions: Questions) -> Iterator[tuple[str, Any]]:
    """Yield the answers that are verdicts: what was not judged, for whatever reason, is asked again."""
    unjudged = {name for name, answer in answers.items() if name not in (CONFIGURE, LEVELS) and not _is_judged(answer)}
    summed = unjudged.isdisjoint(request.id for request in questions.with_pods)
    for name, answer in answers.items():
        if name not in unjudged and (name != LEVELS or summed):
            yield name, answer


def _is_judged(answer: Mapping[str, Any]) -> bool:
    return bool(answer["outcome"] == JUDGED)


def _judged_kinds(conversation: Conversation, questions: Questions) -> set[tuple[str, str]]:
    """Give the kinds of objects with a verdict; what was not asked again was judged before."""
    replies = ((conversation.replies.get(request.id), manifest.id) for request, manifest in questions.objects)
    return {
        (resource.api_version, resource.kind) for reply, resource in replies if reply is None or reply.outcome == JUDGED
    }
