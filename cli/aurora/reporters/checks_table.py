"""What a report says of its checks: those with findings first, what proves the others, and what was examined.

Writes no format: text, Markdown and HTML show the same words.
"""

from collections import defaultdict
from collections.abc import Iterator

from aurora.model.report import CheckResult, Report

NOT_WRITTEN = "charts render them, or a controller makes objects of these templates"
HEAD = ("check", "findings", "examined", "planted violations found")


def loud(report: Report) -> list[tuple[str, ...]]:
    """Give a row for each check with findings, most findings first."""
    found = sorted((result for result in report.checks if result.findings), key=lambda result: -len(result.findings))
    return [(result.name, str(len(result.findings)), str(result.examined), proof(result)) for result in found]


def proof(result: CheckResult) -> str:
    """Say how many of the violations that were planted a check reported; rules of Aurora's own need no such proof."""
    return f"{result.caught} of {result.planted}" if result.planted else "-"


def lines(report: Report) -> list[str]:
    """Say everything else: which checks found nothing, what proves outside tools, and what was examined."""
    quiet = [result.name for result in report.checks if not result.findings]
    tools = [_proved(result) for result in report.checks if result.tool]
    return [
        *([f"nothing found by: {', '.join(quiet)}"] if quiet else []),
        *([f"planted violations found: {', '.join(tools)}"] if tools else []),
        *examined(report),
        *(f"{result.name}: {result.note}" for result in report.checks if result.note),
    ]


def _proved(result: CheckResult) -> str:
    tool = f" by {result.tool.name} {result.tool.version}" if result.tool else ""
    return f"{result.name} {result.caught} of {result.planted}{tool}"


def examined(report: Report) -> Iterator[str]:
    """Say how many objects each check looked at, and why that is not the number of the report's objects."""
    groups: dict[int, list[CheckResult]] = defaultdict(list)
    for result in report.checks:
        groups[result.examined].append(result)
    for number, results in sorted(groups.items(), reverse=True):
        names = "every check" if len(results) == len(report.checks) else ", ".join(result.name for result in results)
        yield f"examined: {_counted(number, report.objects, names, nothing=not any(each.examined for each in results))}"


def _counted(number: int, objects: int, names: str, *, nothing: bool) -> str:
    if number > objects:
        unwritten = f"{number - objects} that are not written: {NOT_WRITTEN}"
        return f"{objects} objects by {names}, and {unwritten}"
    if number == objects:
        return f"{number} of {objects} objects by {names}"
    why = "nothing was given to judge by" if nothing else "the others cannot be read, or are not judged by these checks"
    return f"{number} of {objects} objects by {names}; {why}"
