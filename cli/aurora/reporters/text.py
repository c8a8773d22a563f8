"""The report as people read it: findings first, then what every check looked at.

Writes no files and no colours: the same bytes on every terminal.
"""

from __future__ import annotations

from collections.abc import Iterable

from aurora.console import printable
from aurora.model.finding import Finding, Severity
from aurora.model.report import CheckResult, Report


def write(report: Report) -> str:
    """Write a report as text."""
    blocks = [finding_text(finding) for finding in report.findings]
    if report.checks:
        blocks.append(_checks(report.checks))
    blocks.append("\n".join([summary(report), *not_judged(report)]))
    return "\n\n".join(blocks)


def finding_text(finding: Finding) -> str:
    """Write a finding: place, severity and rule, words, origin and hint."""
    severity = "waived" if finding.waived else str(finding.severity)
    place = f"{finding.place}: " if finding.place else ""
    subject = f"{finding.resource}: " if finding.resource else ""
    agreed = f" ({' and '.join(finding.sources)} agree)" if finding.sources else ""
    lines = [f"{place}{severity}[{finding.rule}] {subject}{finding.message}{agreed}"]
    if finding.origin:
        construct = f" → {finding.origin.construct}" if finding.origin.construct else ""
        lines.append(f"  from: {finding.origin.path}:{finding.origin.line}{construct}")
    if finding.waived:
        lines.append(f"  waived: {finding.waived}")
    if finding.hint:
        lines.append(f"  hint: {finding.hint}")
    return "\n".join(map(printable, lines))


def summary(report: Report) -> str:
    """Write the last line: objects, errors, warnings, and what was waived."""
    counts = [
        counted(report.objects, "object"),
        counted(report.count(Severity.ERROR), "error"),
        counted(report.count(Severity.WARNING), "warning"),
    ]
    if report.waived:
        counts.append(f"{report.waived} waived")
    where = f" in {', '.join(report.environments)}" if report.environments else ""
    return f"{', '.join(counts)}{where}"


def not_judged(report: Report) -> list[str]:
    """Write one line of warning about everything that nobody judged; none where nothing is missing."""
    missing = [f"{entry.check}: {entry.message} (hint: {entry.hint})" for entry in report.not_judged]
    return [printable(f"warning: not judged: {'; '.join(missing)}")] if missing else []


def _checks(results: Iterable[CheckResult]) -> str:
    rows: list[tuple[str, ...]] = [
        ("check", "tool", "examined", "matched", "planted", "caught", "skipped", "findings", "seconds")
    ]
    notes: list[str] = []
    for result in results:
        tool = f"{result.tool.name} {result.tool.version}" if result.tool else "-"
        counts = (result.examined, result.matched, result.planted, result.caught, result.skipped)
        rows.append(
            (result.name, tool, *(str(count) for count in counts), str(len(result.findings)), f"{result.seconds:.2f}")
        )
        if result.note:
            notes.append(f"{result.name}: {result.note}")
    return "\n".join([*table(rows), *notes])


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Align columns: words to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    words = 2
    return [
        "  ".join(
            cell.ljust(width) if column < words else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def counted(number: int, noun: str) -> str:
    """Write a number of things, in the plural where there is not one."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
