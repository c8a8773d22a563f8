"""Findings of one rule with one text are one entry of every format, with every place; the checks are told briefly."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.checks.table import all_rules
from aurora.model.finding import Finding, Severity, folded
from aurora.model.report import CheckResult, Report
from aurora.reporters import checks_table, github, json_report, junit, markdown, sarif, text
from aurora.reporters.table import FORMATS, reporter
from reporters.report_cases import repeated, report

COUNT = 341
MESSAGE = "its webhook is not judged"


def as_sarif(given_report: Report) -> str:
    return sarif.write(given_report, all_rules())


@pytest.mark.parametrize("name", FORMATS)
def test_a_text_is_written_once(name: str) -> None:
    written = reporter(name, all_rules)(repeated(COUNT, Severity.ERROR))
    assert written.count(MESSAGE) <= 3  # JUnit says it as name, message and text of one case
    assert str(COUNT) in written


@pytest.mark.parametrize("write", [text.write, json_report.write, markdown.write, junit.write, as_sarif])
def test_every_place_is_there(write: Callable[[Report], str]) -> None:
    written = write(repeated(COUNT, Severity.ERROR))
    assert all(f"generated/web-{number}.yaml" in written for number in range(COUNT))


def test_of_a_note_the_text_lists_the_first_places_and_counts_the_rest() -> None:
    written = text.write(repeated(COUNT))
    assert written.startswith(f"note[server/unjudged] {MESSAGE} ({COUNT} times)\n")
    assert "  at: generated/web-9.yaml:3:1: Deployment ml/web-9 (from environments/env-1.yaml:7)\n" in written
    assert f"  and {COUNT - 10} more places; `--format json` lists them all\n  hint: ask its owner" in written


def test_the_json_entry_has_a_count_and_every_occurrence() -> None:
    found = json_report.as_json(repeated(COUNT))
    jsonschema.validate(found, json.loads(json_report.SCHEMA_FILE.read_text()))
    (entry,) = found["findings"]
    assert entry["count"] == len(entry["occurrences"]) == found["summary"]["notes"] == COUNT
    assert [each["resource"]["name"] for each in entry["occurrences"][:2]] == ["web-0", "web-1"]
    assert {each["environment"] for each in entry["occurrences"]} == {"env-0", "env-1"}
    assert entry["place"] == entry["occurrences"][0]["place"]


def test_a_finding_of_one_place_has_no_list_of_occurrences() -> None:
    assert {(each["count"], "occurrences" in each) for each in json_report.as_json(report())["findings"]} == {
        (1, False)
    }


def test_sarif_has_one_result_with_all_locations() -> None:
    (result,) = sarif.as_json(repeated(COUNT), all_rules())["runs"][0]["results"]
    assert result["occurrenceCount"] == len(result["locations"]) == COUNT
    assert len(result["relatedLocations"]) == 2


def test_junit_has_one_case_that_fails_once() -> None:
    root = ET.fromstring(junit.write(repeated(COUNT, Severity.ERROR)))  # noqa: S314 - our own text
    assert root.get("failures") == "1"


def test_an_annotation_stands_at_the_first_place_and_counts_all() -> None:
    first, summary = github.write(repeated(COUNT, Severity.ERROR)).split("\n")
    assert first.startswith("::error file=generated/web-0.yaml,line=3,col=1,title=server/unjudged::")
    assert f"{COUNT} times:" in first
    assert summary.startswith(f"{COUNT} objects, {COUNT} errors")


different = st.builds(
    lambda rule, severity, message, hint, waived: Finding(
        rule=f"a/{rule}", severity=severity, message=message, hint=hint, waived=waived
    ),
    st.sampled_from("ab"),
    st.sampled_from(list(Severity)),
    st.sampled_from("xy"),
    st.sampled_from([None, "h"]),
    st.sampled_from([None, "w"]),
)


@given(st.lists(different, max_size=12))
def test_folding_loses_nothing_and_joins_only_what_reads_alike(findings: list[Finding]) -> None:
    entries = folded(findings)
    assert sorted(map(repr, (each for entry in entries for each in entry.findings))) == sorted(map(repr, findings))
    assert all(each == entry.first for entry in entries for each in entry.findings)
    assert len({repr(entry.first) for entry in entries}) == len(entries)


def test_checks_with_findings_come_first_and_the_others_are_named_in_a_line() -> None:
    given_report = repeated(3)
    assert checks_table.loud(given_report) == [("server", "3", "5", "-")]
    assert text.write(given_report).split("\n\n")[1].splitlines() == [
        "check   findings  examined  planted violations found",
        "server         3         5                         -",
        "nothing found by: schema, policy",
        "planted violations found: schema 5 of 5 by kubeconform v1",
        f"examined: 3 objects by server, and 2 that are not written: {checks_table.NOT_WRITTEN}",
        "examined: 2 of 3 objects by schema; the others cannot be read, or are not judged by these checks",
        "examined: 0 of 3 objects by policy; nothing was given to judge by",
    ]


def test_where_every_check_examined_everything_one_line_says_so() -> None:
    checks = tuple(CheckResult(name=name, examined=3) for name in ("network", "storage"))
    assert list(checks_table.examined(replace(report(), checks=checks))) == ["examined: 3 of 3 objects by every check"]
