"""A Go program that loses, doubles or garbles an answer has judged nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from aurora.errors import ToolCrashedError, ToolError, ToolOutputError, ToolTimeoutError
from aurora.tools.protocol import Request, converse

REQUESTS = [Request("a", "judge", {"object": {}}), Request("b", "judge", {"object": {}})]
HELLO = {"reply": "hello", "program": "fake", "version": "v1", "protocol": 1, "kubernetes": "v1.35.4"}
ANSWERS = [
    {"id": "a", "line": 1, "reply": "judge", "outcome": "judged", "result": {"findings": []}},
    {"id": "b", "line": 2, "reply": "judge", "outcome": "unjudged", "error": {"reason": "panic", "message": "boom"}},
]
SUMMARY = {"reply": "summary", "received": 2, "judged": 1, "unjudged": 1, "done": 0}


def fake(folder: Path, *lines: object, code: int = 0, seconds: float = 0) -> Path:
    """Write a program that reads its requests, prints lines and ends."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    program = folder / "fake"
    program.write_text(
        f"#!{sys.executable}\nimport sys, time\nassert len(sys.stdin.readlines()) == {len(REQUESTS)}\n"
        f"print({chr(10).join(texts)!r})\nsys.stdout.flush()\ntime.sleep({seconds})\nsys.exit({code})\n"
    )
    program.chmod(0o755)
    return program


def test_every_request_gets_its_reply(tmp_path: Path) -> None:
    found = converse(fake(tmp_path, HELLO, *ANSWERS, SUMMARY), REQUESTS, workspace=tmp_path, timeout=20)
    assert (found.program, found.kubernetes) == ("fake", "v1.35.4")
    assert found.replies["a"].result == {"findings": []}
    assert (found.replies["b"].outcome, found.replies["b"].reason, found.replies["b"].message) == (
        "unjudged",
        "panic",
        "boom",
    )


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "printed 1 lines for 2 requests|no JSON"),
        ([HELLO, ANSWERS[0], SUMMARY], "printed 3 lines for 2 requests"),
        ([HELLO, *ANSWERS], "printed 3 lines for 2 requests"),
        ([HELLO, *ANSWERS, SUMMARY, SUMMARY], "printed 5 lines"),
        ([HELLO, *reversed(ANSWERS), SUMMARY], "answered request `a` with"),
        ([HELLO, ANSWERS[0], ANSWERS[0], SUMMARY], "answered request `b` with"),
        ([{**HELLO, "protocol": 2}, *ANSWERS, SUMMARY], "does not speak version 1"),
        ([ANSWERS[0], HELLO, ANSWERS[1], SUMMARY], "does not speak version 1"),
        ([HELLO, *ANSWERS, {**SUMMARY, "judged": 2, "unjudged": 0}], "counts"),
        ([HELLO, *ANSWERS, {**SUMMARY, "received": 3}], "counts"),
        ([HELLO, {**ANSWERS[0], "outcome": "passed"}, ANSWERS[1], SUMMARY], "answered request `a` with"),
        ([HELLO, ANSWERS[0], {**ANSWERS[1], "error": {}}, SUMMARY], "does not say why"),
        ([HELLO, '{"id": "a", "outc', ANSWERS[1], SUMMARY], "no JSON"),
        ([HELLO, "[]", ANSWERS[1], SUMMARY], "no object"),
        ([HELLO, {**ANSWERS[0], "result": [1]}, ANSWERS[1], SUMMARY], "a result that is no object"),
    ],
)
def test_anything_else_is_no_proof(tmp_path: Path, lines: list[object], words: str) -> None:
    with pytest.raises(ToolOutputError, match=words):
        converse(fake(tmp_path, *lines), REQUESTS, workspace=tmp_path, timeout=20)


@pytest.mark.parametrize(("options", "error"), [({"code": 1}, ToolCrashedError), ({"seconds": 30}, ToolTimeoutError)])
def test_a_program_that_crashes_or_hangs_has_judged_nothing(
    tmp_path: Path, options: dict[str, float], error: type[ToolError]
) -> None:
    program = fake(tmp_path, HELLO, *ANSWERS, SUMMARY, **options)  # type: ignore[arg-type]
    with pytest.raises(error):
        converse(program, REQUESTS, workspace=tmp_path, timeout=2)
