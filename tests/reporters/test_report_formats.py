from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from aurora.checks.table import all_rules
from aurora.model.place import Place
from aurora.model.report import Report
from aurora.reporters import github, json_report, junit, markdown, sarif
from aurora.reporters.markdown_text import code, table, words
from aurora.reporters.table import FORMATS, reporter
from reporters.report_cases import report

SARIF = json.loads(Path(__file__).with_name("sarif-2.1.0.schema.json").read_text())
HOSTILE = st.one_of(
    st.text(min_size=1, max_size=40),
    st.sampled_from(
        ["<script>alert(1)</script>", "a\n::error::x", "](http://x)", "`a`", "| b |", "@team", "]]>", "# x"]
    ),
)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_an_empty_report(name: str) -> None:
    assert reporter(name, all_rules)(Report(command="validate", objects=0))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_names_every_finding(name: str) -> None:
    written = reporter(name, all_rules)(report())
    for finding in report().findings:
        assert finding.rule in written


@given(text=HOSTILE)
def test_sarif_fits_the_schema_of_the_standard(text: str) -> None:
    jsonschema.validate(json.loads(sarif.write(report(text), all_rules())), SARIF)


def test_the_schema_of_the_standard_refuses_what_is_no_sarif() -> None:
    log = sarif.as_json(report(), all_rules())
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(log, SARIF)


def test_sarif_keeps_lines_columns_origins_waivers_and_levels() -> None:
    [run] = sarif.as_json(report(), all_rules())["runs"]
    first, second, third, waived, _ = run["results"]
    region = first["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 12, "startColumn": 5}
    assert first["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 7}
    assert [entry["level"] for entry in (first, second, third)] == ["error", "warning", "note"]
    assert waived["suppressions"][0]["justification"] == "a message"
    assert "suppressions" not in first
    assert {run["tool"]["driver"]["rules"][entry["ruleIndex"]]["id"] for entry in run["results"]} == {
        finding.rule for finding in report().findings
    }


def test_sarif_describes_the_rules_that_aurora_knows() -> None:
    [run] = sarif.as_json(report(), all_rules())["runs"]
    described = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert described["yaml/broken"]["help"]["text"].startswith("What cannot be read")
    assert described["routing/other"] == {"id": "routing/other", "shortDescription": {"text": "routing/other"}}


def test_a_fingerprint_stays_when_the_line_moves_and_differs_between_findings() -> None:
    before = report()
    there = [finding for finding in before.findings if finding.place]
    before = replace(before, findings=tuple(there))
    moved = replace(
        before, findings=tuple(replace(finding, place=Place("generated/a message.yaml", 99)) for finding in there)
    )

    def prints(given: Report) -> list[str]:
        return [
            entry["partialFingerprints"]["auroraFinding/v1"]
            for entry in sarif.as_json(given, all_rules())["runs"][0]["results"]
        ]

    assert prints(before) == prints(moved)
    assert len(set(prints(before))) == len(before.findings)


@given(text=HOSTILE)
def test_junit_is_well_formed_and_counts_what_fails(text: str) -> None:
    root = ET.fromstring(junit.write(report(text)))  # noqa: S314 - our own text
    assert (root.get("tests"), root.get("failures")) == ("6", "2")
    assert len(root.findall(".//skipped")) == 1


def test_junit_shows_the_proof_of_a_check_without_findings() -> None:
    clean = Report(command="validate", objects=3, checks=report().checks)
    root = ET.fromstring(junit.write(clean))  # noqa: S314 - our own text
    [proof] = root.findall(".//system-out")
    assert proof.text == "3 examined by tool v1, 0 skipped, 2 of 2 caught"


@given(text=HOSTILE)
def test_an_annotation_is_one_line_that_no_text_can_leave(text: str) -> None:
    lines = github.write(report(text)).split("\n")
    assert len(lines) == len(report().findings) + 1
    kinds = [line.removeprefix("::").partition(" ")[0] for line in lines[:-1]]
    assert kinds == ["error", "error", "warning", "notice", "notice"]


def test_an_annotation_escapes_as_the_runner_reads() -> None:
    first = github.write(report("100%: a,b\nc")).split("\n")[0]
    assert first == (
        "::error file=generated/100%25%3A a%2Cb%0Ac.yaml,line=12,col=5,title=routing/dead-backend"
        "::Deployment ml/100%25: a,b%0Ac: 100%25: a,b%0Ac%0Ahint: 100%25: a,b%0Ac"
    )


@given(text=HOSTILE)
def test_markdown_keeps_every_text_a_text(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown.write(report(text)))
    inline = [child for token in tokens for child in token.children or ()]
    assert not {child.type for child in inline} & {"link_open", "image", "em_open", "s_open"}
    raw = {child.content for child in inline if child.type == "html_inline"}
    assert raw <= {"<!-- -->"}
    assert not [token for token in tokens if token.type == "html_block"]
    assert [token.content for token in tokens if token.type == "inline" and token.level == 1][:1] == ["aurora validate"]


@given(text=HOSTILE)
def test_escaped_words_read_as_they_were(text: str) -> None:
    [_, inline, _] = MarkdownIt("commonmark").parse("x " + words(text))
    shown = "".join(child.content for child in inline.children or () if child.type != "html_inline")
    assert shown.split() == ["x", *text.replace("\0", "\ufffd").split()]


@given(text=HOSTILE)
def test_a_code_span_holds_everything(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse("x " + code(text))
    [span] = [child for token in tokens for child in token.children or () if child.type == "code_inline"]
    assert span.content.split() == text.replace("\0", "\ufffd").split()


def test_a_mention_reaches_nobody() -> None:
    assert words("ask @team") == "ask @<!-- -->team"


@given(cells=st.lists(HOSTILE, min_size=3, max_size=3))
def test_a_table_keeps_its_columns(cells: list[str]) -> None:
    written = "\n".join(table(("a", "b", "c"), [cells]))
    tokens = MarkdownIt("commonmark").enable("table").parse(written)
    assert sum(token.type == "td_open" for token in tokens) == 3


def test_a_finding_has_the_same_words_in_every_format() -> None:
    for name in FORMATS:
        assert "a message" in reporter(name, all_rules)(report())


def test_the_json_report_fits_its_schema() -> None:
    jsonschema.validate(json_report.as_json(report()), json.loads(json_report.SCHEMA_FILE.read_text()))
