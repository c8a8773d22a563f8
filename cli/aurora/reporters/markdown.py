"""The report as Markdown, for job summaries. Writes no files."""

from collections.abc import Iterable, Iterator

from aurora.model.finding import Entry, Finding, folded
from aurora.model.report import Report
from aurora.reporters import checks_table, text
from aurora.reporters.markdown_prose import prose
from aurora.reporters.markdown_text import code, table, words


def write(report: Report) -> str:
    """Write a report as Markdown: the summary, every finding, what every check looked at."""
    lines = [f"# aurora {report.command}", "", words(text.summary(report)), ""]
    if report.findings:
        lines += ["## Findings", "", *findings(report.findings), ""]
    if report.checks:
        loud = checks_table.loud(report)
        lines += ["## Checks", "", *([*table(checks_table.HEAD, loud), ""] if loud else [])]
        lines += [f"- {words(line)}" for line in checks_table.lines(report)]
    lines += ["", *(f"**{words(line)}**" for line in text.not_judged(report))]
    return "\n".join(lines).rstrip()


def findings(found: Iterable[Finding]) -> list[str]:
    """Write findings as a list, each text once; the places of many are folded away."""
    return [line for entry in folded(found) for line in _finding(entry)]


def _finding(entry: Entry) -> Iterator[str]:
    finding = entry.first
    alone = entry.count == 1
    place = f"{code(str(finding.place))} " if alone and finding.place else ""
    subject = f"{code(str(finding.resource))} " if alone and finding.resource else ""
    severity = "waived" if finding.waived else str(finding.severity)
    times = "" if alone else f" ({entry.count} times)"
    yield f"- {place}**{severity}** {code(finding.rule)} {subject}{prose(finding.message)}{times}"
    if alone and finding.origin:
        yield f"  - from {code(str(finding.origin))}"
    if finding.waived:
        yield f"  - waived: {prose(finding.waived)}"
    if finding.hint:
        yield f"  - hint: {prose(finding.hint)}"
    if not alone:
        yield f"  - <details><summary>{entry.count} places</summary>"
        yield ""
        yield from (f"    - {code(text.where(each))}" for each in entry.findings)
        yield ""
        yield "    </details>"
