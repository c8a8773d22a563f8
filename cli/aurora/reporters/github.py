"""The report as GitHub workflow commands: each finding becomes an annotation at its line. Writes no files.

Source of the form and of what must be escaped: `packages/core/src/command.ts` of actions/toolkit.
"""

from aurora.model.finding import Entry, Finding, Severity, folded
from aurora.model.report import Report
from aurora.reporters import text

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_GRAVITY = tuple(Severity)
_LISTED = 20
"""Places that an annotation lists: it is a few lines in a pull request. The other formats have all."""


def write(report: Report) -> str:
    """Write a report as workflow commands, errors first: GitHub shows only the first ten of each sort."""
    missing = [f"::warning title=not judged::{_data(line)}" for line in text.not_judged(report)]
    return "\n".join([*map(annotation, folded(sorted(report.findings, key=_gravity))), text.summary(report), *missing])


def _gravity(finding: Finding) -> tuple[bool, int]:
    return finding.waived is not None, _GRAVITY.index(finding.severity)


def annotation(entry: Entry) -> str:
    """Write findings with one text as one workflow command at the first place; what a waiver covers is a notice."""
    finding = entry.first
    command = "notice" if finding.waived else _COMMANDS[finding.severity]
    properties: dict[str, str] = {}
    if finding.place:
        place = finding.place
        properties |= {"file": place.path, "line": str(place.line), "col": str(place.column)}
    properties["title"] = f"{finding.rule} (waived)" if finding.waived else finding.rule
    named = finding.resource and entry.count == 1
    words = [f"{finding.resource}: {finding.message}" if named else finding.message]
    words += [f"waived: {finding.waived}"] if finding.waived else []
    words += [f"hint: {finding.hint}"] if finding.hint else []
    words += [f"{entry.count} times:", *map(text.where, entry.findings[:_LISTED])] if entry.count > 1 else []
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{command} {written}::{_data(chr(10).join(words))}"


def _data(text_: str) -> str:
    return text_.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text_: str) -> str:
    return _data(text_).replace(":", "%3A").replace(",", "%2C")
