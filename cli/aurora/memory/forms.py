"""The JSON form in which reports and findings are remembered: exact, unlike the forms that people read."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from aurora.model.finding import Finding, Severity
from aurora.model.manifest import Origin
from aurora.model.place import Place
from aurora.model.report import CheckResult, NotJudged, Report, Silenced, ToolVersion
from aurora.model.resource import ResourceId

_PARTS = {"resource": ResourceId, "place": Place, "origin": Origin}


def finding_form(finding: Finding) -> dict[str, Any]:
    """Write a finding down; fields that are None are left out."""
    form = {field.name: getattr(finding, field.name) for field in fields(finding)}
    for name in _PARTS:
        part = form[name]
        form[name] = None if part is None else [getattr(part, field.name) for field in fields(part) if field.init]
    return {name: value for name, value in form.items() if value is not None}


def finding_from(form: Mapping[str, Any]) -> Finding:
    """Read a finding that `finding_form` wrote."""
    parts = {name: kind(*form[name]) for name, kind in _PARTS.items() if name in form}
    rest = {"severity": Severity(form["severity"]), "sources": tuple(form["sources"])}
    return Finding(**{**form, **parts, **rest})


def result_form(result: CheckResult) -> dict[str, Any]:
    """Write down what a check did."""
    form = {field.name: getattr(result, field.name) for field in fields(result)}
    tool = [result.tool.name, result.tool.version] if result.tool else None
    missing = [[entry.check, entry.message, entry.hint] for entry in result.not_judged]
    findings = [finding_form(finding) for finding in result.findings]
    return {**form, "tool": tool, "not_judged": missing, "findings": findings}


def result_from(form: Mapping[str, Any]) -> CheckResult:
    """Read what `result_form` wrote."""
    tool = ToolVersion(*form["tool"]) if form["tool"] else None
    missing = tuple(NotJudged(*entry) for entry in form["not_judged"])
    findings = tuple(finding_from(each) for each in form["findings"])
    return CheckResult(**{**form, "tool": tool, "not_judged": missing, "findings": findings})


def report_form(report: Report) -> dict[str, Any]:
    """Write a report down."""
    return {
        "command": report.command,
        "objects": report.objects,
        "checks": [result_form(result) for result in report.checks],
        "findings": [finding_form(finding) for finding in report.findings],
        "silenced": [[finding_form(entry.finding), entry.by, entry.reason] for entry in report.silenced],
        "environments": list(report.environments),
        "seconds": report.seconds,
    }


def report_from(form: Mapping[str, Any]) -> Report:
    """Read a report that `report_form` wrote."""
    return Report(
        command=form["command"],
        objects=form["objects"],
        checks=tuple(result_from(each) for each in form["checks"]),
        findings=tuple(finding_from(each) for each in form["findings"]),
        silenced=tuple(Silenced(finding_from(each), by, reason) for each, by, reason in form["silenced"]),
        environments=tuple(form["environments"]),
        seconds=form["seconds"],
    )
