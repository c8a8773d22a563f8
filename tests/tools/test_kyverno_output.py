"""A report of Kyverno is read whole or not at all, and one that proves nothing is an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.errors import ToolError, ToolOutputError
from aurora.model.manifest import identify
from aurora.model.resource import ResourceId
from aurora.tools.kyverno import apply
from aurora.tools.kyverno_output import complaints, read_report, uncompiled
from aurora.tools.verdicts import SENTINEL, Result
from checks.fake_kyverno import Verdict, canned, report
from tools.kyverno_calls import APP, HONEST, JOB, NODE, TAGS, body, call, changed, result_of

BROKEN_OUTPUTS = {
    "nothing": ("", "reported nothing"),
    "half a JSON": (report(HONEST)[: len(report(HONEST)) // 2], "something that is no report"),
    "a list": ("[]", "something that is no report"),
    "text before": (f"Warning: deprecated\n{report(HONEST)}", "something that is no report"),
    "text behind": (f"{report(HONEST)}exit as warnExitCode is 3", "something that is no report"),
    "text between": (f"{report(HONEST)}---\nso it goes\n", "something that is no report"),
    "a repeated key": ('{"kind": "a", "kind": "b"}', "something that is no report"),
    "another document": ('{"kind": "Pod", "apiVersion": "v1"}', "instead of a report"),
    "an empty report": (report([]), "reported nothing"),
    "an object that got lost": (
        changed(lambda rows: [row for row in rows if row[1] != APP]),
        "lost `Pod aurora/app` of 2 objects",
    ),
    "a planted violation that passed": (
        result_of(SENTINEL, APP, "pass"),
        "did not report the planted violation of `Pod aurora/app`",
    ),
    "a planted violation that was skipped": (result_of(SENTINEL, JOB, "skip"), "the planted violation of `Job"),
    "a planted violation that is a warning": (result_of(SENTINEL, JOB, "warn"), "the planted violation of `Job"),
    "a planted violation that is an error": (result_of(SENTINEL, JOB, "error"), "the planted violation of `Job"),
    "a policy silent about one object": (
        changed(lambda rows: [row for row in rows if row[:2] != (TAGS, APP)]),
        f"said nothing about `Pod aurora/app` under the policy `{TAGS}`",
    ),
    "a policy silent about all, without a word": (
        changed(lambda rows: [row for row in rows if row[0] == SENTINEL]),
        "said nothing about `Job aurora/job`, `Pod aurora/app`",
    ),
    "an unknown policy": (changed(lambda rows: [*rows, ("other", APP, "pass")]), "the policy `other`"),
    "an unknown object": (
        changed(lambda rows: [*rows, (TAGS, NODE, "pass")]),
        "`?Namespace aurora`?, which it was not",
    ),
    "two verdicts on one object": (changed(lambda rows: [*rows, (TAGS, APP, "fail")]), "twice"),
    "an unknown result": (result_of(TAGS, APP, "maybe"), "unknown result `maybe`"),
    "wrong counts": (report(HONEST, counted=HONEST[:3]), "counts do not agree"),
    "a verdict without object": (
        report(HONEST).replace('"resources": [{"kind": "Pod"', '"resources": [], "x": [{"kind": "Pod"'),
        "without policy or object",
    ),
}


@pytest.mark.parametrize(("output", "message"), BROKEN_OUTPUTS.values(), ids=BROKEN_OUTPUTS.keys())
def test_output_that_proves_nothing_is_an_error(tmp_path: Path, output: str, message: str) -> None:
    with pytest.raises(ToolOutputError, match=message):
        apply(call(tmp_path, canned(tmp_path, stdout=output)))


NAMES = st.text(min_size=1, max_size=20)
RESOURCES = st.builds(ResourceId, st.just("v1"), st.just("Pod"), st.none() | NAMES, NAMES)
VERDICTS = st.lists(st.tuples(NAMES, RESOURCES, st.sampled_from([*Result])), min_size=1, max_size=5)


@given(VERDICTS)
def test_every_report_is_read_as_it_was_written(verdicts: list[Verdict]) -> None:
    rows = read_report(report(verdicts), errors="")
    assert sorted((r.policy, r.resource.name, r.result.value) for r in rows) == sorted(
        (policy, resource.name, str(result)) for policy, resource, result in verdicts
    )


@given(VERDICTS, st.data())
def test_no_part_of_a_report_is_taken_for_the_whole(verdicts: list[Verdict], data: st.DataObject) -> None:
    whole = report(verdicts).rstrip()
    cut = data.draw(st.integers(min_value=0, max_value=len(whole) - 1))
    with pytest.raises(ToolOutputError):
        read_report(whole[:cut], errors="")


@given(st.text())
def test_no_output_whatever_ends_in_anything_but_verdicts_or_a_tool_error(text: str) -> None:
    try:
        assert read_report(text, errors=text)
        complaints(text)
        uncompiled(text)
    except ToolError:
        return


def test_reports_of_namespaced_policies_follow_after_separators() -> None:
    two = f"{report(HONEST[:2])}---\n{report(HONEST[2:])}"
    assert len(read_report(two, errors="")) == len(HONEST)


def test_objects_are_told_apart_by_all_that_a_report_says_of_them() -> None:
    assert identify(body(NODE)) == NODE
    assert read_report(report([(TAGS, NODE, "pass")]), errors="")[0].resource == NODE
