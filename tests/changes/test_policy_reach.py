"""A policy that selects by values reaches less, more, or both: whichever values moved, and nothing else, says so."""

from __future__ import annotations

import pytest

from aurora.changes import consequences
from aurora.model.change import Impact
from changes.scenes import scene

POLICY = """\
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: no-latest}
spec:
  validationActions: [Deny]
  matchConstraints:
    namespaceSelector: {matchExpressions: [%s]}
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations: [{expression: "has(object.metadata.name)"}]
"""
IN = "{key: team, operator: In, values: [%s]}"
NOT_IN = "{key: team, operator: NotIn, values: [%s]}"
LESS = (Impact.SECURITY_WEAKENED, "judges less than before: selected values `team=%s`")
MORE = (Impact.SECURITY_STRENGTHENED, "judges more than before: selected values `team=%s`")


def reached(before: str, after: str) -> list[tuple[Impact, str]]:
    found = [entry for _, entry in consequences.follow(scene(POLICY % before, POLICY % after))]
    return [(entry.impacts[0], entry.message) for entry in found if entry.rule.startswith("security/")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (IN % "a, b", IN % "a", [(LESS, "b")]),
        (IN % "a", IN % "a, b", [(MORE, "b")]),
        (IN % "a", IN % "b", [(LESS, "a"), (MORE, "b")]),
        (NOT_IN % "a, b", NOT_IN % "a", [(MORE, "b")]),
        (NOT_IN % "a", NOT_IN % "a, b", [(LESS, "b")]),
    ],
)
def test_values_of_a_selector_that_move_are_named(
    before: str, after: str, expected: list[tuple[tuple[Impact, str], str]]
) -> None:
    assert reached(before, after) == [(impact, words % value) for (impact, words), value in expected]


def test_a_selector_that_comes_narrows_and_one_that_goes_broadens() -> None:
    selector = "selectors `namespaceSelector team In`"
    assert reached("", IN % "a") == [(Impact.SECURITY_WEAKENED, f"judges less than before: {selector}")]
    assert reached(IN % "a", "") == [(Impact.SECURITY_STRENGTHENED, f"judges more than before: {selector}")]
