"""The report as JUnit XML: a suite for each check, whose first case is the proof that it looked.

Also what every XML report needs: text that XML can hold, and suites that count themselves. Writes no files.
"""

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from aurora.model.finding import Entry, Finding, folded
from aurora.model.report import CheckResult, Report
from aurora.reporters import text

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(report: Report) -> str:
    """Write a report as JUnit XML; findings that no check of this run owns have a suite of their own."""
    root = ET.Element("testsuites", name=f"aurora {report.command}")
    for result in report.checks:
        own = [finding for finding in report.findings if finding.check == result.name]
        root.append(_suite(result, own))
    known = {result.name for result in report.checks}
    other = [finding for finding in report.findings if finding.check not in known]
    if other:
        root.append(_filled(ET.Element("testsuite", name="stages"), other))
    if report.silenced:
        silenced = [entry.shown for entry in report.silenced]
        root.append(_filled(ET.Element("testsuite", name="silenced"), silenced))
    return document(root)


def _suite(result: CheckResult, findings: Iterable[Finding]) -> ET.Element:
    element = ET.Element("testsuite", name=clean(result.name), time=f"{result.seconds:.3f}")
    proof = ET.SubElement(element, "testcase", classname=clean(result.name), name="looked at every object")
    tool = f" by {result.tool.name} {result.tool.version}" if result.tool else ""
    words = f"{result.examined} examined{tool}, {result.skipped} skipped, {result.caught} of {result.planted} caught"
    ET.SubElement(proof, "system-out").text = clean(words)
    for entry in result.not_judged:
        missing = ET.SubElement(element, "testcase", classname=clean(result.name), name=clean(entry.message))
        ET.SubElement(missing, "skipped", message=clean(f"not judged: {entry.message}; {entry.hint}"))
    return _filled(element, findings)


def _filled(element: ET.Element, findings: Iterable[Finding]) -> ET.Element:
    failures = 0
    for entry in folded(findings):
        failures += entry.first.fails
        element.append(case(entry))
    return counted(element, failures=failures)


def case(entry: Entry) -> ET.Element:
    """Write what findings say as one case, at the first of its places."""
    finding = entry.first
    alone = entry.count == 1
    subject = f"{finding.resource}: " if alone and finding.resource else "" if alone else f"({entry.count} times) "
    element = ET.Element("testcase", classname=clean(finding.rule), name=clean(f"{subject}{finding.message}"))
    if finding.place:
        element.set("file", clean(finding.place.path))
        element.set("line", str(finding.place.line))
    place = f"{finding.place}: " if finding.place else ""
    hint = f"\nhint: {finding.hint}" if finding.hint else ""
    places = "" if alone else "".join(f"\nat: {text.where(each)}" for each in entry.findings)
    words = clean(f"{place if alone else ''}{finding.message}{hint}{places}")
    if finding.fails:
        failure = ET.SubElement(element, "failure", message=clean(finding.message), type=clean(finding.rule))
        failure.text = words
    elif finding.waived:
        ET.SubElement(element, "skipped", message=clean(f"waived: {finding.waived}"))
    else:
        ET.SubElement(element, "system-out").text = f"{finding.severity}: {words}"
    return element


def clean(text: str) -> str:
    """Replace what XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", text)


def counted(suite: ET.Element, *, failures: int) -> ET.Element:
    """Write how many cases a JUnit suite has, and how many of them failed."""
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    return suite


def document(root: ET.Element) -> str:
    """Write the sums of its suites to a JUnit root, and the whole as text."""
    for count in ("tests", "failures"):
        root.set(count, str(sum(int(child.get(count, "0")) for child in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")
