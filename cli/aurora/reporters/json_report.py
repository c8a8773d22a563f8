"""The report as JSON: `aurora.report/v1`, whose JSON Schema stands beside this file.

Stable: fields are added, never changed. Writes no files.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aurora.model.finding import Entry, Finding, Severity, folded
from aurora.model.report import CheckResult, Report, Silenced
from aurora.reporters import json_values

SCHEMA = "aurora.report/v1"
SCHEMA_FILE = Path(__file__).with_name("report-v1.schema.json")


def write(report: Report) -> str:
    """Write a report as one JSON object."""
    return json_values.dump(as_json(report))


def as_json(report: Report) -> dict[str, Any]:
    """Give a report as plain values."""
    return {
        "schema": SCHEMA,
        "command": report.command,
        "environments": list(report.environments),
        "summary": {
            "objects": report.objects,
            "errors": report.count(Severity.ERROR),
            "warnings": report.count(Severity.WARNING),
            "notes": report.count(Severity.NOTE),
            "waived": report.waived,
            "silenced": len(report.silenced),
        },
        "checks": [_check(result) for result in report.checks],
        "notJudged": [
            {"check": entry.check, "message": entry.message, "hint": entry.hint} for entry in report.not_judged
        ],
        "findings": findings_json(report.findings),
        "silenced": [_silenced(entry) for entry in report.silenced],
        "seconds": json_values.seconds(report.seconds),
    }


def _silenced(entry: Silenced) -> dict[str, Any]:
    finding = entry.finding
    said = {"rule": finding.rule, "severity": str(finding.severity), "message": finding.message}
    return {**said, **_where(finding), "by": entry.by, "reason": entry.reason}


def _check(result: CheckResult) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": result.name,
        "tool": {"name": result.tool.name, "version": result.tool.version} if result.tool else None,
        "examined": result.examined,
        "matched": result.matched,
        "skipped": result.skipped,
        "planted": result.planted,
        "caught": result.caught,
        "cached": result.cached,
        "seconds": round(result.seconds, 3),
    }
    extra = {"note": result.note, "details": result.details}
    return found | {key: value for key, value in extra.items() if value}


def findings_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Give findings as plain values, the same in every report: each text once, with every place that it is said of."""
    return [_finding(entry) for entry in folded(findings)]


def _finding(entry: Entry) -> dict[str, Any]:
    finding = entry.first
    found = {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        **_where(finding),
        "hint": finding.hint,
        "waived": finding.waived,
        "sources": list(finding.sources) or [finding.check],
        "count": entry.count,
    }
    return found if entry.count == 1 else {**found, "occurrences": [_where(each) for each in entry.findings]}


def _where(finding: Finding) -> dict[str, Any]:
    return {
        "environment": finding.environment,
        "resource": json_values.resource(finding.resource),
        "pointer": finding.pointer,
        "place": json_values.place(finding.place),
        "origin": json_values.origin(finding.origin),
    }
