"""The report as people read it: findings first, then what every check looked at.

Writes no files and no colours: the same bytes on every terminal.
"""

from collections.abc import Iterable, Iterator

from aurora.console import printable
from aurora.model.finding import Entry, Finding, Severity, folded
from aurora.model.report import BASELINE, WAYS, Report
from aurora.reporters import checks_table

_LISTED = 10
"""Places of one note that are listed before the rest is counted; of errors and warnings all are."""


def write(report: Report) -> str:
    """Write a report as text; where a baseline has all that was found, in one line."""
    if not report.findings and BASELINE in report.silenced_by:
        return _as_known(report)
    blocks = findings(report.findings)
    if report.checks:
        blocks.append(_checks(report))
    blocks.append("\n".join([summary(report), *not_judged(report)]))
    return "\n\n".join(blocks)


def findings(found: Iterable[Finding]) -> list[str]:
    """Write findings, each text once: place, severity and rule, words, origin and hint."""
    return [_entry(entry) for entry in folded(found)]


def _entry(entry: Entry) -> str:
    finding = entry.first
    alone = entry.count == 1
    severity = "waived" if finding.waived else str(finding.severity)
    place = f"{finding.place}: " if alone and finding.place else ""
    subject = f"{finding.resource}: " if alone and finding.resource else ""
    agreed = f" ({' and '.join(finding.sources)} agree)" if finding.sources else ""
    times = "" if alone else f" ({entry.count} times)"
    lines = [f"{place}{severity}[{finding.rule}] {subject}{finding.message}{agreed}{times}"]
    if not alone:
        lines += _places(entry)
    elif finding.origin:
        lines.append(f"  from: {finding.origin}")
    if finding.waived:
        lines.append(f"  waived: {finding.waived}")
    if finding.hint:
        lines.append(f"  hint: {finding.hint}")
    return "\n".join(map(printable, lines))


def _places(entry: Entry) -> Iterator[str]:
    listed = _LISTED if entry.first.severity is Severity.NOTE or entry.first.waived else entry.count
    for finding in entry.findings[:listed]:
        yield f"  at: {where(finding)}"
    if entry.count > listed:
        yield f"  and {entry.count - listed} more places; `--format json` lists them all"


def where(finding: Finding) -> str:
    """Name a finding's place: file and line, object, and where that comes from."""
    parts = [str(part) for part in (finding.place, finding.resource) if part]
    return (": ".join(parts) or "everywhere") + (f" (from {finding.origin})" if finding.origin else "")


def summary(report: Report) -> str:
    """Write the last line: objects, errors, warnings, and what was waived."""
    counts = [
        counted(report.objects, "object"),
        counted(report.count(Severity.ERROR), "error"),
        counted(report.count(Severity.WARNING), "warning"),
    ]
    if report.waived:
        counts.append(f"{report.waived} waived")
    if report.silenced:
        ways = ", ".join(f"{number} by {WAYS[way]}" for way, number in report.silenced_by.items())
        counts.append(f"{len(report.silenced)} silenced ({ways})")
    where = f" in {', '.join(report.environments)}" if report.environments else ""
    audited = report.would_be_refused
    later = f"; {counted(audited, 'object')} would be refused if every policy refused" if audited else ""
    return f"{', '.join(counts)}{where}{later}"


def not_judged(report: Report) -> list[str]:
    """Write one line of warning about everything that nobody judged; none where nothing is missing."""
    missing = [f"{entry.check}: {entry.message} (hint: {entry.hint})" for entry in report.not_judged]
    return [printable(f"warning: not judged: {'; '.join(missing)}")] if missing else []


def _as_known(report: Report) -> str:
    """Say in one line that nothing is new, and which checks could not judge everything."""
    missing = ", ".join(dict.fromkeys(entry.check for entry in report.not_judged))
    why = f"; not judged: {missing} (why: `--format markdown`)" if missing else ""
    return printable(f"{summary(report)}{why}")


def _checks(report: Report) -> str:
    loud = checks_table.loud(report)
    shown = table([checks_table.HEAD, *loud], words=1) if loud else []
    return "\n".join(map(printable, [*shown, *checks_table.lines(report)]))


def table(rows: list[tuple[str, ...]], *, words: int = 2) -> list[str]:
    """Align columns: words to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
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
