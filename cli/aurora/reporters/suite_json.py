"""The report of `aurora test` as JSON: `aurora.test/v1`, whose JSON Schema stands beside this file.

Stable: fields are added, never changed. Writes no files.
"""

from pathlib import Path
from typing import Any

from aurora.model.finding import Severity
from aurora.model.suite_report import SuiteReport, SuiteResult
from aurora.reporters.json_report import findings_json
from aurora.reporters.json_values import dump, plain

SCHEMA = "aurora.test/v1"
SCHEMA_FILE = Path(__file__).with_name("test-v1.schema.json")


def write(report: SuiteReport) -> str:
    """Write a report as one JSON object."""
    return dump(as_json(report))


def as_json(report: SuiteReport) -> dict[str, Any]:
    """Give a report as plain values."""
    return {
        "schema": SCHEMA,
        "tool": report.tool,
        "summary": {
            "tests": len(report.suites),
            "verdicts": report.cases,
            "proved": report.proved,
            "mutants": sum(score.mutants for score in report.scores),
            "refused": sum(score.killed for score in report.scores),
            "errors": report.count(Severity.ERROR),
            "warnings": report.count(Severity.WARNING),
        },
        "tests": [_suite(suite) for suite in report.suites],
        "coverage": plain(report.coverage),
        "scores": [
            {"policy": score.policy, "mutants": score.mutants, "refused": score.killed} for score in report.scores
        ],
        "mutations": [
            {"name": entry.operator, "summary": entry.summary, "mutants": entry.mutants, "refused": entry.killed}
            for entry in report.operators
        ],
        "findings": findings_json(report.findings),
        "seconds": plain(report.seconds),
    }


def _suite(suite: SuiteResult) -> dict[str, Any]:
    verdicts = [{**plain(case), "rule": case.rule or None} for case in suite.cases]
    return {**plain(suite, without=("cases",)), "verdicts": verdicts}
