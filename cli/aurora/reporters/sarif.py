"""The report as SARIF 2.1.0, for code scanning. Writes no files.

Which properties GitHub reads: docs.github.com, “SARIF support for code scanning”.
"""

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from aurora import rule_texts
from aurora.model.finding import Entry, Finding, Severity, folded
from aurora.model.report import WAYS, Report
from aurora.model.rule import Rule
from aurora.reporters import text

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def write(report: Report, rules: Iterable[Rule]) -> str:
    """Write a report as one SARIF log."""
    return json.dumps(as_json(report, rules), indent=2, ensure_ascii=False)


def as_json(report: Report, rules: Iterable[Rule]) -> dict[str, Any]:
    """Give a report as a SARIF log with one run; of `rules`, only those that were met are described in it."""
    known = {rule.id: rule for rule in rules}
    silenced = folded(entry.shown for entry in report.silenced)
    ids = sorted({finding.rule for finding in report.findings} | {entry.first.rule for entry in silenced})
    driver = {
        "name": "aurora",
        "semanticVersion": importlib.metadata.version("aurora"),
        "rules": [_rule(id_, known.get(id_)) for id_ in ids],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver, "extensions": _tools(report)},
        "automationDetails": {"id": f"aurora/{report.command}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(report)}],
        "results": [_result(entry, ids) for entry in (*folded(report.findings), *silenced)],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _tools(report: Report) -> list[dict[str, str]]:
    used = {(result.tool.name, result.tool.version) for result in report.checks if result.tool}
    return [{"name": name, "version": version} for name, version in sorted(used)]


def _notifications(report: Report) -> list[dict[str, Any]]:
    return [{"level": "warning", "message": {"text": line}} for line in text.not_judged(report)]


def _rule(id_: str, rule: Rule | None) -> dict[str, Any]:
    """Describe a rule; those of Kyverno's policies are known to the policies only."""
    if rule is None:
        return {"id": id_, "shortDescription": {"text": id_}}
    text = rule_texts.text(id_)
    help_text = f"{text.why}\n\nBad:\n\n{text.bad}\nGood:\n\n{text.good}"
    return {
        "id": id_,
        "shortDescription": {"text": text.summary},
        "fullDescription": {"text": text.why},
        "help": {"text": help_text},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [id_.partition("/")[0], str(rule.basis)]},
    }


def _result(entry: Entry, ids: Sequence[str]) -> dict[str, Any]:
    finding = entry.first
    subject = f"{finding.resource}: " if finding.resource and entry.count == 1 else ""
    hint = f" Hint: {finding.hint}" if finding.hint else ""
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": ids.index(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{subject}{finding.message}{hint}"},
        "occurrenceCount": entry.count,
        "partialFingerprints": {"auroraFinding/v1": _fingerprint(finding)},
    }
    locations = [location for each in entry.findings for location in _locations(each)]
    if locations:
        result["locations"] = locations
    origins = dict.fromkeys(each.origin for each in entry.findings if each.origin)
    if origins:
        result["relatedLocations"] = [
            {"physicalLocation": _physical(each.path, each.line, None), "message": {"text": each.construct or "origin"}}
            for each in origins
        ]
    if finding.waived:
        kind = "inSource" if finding.waived.startswith(f"silenced by {WAYS['comment']}") else "external"
        result["suppressions"] = [{"kind": kind, "status": "accepted", "justification": finding.waived}]
    return result


def _locations(finding: Finding) -> list[dict[str, Any]]:
    location: dict[str, Any] = {}
    if finding.place:
        location["physicalLocation"] = _physical(finding.place.path, finding.place.line, finding.place.column)
    if finding.resource:
        name = f"{finding.resource}{finding.pointer or ''}"
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "resource"}]
    return [location] if location else []


def _physical(path: str, line: int, column: int | None) -> dict[str, Any]:
    region = {"startLine": line} | ({"startColumn": column} if column else {})
    return {"artifactLocation": {"uri": quote(path, safe="/")}, "region": region}


def _fingerprint(finding: Finding) -> str:
    """Identify a finding across runs by what it is about, not by its line: lines move with every edit above."""
    about = finding.resource or (finding.place.path if finding.place else None)
    parts = (finding.rule, finding.environment, about, finding.pointer, finding.message)
    text = "\0".join(str(part or "") for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
