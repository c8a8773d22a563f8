"""A test file is taken apart, or what is wrong with it is said with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aurora import rule_texts
from aurora.suites import reading

GOOD = rule_texts.text("test/broken").good.partition("---\n")[0]


def read(folder: Path, content: str | bytes) -> reading.SuiteFile:
    file = folder / reading.FILE
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return reading.read(file, "library/kyverno-test.yaml")


def test_a_test_is_read_with_its_expectations(tmp_path: Path) -> None:
    (suite,) = read(tmp_path, GOOD).suites
    assert (suite.name, suite.paths("policies"), suite.paths("resources")) == (
        "example",
        ("policy.yaml",),
        ("resources.yaml",),
    )
    assert [(entry.policy, entry.resources, entry.result) for entry in suite.expectations] == [
        ("example", ("full",), "pass"),
        ("example", ("bare",), "fail"),
    ]
    assert str(suite.place("results", 1)) == "library/kyverno-test.yaml:8:5"


def test_each_document_is_a_suite_of_its_own(tmp_path: Path) -> None:
    found = read(tmp_path, f"{GOOD}---\n{GOOD}")
    assert [suite.place("results", 0).line for suite in found.suites] == [7, 16]


def test_fields_are_read_in_any_case_as_kyverno_does(tmp_path: Path) -> None:
    written = GOOD.replace("isValidatingPolicy", "isVAlidatingPolicy").replace("results:", "Results:")
    (suite,) = read(tmp_path, written).suites
    assert [entry.policy for entry in suite.expectations] == ["example", "example"]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("kind: Test", "kind: Tests", 1, "no `Test`"),
        ("apiVersion: cli.kyverno.io/v1alpha1\n", "", 1, "no `Test`"),
        ("resources: [resources.yaml]", "resource: [resources.yaml]", 5, "`resource` is no field"),
        ("resources: [resources.yaml]", "resources: resources.yaml", 5, "a list of paths"),
        ("policies: [policy.yaml]", "policies: []", 1, "names no policies"),
        ("resources: [resources.yaml]", "resources: []", 1, "names no resources"),
        ("result: pass", "result: passed", 7, "`passed` is no result"),
        (
            "{policy: example, isValidatingPolicy: true, kind: ConfigMap, resources: [full]",
            "{resources: [full]",
            7,
            "no policy",
        ),
        ("resources: [full]", "resources: full", 7, "a list of names"),
        ("isValidatingPolicy", "validating", 7, "`validating` is no field"),
        ("[policy.yaml]", '["git://example.invalid/policy.yaml"]', 4, "an address"),
    ],
)
def test_a_test_that_is_none_is_found_at_its_line(tmp_path: Path, *, old: str, new: str, line: int, words: str) -> None:
    assert old in GOOD
    found = read(tmp_path, GOOD.replace(old, new, 1))
    assert found.suites == []
    problem = next(finding for finding in found.findings if words in finding.message)
    assert problem.place is not None
    assert problem.place.line == line


@pytest.mark.parametrize(
    "content", [b"", b"# nothing\n", b"\xff\xfe", b"a: [", b"- 1\n", b"a: \x00", b"kind: Test\nkind: Test\n"]
)
def test_what_is_no_test_is_a_finding(tmp_path: Path, content: bytes) -> None:
    found = read(tmp_path, content)
    assert found.suites == []
    assert found.findings


def test_a_results_entry_that_is_no_mapping_is_found(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD + "  - example\n")
    assert [finding.message for finding in found.findings if "mapping" in finding.message] == [
        "a result must be a mapping"
    ]


@given(content=st.binary(max_size=200))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_end_in_anything_but_findings(tmp_path: Path, content: bytes) -> None:
    found = read(tmp_path, content)
    assert found.findings or found.suites


def test_tests_are_found_at_every_depth_but_not_behind_links(tmp_path: Path) -> None:
    for folder in ("a", "b/c"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / reading.FILE).write_text(GOOD)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert [path.parent.name for path in reading.find(tmp_path)] == ["a", "c"]
