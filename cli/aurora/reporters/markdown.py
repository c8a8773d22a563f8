"""The report as Markdown, for job summaries. Writes no files."""

from __future__ import annotations

from collections.abc import Iterator

from aurora.model.finding import Finding
from aurora.model.report import CheckResult, Report
from aurora.reporters import text
from aurora.reporters.markdown_prose import prose
from aurora.reporters.markdown_text import code, table, words

_HEAD = ("check", "tool", "examined", "matched", "planted", "caught", "skipped", "findings")


def write(report: Report) -> str:
    """Write a report as Markdown: the summary, every finding, what every check looked at."""
    lines = [f"# aurora {report.command}", "", words(text.summary(report)), ""]
    if report.findings:
        lines += ["## Findings", "", *(line for finding in report.findings for line in _finding(finding)), ""]
    if report.checks:
        lines += ["## Checks", "", *table(_HEAD, [_check(result) for result in report.checks]), ""]
        lines += [f"- {words(f'{result.name}: {result.note}')}" for result in report.checks if result.note]
    lines += ["", *(f"**{words(line)}**" for line in text.not_judged(report))]
    return "\n".join(lines).rstrip()


def _finding(finding: Finding) -> Iterator[str]:
    place = f"{code(str(finding.place))} " if finding.place else ""
    subject = f"{code(str(finding.resource))} " if finding.resource else ""
    severity = "waived" if finding.waived else str(finding.severity)
    yield f"- {place}**{severity}** {code(finding.rule)} {subject}{prose(finding.message)}"
    if finding.origin:
        construct = f" → {finding.origin.construct}" if finding.origin.construct else ""
        yield f"  - from {code(f'{finding.origin.path}:{finding.origin.line}{construct}')}"
    if finding.waived:
        yield f"  - waived: {prose(finding.waived)}"
    if finding.hint:
        yield f"  - hint: {prose(finding.hint)}"


def _check(result: CheckResult) -> tuple[str, ...]:
    tool = f"{result.tool.name} {result.tool.version}" if result.tool else "-"
    counts = (result.examined, result.matched, result.planted, result.caught, result.skipped, len(result.findings))
    return (result.name, tool, *map(str, counts))
