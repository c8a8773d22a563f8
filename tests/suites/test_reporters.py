"""The report of `aurora test` in every format: complete, valid, and safe whatever names and messages hold."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from aurora.model.finding import Finding, Severity
from aurora.model.place import Place
from aurora.model.suite_report import CaseResult, Coverage, Killing, Score, SuiteReport, SuiteResult
from aurora.reporters import json_report, suite_json, suite_junit, suite_markdown, suite_text
from aurora.reporters.table import SUITE_FORMATS, writer

PLACE = Place("policies/p/kyverno-test.yaml", 7, 5)


def case(*, proved: bool, said: str = "Ok", resource: str = "Pod team/app") -> CaseResult:
    return CaseResult(policy="p", rule="", resource=resource, expected="fail", proved=proved, said=said, place=PLACE)


def report(text: str = "a message") -> SuiteReport:
    return SuiteReport(
        tool="kyverno v1.19.1",
        suites=(
            SuiteResult(
                name=text,
                path="policies/p/kyverno-test.yaml",
                cases=(case(proved=True, resource=text), case(proved=False, said=text)),
                seconds=1.5,
            ),
        ),
        coverage=(Coverage("p", {"dev": 3}), Coverage("q", {"prod": 0})),
        scores=(Score("p", 4, 3),),
        operators=(Killing("drop-limits", "a container without limits", 4, 3),),
        findings=(
            Finding(rule="test/unproved", severity=Severity.ERROR, message=text, place=PLACE),
            Finding(rule="test/meets-nothing", severity=Severity.WARNING, message=text),
        ),
        seconds={"tests": 1.23456},
    )


def test_the_json_report_fits_its_schema() -> None:
    schema = json.loads(suite_json.SCHEMA_FILE.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    for content in (report(), SuiteReport(tool="kyverno v1.19.1")):
        jsonschema.Draft202012Validator(schema).validate(json.loads(suite_json.write(content)))
    assert json.loads(suite_json.write(report()))["summary"] == {
        "tests": 1,
        "verdicts": 2,
        "proved": 1,
        "mutants": 4,
        "refused": 3,
        "errors": 1,
        "warnings": 1,
    }


def test_a_finding_has_the_same_form_in_every_report() -> None:
    ours, general = (json.loads(path.read_text()) for path in (suite_json.SCHEMA_FILE, json_report.SCHEMA_FILE))
    assert ours["$defs"]["finding"] == general["$defs"]["finding"]


def test_junit_counts_verdicts_and_findings() -> None:
    root = ET.fromstring(suite_junit.write(report()))  # noqa: S314 - our own text
    assert (root.get("tests"), root.get("failures")) == ("4", "2")
    failures = [element.get("message") for element in root.iter("failure")]
    assert failures == ["a message", "a message"]
    assert [suite.get("failures") for suite in root] == ["1", "1"]


def test_junit_of_a_clean_run_has_no_empty_suite() -> None:
    root = ET.fromstring(suite_junit.write(SuiteReport(tool="kyverno")))  # noqa: S314 - our own text
    assert [len(suite) for suite in root] == [1]


@given(text=st.text(min_size=1, max_size=40))
def test_junit_is_well_formed_whatever_it_holds(text: str) -> None:
    root = ET.fromstring(suite_junit.write(report(text)))  # noqa: S314 - our own text
    assert root.get("failures") == "2"


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "a | b\nc", "`x`", "</details>"])
def test_markdown_keeps_texts_from_becoming_markup(hostile: str) -> None:
    written = suite_markdown.write(report(hostile))
    tokens = [inner for token in MarkdownIt("commonmark").parse(written) for inner in (token, *(token.children or ()))]
    assert not [token for token in tokens if token.type in ("html_block", "html_inline")]
    rows = [line for line in written.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows if "kyverno-test.yaml" in line} == {6}


def test_text_shows_what_policies_meet_and_how_many_mutants_they_refuse() -> None:
    written = suite_text.write(report())
    assert "75 %" in written
    assert "1 of 2 verdicts proved in 1 test, 3 of 4 mutants refused, 1 error, 1 warning" in written
    assert written.startswith(f"{PLACE}: error[test/unproved] a message")


@pytest.mark.parametrize("name", SUITE_FORMATS)
def test_every_format_writes_an_empty_report(name: str) -> None:
    assert writer(SUITE_FORMATS, name)(SuiteReport(tool="kyverno v1.19.1"))


def test_the_schema_is_committed_beside_its_reporter() -> None:
    assert Path(suite_json.SCHEMA_FILE).is_file()
