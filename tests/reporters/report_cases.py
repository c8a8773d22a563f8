"""A report with one finding of every sort; `text` is what hostile manifests and tools can say."""

from __future__ import annotations

from dataclasses import replace

from aurora.model.finding import Finding, Severity
from aurora.model.manifest import Origin
from aurora.model.place import Place
from aurora.model.report import CheckResult, Report, ToolVersion
from aurora.model.resource import ResourceId

DEPLOYMENT = ResourceId("apps/v1", "Deployment", "ml", "web")


def report(text: str = "a message") -> Report:
    """Give a report: an error with everything, a warning, a note, a waived error, and one of no check's."""
    error = Finding(
        rule="routing/dead-backend",
        severity=Severity.ERROR,
        message=text,
        environment="aurora-dev",
        resource=replace(DEPLOYMENT, name=text),
        pointer="/spec/rules/0",
        place=Place(f"generated/{text}.yaml", 12, 5),
        origin=Origin("environments/aurora-dev.yaml", 7, "edge"),
        hint=text,
    )
    findings = (
        error,
        replace(error, rule="routing/other", severity=Severity.WARNING, origin=None, hint=None),
        replace(error, rule="routing/third", severity=Severity.NOTE, resource=None, place=None),
        replace(error, rule="routing/fourth", waived=text),
        replace(error, rule="yaml/broken", resource=None, environment=None),
    )
    check = CheckResult(name="routing", examined=3, planted=2, caught=2, tool=ToolVersion("tool", "v1"), note=text)
    return Report(command="validate", objects=3, checks=(check,), findings=findings, environments=("aurora-dev",))


def repeated(count: int, severity: Severity = Severity.NOTE) -> Report:
    """Give a report whose only text is said of many objects, of which two environments have half each."""
    first = Finding(
        rule="server/unjudged", severity=severity, message="its webhook is not judged", hint="ask its owner"
    )
    findings = tuple(
        replace(
            first,
            environment=f"env-{number % 2}",
            resource=replace(DEPLOYMENT, name=f"web-{number}"),
            place=Place(f"generated/web-{number}.yaml", 3, 1),
            origin=Origin(f"environments/env-{number % 2}.yaml", 7),
        )
        for number in range(count)
    )
    checks = (
        CheckResult(name="schema", examined=count - 1, planted=5, caught=5, tool=ToolVersion("kubeconform", "v1")),
        CheckResult(name="server", examined=count + 2, findings=findings),
        CheckResult(name="policy", examined=0),
    )
    return Report(command="validate", objects=count, checks=checks, findings=findings)
