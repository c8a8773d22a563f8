"""What is asked of the program, and what it said before to the same groups of objects: only the rest is asked again."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, chain
from operator import itemgetter
from typing import Any

from aurora.memory.groups import Group
from aurora.memory.verdicts import Remembered
from aurora.model.manifest import Manifest
from aurora.server_validation.planted import Kind, Planted, caught
from aurora.server_validation.session import CONFIGURE, LEVELS, Session
from aurora.tools.protocol import JUDGED, Conversation, Reply, Request


@dataclass(frozen=True, slots=True)
class Questions:
    """Everything that a run must answer: the objects in groups, each under the key of its answer, and the planted ones.

    `body` gives what is asked about an object.
    """

    groups: Mapping[str, Group]
    body: Callable[[Manifest], Mapping[str, Any]]
    planted: tuple[Planted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the program said, now or before.

    `remarks` are the replies that say more than that nothing is wrong, `levels` sum up the pods of each namespace;
    `updates` counts the objects that were judged as a change, `recalled` those that were not asked about again.
    """

    kubernetes: str
    configured: Mapping[str, Any]
    levels: Sequence[Mapping[str, Any]]
    remarks: tuple[tuple[Manifest, Reply], ...]
    planted: tuple[Planted, ...]
    updates: int
    recalled: int


def answered(questions: Questions, known: Remembered, session: Session) -> Answers:
    """Answer from memory, and start the program for what is left.

    Raises:
        ToolError: the program gave no proof that it looked at what it was asked.
    """
    plants = {known.key(json.dumps(entry.request.body)): entry for entry in questions.planted}
    configure = known.key(CONFIGURE)
    said = known.recall([configure, *questions.groups, *plants])
    left = {key: group for key, group in questions.groups.items() if key not in said}
    needed, fresh = dict[str, Planted](), dict[str, Any]()
    if left or not said.keys() >= {configure, *plants}:
        needed = {key: entry for key, entry in plants.items() if key not in said or _speaks_for(entry, left.values())}
        replies, conversation = _asked(left, needed.values(), questions.body, session)
        proved = caught(needed.values(), conversation.replies, judged=_judged_kinds(questions.groups, replies))
        fresh = {key: _form(each) for key, each in replies.items()}
        fresh |= {key: True for key, entry in needed.items() if entry in proved}
        configured = conversation.replies[CONFIGURE].result
        fresh[configure] = {"kubernetes": conversation.kubernetes, "configured": configured}
        known.keep({key: value for key, value in fresh.items() if all(map(_is_judged, replies.get(key, ())))})
    said |= fresh
    forms = [said[key] for key in questions.groups]
    return Answers(
        **said[configure],
        levels=tuple(_sums(said[configure]["configured"].get("levels", ()), _levels(questions.groups.values(), forms))),
        remarks=tuple(_remarks(questions.groups.values(), forms)),
        planted=tuple(entry for key, entry in plants.items() if key not in needed or key in fresh),
        updates=sum(form["updates"] for form in forms),
        recalled=sum(len(group.manifests) for key, group in questions.groups.items() if key not in left),
    )


def _speaks_for(entry: Planted, groups: Iterable[Group]) -> bool:
    """Tell whether a planted object proves something about every run, or about a kind of these objects."""
    return entry.kind is None or any(_kind(manifest) == entry.kind for group in groups for manifest in group.manifests)


def _kind(manifest: Manifest) -> Kind:
    return manifest.id.api_version, manifest.id.kind


def _asked(
    groups: Mapping[str, Group],
    planted: Iterable[Planted],
    body: Callable[[Manifest], Mapping[str, Any]],
    session: Session,
) -> tuple[dict[str, list[Reply]], Conversation]:
    """Ask about some groups; give the replies to the objects of each, and the whole conversation."""
    requests = {
        key: [Request(f"{key}:{index}", "judge", body(manifest)) for index, manifest in enumerate(group.manifests)]
        for key, group in groups.items()
    }
    conversation = session.ask([*chain(*requests.values()), *(entry.request for entry in planted)])
    replies = {key: [conversation.replies[request.id] for request in each] for key, each in requests.items()}
    return replies, conversation


def _judged_kinds(groups: Mapping[str, Group], replies: Mapping[str, Sequence[Reply]]) -> set[Kind]:
    """Give the kinds of objects with a verdict; what was not asked again was judged before."""
    judged = {_kind(manifest) for key, group in groups.items() if key not in replies for manifest in group.manifests}
    said = (
        (manifest, reply)
        for key, each in replies.items()
        for manifest, reply in zip(groups[key].manifests, each, strict=True)
    )
    return judged | {_kind(manifest) for manifest, reply in said if _is_judged(reply)}


def _is_judged(reply: Reply) -> bool:
    return reply.outcome == JUDGED


def _form(replies: Sequence[Reply]) -> dict[str, Any]:
    """Write down what was said about a group; what was not judged, for whatever reason, is asked again."""
    results = [reply.result for reply in replies]
    silent = [
        _is_judged(reply) and not reply.result.get("findings") and not reply.result.get("notJudged")
        for reply in replies
    ]
    return {
        "updates": sum("update" in result.get("judged", ()) for result in results),
        "levels": [[index, result["level"]] for index, result in enumerate(results) if "level" in result],
        "remarks": [[index, asdict(reply)] for index, reply in enumerate(replies) if not silent[index]],
    }


def _remarks(groups: Iterable[Group], forms: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Manifest, Reply]]:
    for group, form in zip(groups, forms, strict=True):
        for index, reply in form["remarks"]:
            yield group.manifests[index], Reply(**reply)


def _levels(groups: Iterable[Group], forms: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield what the pods of each object allow, with the number of the object."""
    starts = accumulate((len(group.manifests) for group in groups), initial=0)
    return (
        (start + index, level) for start, form in zip(starts, forms, strict=False) for index, level in form["levels"]
    )


def _sums(
    described: Iterable[Mapping[str, Any]], found: Iterable[tuple[int, Mapping[str, Any]]]
) -> Iterator[dict[str, Any]]:
    """Sum up the pods of each namespace: it could have the lowest level that all of them allow."""
    sums: dict[str, dict[str, Any]] = {each["namespace"]: {**each, "blockers": []} for each in described}
    for number, each in found:
        total = sums.setdefault(each["namespace"], {**each, "pods": 0, "unread": 0, "blockers": []})
        total["pods"] += each["pods"]
        total["unread"] += each["unread"]
        total["highest"] = min(total["highest"], each["highest"], key=LEVELS.index)
        total["blockers"] += [{**blocker, "id": f"object:{number}"} for blocker in each["blockers"]]
    for _, total in sorted(sums.items()):
        total["blockers"].sort(key=itemgetter("resource", "id", "pointer", "check"))
        yield total
