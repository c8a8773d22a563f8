"""The report of `aurora test` as people read it: findings first, then every test, then what policies meet.

Writes no files and no colours.
"""

from aurora.model.finding import Severity
from aurora.model.suite_report import SuiteReport
from aurora.reporters.text import counted, findings, table


def write(report: SuiteReport) -> str:
    """Write a report as text."""
    blocks = findings(report.findings)
    for rows in (suites(report), policies(report), operators(report)):
        if len(rows) > 1:
            blocks.append("\n".join(table(rows)))
    blocks.append(summary(report))
    return "\n\n".join(blocks)


def suites(report: SuiteReport) -> list[tuple[str, ...]]:
    """Give one row a test, with a heading."""
    rows: list[tuple[str, ...]] = [("test", "file", "verdicts", "proved", "seconds")]
    for suite in report.suites:
        rows.append((suite.name, suite.path, str(len(suite.cases)), str(suite.proved), f"{suite.seconds:.2f}"))
    return rows


def policies(report: SuiteReport) -> list[tuple[str, ...]]:
    """Give one row a policy: what it meets in each environment, and its mutants; with a heading."""
    names = sorted({name for entry in report.coverage for name in entry.met})
    scores = {score.policy: score for score in report.scores}
    rows: list[tuple[str, ...]] = [("policy", "score", *(f"met in {name}" for name in names), "mutants", "refused")]
    for entry in report.coverage:
        score = scores.get(entry.policy)
        met = [str(entry.met.get(name, "-")) for name in names]
        if score is None:
            rows.append((entry.policy, "-", *met, "-", "-"))
        else:
            share = f"{score.killed * 100 // score.mutants} %"
            rows.append((entry.policy, share, *met, str(score.mutants), str(score.killed)))
    return rows


def operators(report: SuiteReport) -> list[tuple[str, ...]]:
    """Give one row a way of breaking objects, with a heading."""
    rows: list[tuple[str, ...]] = [("mutation", "makes", "mutants", "refused")]
    rows.extend((entry.operator, entry.summary, str(entry.mutants), str(entry.killed)) for entry in report.operators)
    return rows


def summary(report: SuiteReport) -> str:
    """Write the last line: verdicts, mutants, errors and warnings."""
    made = sum(score.mutants for score in report.scores)
    refused = sum(score.killed for score in report.scores)
    words = [f"{report.proved} of {counted(report.cases, 'verdict')} proved in {counted(len(report.suites), 'test')}"]
    if made:
        words.append(f"{refused} of {counted(made, 'mutant')} refused")
    words.append(counted(report.count(Severity.ERROR), "error"))
    words.append(counted(report.count(Severity.WARNING), "warning"))
    return ", ".join(words)
