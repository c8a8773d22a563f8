"""What `kyverno test` prints is read whole, and whatever contradicts itself is an error."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.errors import ToolCrashedError, ToolError, ToolMissingError, ToolOutputError, ToolTimeoutError
from aurora.tools.kyverno_suite import read_run, run_tests
from aurora.tools.runner import ToolRun
from checks.fake_kyverno import canned

ROW = {"ID": 1, "Message": "", "POLICY": "p", "REASON": "Ok", "RESOURCE": "v1/Pod/a/b", "RESULT": "Pass", "RULE": "r"}
FAILED = ROW | {"RESULT": "Fail", "REASON": "Want fail, got pass"}


def printed(*documents: list[dict[str, object]], passed: int, failed: int) -> str:
    parts = [
        f"Loading test t ( kyverno-test.yaml ) ...\n  Checking results ...\n\n{json.dumps(rows, indent=2)}\n\n"
        for rows in documents
    ]
    return "".join(parts) + f"\nTest Summary: {passed} tests passed and {failed} tests failed\n\n"


def finished(stdout: str, *, code: int = 0, stderr: str = "") -> ToolRun:
    return ToolRun(code=code, stdout=stdout, stderr=stderr, seconds=0.1)


def test_rows_are_read_document_by_document() -> None:
    run = read_run(finished(printed([ROW], [ROW, FAILED], passed=2, failed=1), code=1))
    assert [[row.reason for row in rows] for rows in run.documents] == [["Ok"], ["Ok", "Want fail, got pass"]]
    assert (run.error, run.dropped) == (None, ())


def test_a_message_may_hold_anything() -> None:
    hostile = ROW | {"Message": "  Checking results\n[\nTest Summary: 9 tests passed and 9 tests failed"}
    run = read_run(finished(printed([hostile], passed=1, failed=0)))
    assert run.documents[0][0].message == hostile["Message"]


def test_what_was_dropped_while_loading_is_said() -> None:
    run = read_run(finished("  ERROR: policy.yaml: no such kind\n" + printed([ROW], passed=1, failed=0)))
    assert run.dropped == ("policy.yaml: no such kind",)


@pytest.mark.parametrize("code", [1, 2])
def test_a_run_without_summary_is_one_that_did_not_finish(code: int) -> None:
    run = read_run(finished("Loading test\n", code=code, stderr="Error: failed to load policies\n"))
    assert (run.documents, run.error) == ((), "failed to load policies")


@pytest.mark.parametrize(
    ("stdout", "code"),
    [
        ("", 0),
        ("Test Summary: 1 tests passed\n", 0),
        (printed([ROW], passed=2, failed=0), 0),
        (printed([ROW], passed=1, failed=0), 1),
        (printed([FAILED], passed=0, failed=1), 0),
        (printed([ROW | {"RESULT": "Perhaps"}], passed=1, failed=0), 0),
        (printed([{key: value for key, value in ROW.items() if key != "REASON"}], passed=1, failed=0), 0),
        (printed([ROW], passed=1, failed=0).replace("]", ""), 0),
        ("  Checking results ...\nnothing\nTest Summary: 0 tests passed and 0 tests failed\n", 0),
    ],
)
def test_output_that_contradicts_itself_is_an_error(stdout: str, code: int) -> None:
    with pytest.raises(ToolOutputError):
        read_run(finished(stdout, code=code))


@given(stdout=st.text(max_size=300), code=st.sampled_from([0, 1, 2]))
def test_no_text_ends_in_anything_but_an_answer_or_a_named_error(stdout: str, code: int) -> None:
    with suppress(ToolError):
        assert read_run(finished(stdout, code=code))


def test_a_missing_hanging_or_crashing_program_has_a_named_error(tmp_path: Path) -> None:
    with pytest.raises(ToolMissingError):
        run_tests(tmp_path / "nothing", tmp_path, timeout=5.0)
    with pytest.raises(ToolTimeoutError):
        run_tests(canned(tmp_path, before="time.sleep(30)"), tmp_path, timeout=0.3)
    with pytest.raises(ToolCrashedError):
        run_tests(canned(tmp_path, code=77), tmp_path, timeout=30.0)
