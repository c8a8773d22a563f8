"""Speaks with Aurora's Go programs: one process a run, one JSON object a line, every request accounted for.

The protocol is described in `docs/protocol.md`. Proves that nothing was lost; what the answers mean is the
checks' business.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aurora.errors import ToolOutputError
from aurora.tools.runner import Command, run

VERSION = 1
"""The protocol's version that this client speaks."""

JUDGED, UNJUDGED, DONE = "judged", "unjudged", "done"
_OUTCOMES = frozenset({JUDGED, UNJUDGED, DONE})


@dataclass(frozen=True, slots=True)
class Request:
    """One request; ids are unique within a run."""

    id: str
    name: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one request: a result, or for `unjudged` the reason and message of why there is none."""

    id: str
    outcome: str
    result: Mapping[str, Any]
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A finished run: who answered, with what linked Kubernetes version, and every reply by its request's id."""

    program: str
    version: str
    kubernetes: str
    replies: Mapping[str, Reply]


def converse(program: Path, requests: Sequence[Request], *, workspace: Path, timeout: float) -> Conversation:
    """Ask a program everything at once and read its answers.

    Raises:
        ToolMissingError: the program does not exist.
        ToolTimeoutError: it did not end in time.
        ToolCrashedError: it ended with another code than 0.
        ToolOutputError: a line is no answer, an answer is missing, doubled, out of order or contradicts the
            program's own count.
    """
    given = workspace / f"{program.name}.requests"
    with given.open("w", encoding="utf-8") as file:
        for request in requests:
            file.write(json.dumps({"id": request.id, "request": request.name, "body": request.body}) + "\n")
    output = run(Command(args=(str(program),), cwd=workspace, timeout=timeout, input=given)).stdout
    lines = [_line(text, program.name) for text in output.splitlines()]
    if len(lines) != len(requests) + 2:
        raise ToolOutputError(f"`{program.name}` printed {len(lines)} lines for {len(requests)} requests")
    hello, *answers, summary = lines
    if hello.get("reply") != "hello" or hello.get("protocol") != VERSION:
        raise ToolOutputError(f"`{program.name}` does not speak version {VERSION} of the protocol: {hello}")
    replies = [_reply(answer, request, program.name) for answer, request in zip(answers, requests, strict=True)]
    _reconcile(summary, replies, program.name)
    return Conversation(
        program=str(hello.get("program")),
        version=str(hello.get("version")),
        kubernetes=str(hello.get("kubernetes", "")),
        replies={reply.id: reply for reply in replies},
    )


def _line(text: str, program: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ToolOutputError(f"`{program}` printed a line that is no JSON: {text[:200]}") from error
    if not isinstance(value, dict):
        raise ToolOutputError(f"`{program}` printed a line that is no object: {text[:200]}")
    return value


def _reply(answer: Mapping[str, Any], request: Request, program: str) -> Reply:
    if answer.get("id") != request.id or answer.get("outcome") not in _OUTCOMES:
        raise ToolOutputError(f"`{program}` answered request `{request.id}` with: {json.dumps(answer)[:200]}")
    result, error = answer.get("result") or {}, answer.get("error") or {}
    if answer["outcome"] == UNJUDGED and not error.get("message"):
        raise ToolOutputError(f"`{program}` did not judge request `{request.id}` and does not say why")
    if not isinstance(result, dict):
        raise ToolOutputError(f"`{program}` answered request `{request.id}` with a result that is no object")
    return Reply(request.id, answer["outcome"], result, str(error.get("reason", "")), str(error.get("message", "")))


def _reconcile(summary: Mapping[str, Any], replies: Sequence[Reply], program: str) -> None:
    counted = {outcome: sum(reply.outcome == outcome for reply in replies) for outcome in _OUTCOMES}
    expected = {"reply": "summary", "received": len(replies), **counted}
    if {key: summary.get(key) for key in expected} != expected:
        raise ToolOutputError(f"`{program}` counts {json.dumps(dict(summary))[:200]}, but answered {expected}")
