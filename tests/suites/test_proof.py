"""Only an `Ok` row for the very case proves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora import rule_texts, suite_rules
from aurora.model.rule import Rule
from aurora.suites import reading
from aurora.suites.expectations import Case, plain, selected, spell_out
from aurora.suites.proof import leftover, prove
from aurora.suites.reading import Suite
from aurora.suites.subjects import gather
from aurora.tools.kyverno_suite import SuiteRow
from suites.library import unpack

FULL, BARE = "v1/ConfigMap/team/full", "v1/ConfigMap/team/bare"


def suite_and_cases(folder: Path, stream: str = rule_texts.text("test/broken").good) -> tuple[Suite, tuple[Case, ...]]:
    library = unpack(folder, stream)
    (suite,) = reading.read(library.test, "kyverno-test.yaml").suites
    subjects = gather(suite, strict=True)
    assert subjects.findings == []
    return suite, spell_out(suite, subjects, strict=True).cases


def row(
    resource: str, reason: str = "Ok", *, result: str = "Pass", policy: str = "example", rule: str = ""
) -> SuiteRow:
    return SuiteRow(policy, rule, resource, result, reason, "")


GOOD = [row(FULL), row(BARE)]


def test_a_row_for_each_case_proves_it(tmp_path: Path) -> None:
    suite, cases = suite_and_cases(tmp_path)
    proof = prove(suite, cases, GOOD)
    assert [case.proved for case in proof.cases] == [True, True]
    assert proof.findings == []


def test_excluded_rows_beside_a_real_one_are_noise(tmp_path: Path) -> None:
    suite, cases = suite_and_cases(tmp_path)
    assert prove(suite, cases, [row(BARE, "Excluded"), *GOOD, row(FULL, "Excluded")]).findings == []


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([row(FULL)], suite_rules.UNPROVED),
        ([row(FULL), row(BARE, "Excluded")], suite_rules.UNPROVED),
        ([row(FULL), row(BARE, "Invalid Policy", result="Skip")], suite_rules.UNPROVED),
        ([row(FULL), row(BARE, "Not found", result="Fail")], suite_rules.UNPROVED),
        ([row(FULL), row("v1/ConfigMap/other/bare")], suite_rules.UNPROVED),
        ([row(FULL), row("v1/Secret/team/bare")], suite_rules.UNPROVED),
        ([row(FULL), row(BARE, policy="another")], suite_rules.UNPROVED),
        ([row(FULL), row(BARE, "Want fail, got pass", result="Fail")], suite_rules.FAILED),
        ([*GOOD, row(BARE, "Want fail, got pass", result="Fail")], suite_rules.FAILED),
    ],
)
def test_anything_else_does_not(tmp_path: Path, rows: list[SuiteRow], rule: Rule) -> None:
    suite, cases = suite_and_cases(tmp_path)
    proof = prove(suite, cases, rows)
    assert [finding.rule for finding in proof.findings] == [rule.id]
    assert [case.proved for case in proof.cases] == [True, False]


SKIPPED = rule_texts.text("test/broken").good.replace(
    "resources: [bare], result: fail", "resources: [bare], result: skip"
)


def test_an_excluded_object_is_left_out_only_if_the_rule_speaks_and_does_not_match_it(tmp_path: Path) -> None:
    selecting = SKIPPED.replace(
        "  matchConstraints:\n", "  matchConstraints:\n    objectSelector: {matchLabels: {team: ours}}\n"
    ).replace("{name: full, namespace: team}", "{name: full, namespace: team, labels: {team: ours}}")
    suite, cases = suite_and_cases(tmp_path / "selecting", selecting)
    excluded = [row(FULL), row(BARE, "Excluded")]
    assert prove(suite, cases, excluded).findings == []
    silent = prove(suite, cases, [row(FULL, "Excluded"), row(BARE, "Excluded")])
    assert [finding.rule for finding in silent.findings] == [suite_rules.UNPROVED.id] * 2
    assert "gave no verdict in this test at all" in silent.findings[1].message
    suite, cases = suite_and_cases(tmp_path / "plain", SKIPPED)
    (found,) = prove(suite, cases, excluded).findings
    assert "although the policy's constraints match" in found.message


def test_a_failed_row_that_answers_no_case_is_not_passed_over(tmp_path: Path) -> None:
    suite, cases = suite_and_cases(tmp_path)
    stray = row("v1/ConfigMap/team/stray", "Not found", result="Fail")
    assert [finding.rule for finding in leftover(suite, cases, [*GOOD, stray])] == [suite_rules.FAILED.id]
    assert list(leftover(suite, cases, GOOD)) == []


@pytest.mark.parametrize(
    ("rule", "name"), [("limits", "limits"), ("autogen-limits", "limits"), ("autogen-cronjob-limits", "limits")]
)
def test_a_rule_repeated_for_controllers_is_the_rule_that_was_written(rule: str, name: str) -> None:
    assert plain(rule) == name


def test_a_name_with_a_namespace_means_one_object(tmp_path: Path) -> None:
    twice = (
        rule_texts.text("test/broken").good
        + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: bare, namespace: other}\n"
    )
    library = unpack(tmp_path, twice)
    (suite,) = reading.read(library.test, "kyverno-test.yaml").suites
    objects = gather(suite, strict=True).objects
    assert len(selected("bare", objects)) == 2
    assert [entry.id.namespace for entry in selected("other/bare", objects)] == ["other"]
