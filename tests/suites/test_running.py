"""A run of a test is read to its last row, and one that cannot prove anything is not made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aurora import rule_texts, suite_rules
from aurora.model.finding import Severity
from checks.fake_kyverno import canned
from suites.library import Library, judged, unpack

FULL, BARE, STRAY = (f"v1/ConfigMap/team/{name}" for name in ("full", "bare", "stray"))
VERIFYING = """\
apiVersion: policies.kyverno.io/v1
kind: ImageValidatingPolicy
metadata: {name: example}
spec: {}
"""
BY_RULE = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: example}
spec: {rules: [{name: signed, verifyImages: [{imageReferences: ["*"]}]}]}
"""
BY_CONTEXT = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: example}
spec: {rules: [{name: small, validate: {}, context: [{name: image, imageRegistry: {reference: a}}]}]}
"""


def row(resource: str, *, result: str = "Pass", reason: str = "Ok") -> dict[str, object]:
    body = {"ID": 1, "Message": "", "POLICY": "example", "RULE": "", "RESOURCE": resource}
    return body | {"RESULT": result, "REASON": reason}


def saying(folder: Path, *rows: dict[str, object], before: str = "") -> Path:
    """Write a program that prints rows as `kyverno test` does."""
    failed = sum(entry["RESULT"] == "Fail" for entry in rows)
    counted = f"Test Summary: {len(rows) - failed} tests passed and {failed} tests failed\n"
    printed = f"{before}  Checking results ...\n\n{json.dumps(rows)}\n\n{counted}"
    folder.mkdir()
    return canned(folder, stdout=printed, code=1 if failed else 0)


def example(folder: Path) -> Library:
    return unpack(folder, rule_texts.text("test/broken").good)


def test_a_failed_row_that_answers_no_case_fails_the_run(tmp_path: Path) -> None:
    library, rows = example(tmp_path / "library"), [row(FULL), row(BARE)]
    assert judged(library, saying(tmp_path / "clean", *rows), tmp_path / "first")[0] == []
    stray = row(STRAY, result="Fail", reason="Not found")
    (found,) = judged(library, saying(tmp_path / "stray", *rows, stray), tmp_path / "second")[0]
    assert (found.rule, found.severity) == (suite_rules.FAILED.id, Severity.ERROR)
    assert STRAY in found.message


def test_rows_of_a_run_that_dropped_something_prove_nothing(tmp_path: Path) -> None:
    program = saying(tmp_path / "dropping", row(FULL), row(BARE), before="  ERROR: other.yaml: no such kind\n")
    findings, (ran,) = judged(example(tmp_path / "library"), program, tmp_path / "work")
    assert [finding.rule for finding in findings] == [suite_rules.NOT_RUN.id]
    assert [case.proved for case in ran.result.cases] == [False, False]


@pytest.mark.parametrize(("strict", "severity"), [(True, Severity.ERROR), (False, Severity.WARNING)])
@pytest.mark.parametrize("policy", [VERIFYING, BY_RULE, BY_CONTEXT], ids=["kind", "rule", "context"])
def test_a_policy_that_asks_registries_is_not_run_and_proves_nothing(
    tmp_path: Path, policy: str, severity: Severity, *, strict: bool
) -> None:
    library = example(tmp_path / "library")
    library.write("policy.yaml", policy)
    program = saying(tmp_path / "never-asked", row(FULL), row(BARE))
    findings, (ran,) = judged(library, program, tmp_path / "work", strict=strict)
    (found,) = [finding for finding in findings if finding.rule == suite_rules.NOT_RUN.id]
    assert found.severity is severity
    assert not any(case.proved for case in ran.result.cases)
