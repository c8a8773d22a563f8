"""The report of `aurora test` as Markdown, for job summaries and reviews. Writes no files."""

from __future__ import annotations

from collections.abc import Sequence

from aurora.model.suite_report import SuiteReport
from aurora.reporters import suite_text


def write(report: SuiteReport) -> str:
    """Write a report as Markdown."""
    lines = ["# Policy tests", "", suite_text.summary(report), ""]
    if report.findings:
        lines += ["## Findings", ""]
        for finding in report.findings:
            place = f"`{_code(str(finding.place))}` " if finding.place else ""
            lines.append(f"- {place}**{finding.severity}** `{finding.rule}`: {_words(finding.message)}")
        lines.append("")
    sections = [("Tests", suite_text.suites(report)), ("Policies", suite_text.policies(report))]
    sections.append(("Mutations", suite_text.operators(report)))
    for heading, rows in sections:
        if len(rows) > 1:
            lines += [f"## {heading}", "", *_table(rows), ""]
    return "\n".join(lines).rstrip()


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    head, *rest = rows
    lines = [_row(head), "|" + "|".join("---" if index < 2 else "---:" for index, _ in enumerate(head)) + "|"]
    return [*lines, *(_row(row) for row in rest)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_words(cell).replace('|', '&#124;') for cell in cells)} |"


def _words(text: str) -> str:
    """Keep text from becoming markup: what tools and manifests say is nobody's."""
    flat = " ".join(text.split())
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _code(text: str) -> str:
    return " ".join(text.replace("`", "'").split())
