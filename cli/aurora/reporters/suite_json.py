"""The report of `aurora test` as JSON: `aurora.test/v1`, whose JSON Schema stands beside this file.

Stable: fields are added, never changed. Writes no files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aurora.model.finding import Severity
from aurora.model.suite_report import CaseResult, Score, SuiteReport, SuiteResult
from aurora.reporters.json_report import findings_json

SCHEMA = "aurora.test/v1"
SCHEMA_FILE = Path(__file__).with_name("test-v1.schema.json")


def write(report: SuiteReport) -> str:
    """Write a report as one JSON object."""
    return json.dumps(as_json(report), indent=2, ensure_ascii=False)


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
        "coverage": [{"policy": entry.policy, "met": dict(entry.met)} for entry in report.coverage],
        "scores": [_score(score) for score in report.scores],
        "mutations": [
            {"name": entry.operator, "summary": entry.summary, "mutants": entry.mutants, "refused": entry.killed}
            for entry in report.operators
        ],
        "findings": findings_json(report.findings),
        "seconds": {stage: round(seconds, 3) for stage, seconds in report.seconds.items()},
    }


def _suite(suite: SuiteResult) -> dict[str, Any]:
    return {
        "name": suite.name,
        "path": suite.path,
        "seconds": round(suite.seconds, 3),
        "verdicts": [_case(case) for case in suite.cases],
    }


def _case(case: CaseResult) -> dict[str, Any]:
    return {
        "policy": case.policy,
        "rule": case.rule or None,
        "resource": case.resource,
        "expected": case.expected,
        "proved": case.proved,
        "said": case.said,
        "place": {"path": case.place.path, "line": case.place.line, "column": case.place.column},
    }


def _score(score: Score) -> dict[str, Any]:
    return {"policy": score.policy, "mutants": score.mutants, "refused": score.killed}
