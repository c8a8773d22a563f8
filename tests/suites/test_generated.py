"""Generated objects are compared whole: what Kyverno leaves out decides here."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora import rule_texts
from aurora.model.finding import Finding, Severity
from aurora.model.json_value import JsonObject, JsonValue
from aurora.suites import reading
from aurora.suites.expectations import spell_out
from aurora.suites.generated import compare, first_difference
from aurora.suites.subjects import gather
from suites.library import unpack

VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(value=VALUES)
def test_a_value_does_not_differ_from_its_copy(value: JsonValue) -> None:
    assert first_difference(value, copy.deepcopy(value)) is None


@given(one=VALUES, other=VALUES)
def test_a_difference_is_seen_from_both_sides(one: JsonValue, other: JsonValue) -> None:
    assert (first_difference(one, other) is None) == (first_difference(other, one) is None)


@pytest.mark.parametrize(
    ("expected", "actual", "steps"),
    [
        ({"ingress": [{}]}, {}, ("ingress",)),
        ({"spec": {"podSelector": {}}}, {"spec": {}}, ("spec", "podSelector")),
        ({"spec": {"ingress": [{}]}}, {"spec": {"ingress": []}}, ("spec", "ingress")),
        ([1, 2], [1, 3], (1,)),
        (True, 1, ()),
        ("1", 1, ()),
        (None, {}, ()),
    ],
)
def test_the_first_difference_is_named(expected: JsonValue, actual: JsonValue, steps: tuple[str | int, ...]) -> None:
    assert first_difference(expected, actual) == steps


def test_a_number_is_the_same_in_both_of_its_forms() -> None:
    assert first_difference({"port": 53}, {"port": 53.0}) is None


CLOSED: JsonObject = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "closed", "namespace": "team", "labels": {"app.kubernetes.io/managed-by": "kyverno"}},
    "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
}
OTHER: JsonObject = {**CLOSED, "metadata": {"name": "other", "namespace": "team"}}
OPEN: JsonObject = {**CLOSED, "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]}}


def compared(folder: Path, *made: JsonObject, strict: bool, surroundings: str = "") -> list[Finding]:
    library = unpack(folder, rule_texts.text("test/generated").good)
    library.write(reading.FILE, library.text(reading.FILE) + surroundings)
    (suite,) = reading.read(library.test, reading.FILE).suites
    subjects = gather(suite, strict=strict)
    assert subjects.findings == []
    return list(compare(suite, subjects, spell_out(suite, subjects, strict=strict).cases, made, strict=strict))


@pytest.mark.parametrize("strict", [True, False])
def test_an_object_as_it_is_expected_is_clean_and_another_is_not(tmp_path: Path, *, strict: bool) -> None:
    assert compared(tmp_path / "equal", CLOSED, strict=strict) == []
    (found,) = compared(tmp_path / "opposite", OPEN, strict=strict)
    assert (found.severity, found.pointer) == (Severity.ERROR, "/spec/ingress")


@pytest.mark.parametrize(("strict", "severity"), [(True, Severity.ERROR), (False, Severity.WARNING)])
def test_an_expected_object_that_was_not_made_is_compared_by_nobody(
    tmp_path: Path, severity: Severity, *, strict: bool
) -> None:
    (found,) = compared(tmp_path, strict=strict)
    assert found.severity is severity
    assert "not seen to generate" in found.message


def test_an_object_that_nobody_expects_is_an_error_in_ones_own_library(tmp_path: Path) -> None:
    (found,) = compared(tmp_path / "own", CLOSED, OTHER, strict=True)
    assert "also generate NetworkPolicy team/other" in found.message
    assert compared(tmp_path / "foreign", CLOSED, OTHER, strict=False) == []


def test_a_pretended_cluster_leaves_the_comparison_to_kyverno_in_foreign_libraries_only(tmp_path: Path) -> None:
    around = "userinfo: user.yaml\n"
    (foreign,) = compared(tmp_path / "foreign", OPEN, strict=False, surroundings=around)
    assert foreign.severity is Severity.WARNING
    assert "pretends a cluster" in foreign.message
    (own,) = compared(tmp_path / "own", OPEN, strict=True, surroundings=around)
    assert own.severity is Severity.ERROR
