"""The report of `aurora test` as JUnit XML, well-formed whatever the names and messages hold. Writes no files."""

from xml.etree import ElementTree as ET

from aurora.model.finding import folded
from aurora.model.suite_report import CaseResult, SuiteReport, SuiteResult
from aurora.reporters import junit
from aurora.reporters.junit import clean, counted, document


def write(report: SuiteReport) -> str:
    """Write a report as JUnit XML: a suite for each test, and one for everything that no single verdict shows."""
    root = ET.Element("testsuites", name="aurora test")
    for suite in report.suites:
        root.append(_suite(suite))
    root.append(_findings(report))
    return document(root)


def _suite(suite: SuiteResult) -> ET.Element:
    element = ET.Element("testsuite", name=clean(f"{suite.name} ({suite.path})"), time=f"{suite.seconds:.3f}")
    for case in suite.cases:
        element.append(_case(case))
    return counted(element, failures=len(suite.cases) - suite.proved)


def _case(case: CaseResult) -> ET.Element:
    rule = f"{case.policy}.{case.rule}" if case.rule else case.policy
    name = clean(f"{case.resource}: {case.expected}")
    element = ET.Element("testcase", classname=clean(rule), name=name, file=clean(case.place.path))
    element.set("line", str(case.place.line))
    if not case.proved:
        failure = ET.SubElement(element, "failure", message=clean(case.said), type="unproved")
        failure.text = clean(f"{case.place}: expected {case.expected}: {case.said}")
    return element


def _findings(report: SuiteReport) -> ET.Element:
    """Give every finding a case; where there is none, one case says so, since an empty suite looks forgotten."""
    element = ET.Element("testsuite", name="findings")
    entries = folded(report.findings)
    for entry in entries:
        element.append(junit.case(entry))
    if not report.findings:
        ET.SubElement(element, "testcase", classname="findings", name="nothing was found")
    return counted(element, failures=sum(entry.first.fails for entry in entries))
