"""The report as JSON: `aurora.report/v1`, whose JSON Schema stands beside this file.

Stable: fields are added, never changed. Writes no files.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aurora.model.finding import Entry, Finding, Severity, folded
from aurora.model.report import CheckResult, Report, Silenced
from aurora.reporters.json_values import dump, plain

SCHEMA = "aurora.report/v1"
SCHEMA_FILE = Path(__file__).with_name("report-v1.schema.json")


def write(report: Report) -> str:
    """Write a report as one JSON object."""
    return dump(as_json(report))


def as_json(report: Report) -> dict[str, Any]:
    """Give a report as plain values."""
    return {
        "schema": SCHEMA,
        "command": report.command,
        "environments": list(report.environments),
        "summary": {
            "objects": report.objects,
            **{f"{severity}s": report.count(severity) for severity in Severity},
            "waived": report.waived,
            "silenced": len(report.silenced),
            "wouldBeRefused": report.would_be_refused,
        },
        "checks": [_check(result) for result in report.checks],
        "notJudged": plain(report.not_judged),
        "findings": findings_json(report.findings),
        "silenced": [_silenced(entry) for entry in report.silenced],
        "seconds": plain(report.seconds),
    }


def _silenced(entry: Silenced) -> dict[str, Any]:
    finding = plain(entry.finding, without=("hint", "waived", "sources"))
    return {**finding, "by": entry.by, "reason": entry.reason}


def _check(result: CheckResult) -> dict[str, Any]:
    unsaid = tuple(name for name in ("note", "details") if not getattr(result, name))
    found: dict[str, Any] = plain(result, without=("not_judged", "findings", *unsaid))
    return found


def findings_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Give findings as plain values, the same in every report: each text once, with every place that it is said of."""
    return [_finding(entry) for entry in folded(findings)]


def _finding(entry: Entry) -> dict[str, Any]:
    finding = entry.first
    found = {**plain(finding), "sources": list(finding.sources) or [finding.check], "count": entry.count}
    if entry.count > 1:
        said = ("rule", "severity", "message", "hint", "waived", "sources")
        found["occurrences"] = [plain(each, without=said) for each in entry.findings]
    return found
