"""The report of `aurora test` as Markdown, for job summaries and reviews. Writes no files."""

from aurora.model.suite_report import SuiteReport
from aurora.reporters import markdown, suite_text
from aurora.reporters.markdown_text import table


def write(report: SuiteReport) -> str:
    """Write a report as Markdown."""
    lines = ["# Policy tests", "", suite_text.summary(report), ""]
    if report.findings:
        lines += ["## Findings", "", *markdown.findings(report.findings), ""]
    sections = [("Tests", suite_text.suites(report)), ("Policies", suite_text.policies(report))]
    sections.append(("Mutations", suite_text.operators(report)))
    for heading, rows in sections:
        if len(rows) > 1:
            lines += [f"## {heading}", "", *table(rows[0], rows[1:]), ""]
    return "\n".join(lines).rstrip()
