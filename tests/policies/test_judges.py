"""The policy engine gives the verdicts of Kyverno's own command line: policy, object, result and words."""

from __future__ import annotations

import pytest

import judges
from aurora.paths import RepositoryPaths
from aurora.tools.installed import Toolbox
from aurora.tools.verdicts import Result, Row
from policies.test_policies import JUDGING
from reference.platform import reference

pytestmark = pytest.mark.real_tools


@pytest.fixture(scope="module")
def environments() -> dict[str, judges.Case]:
    return {case.name: case for case in judges.of_unlike_mutants(reference())}


@pytest.mark.parametrize("half", [0, 1])
def test_on_the_objects_of_every_suite(half: int, repository: RepositoryPaths, real_toolbox: Toolbox) -> None:
    cases = list(judges.of_suites(repository))
    assert {policy.name for case in cases for policy in case.policies} == set(JUDGING)
    found = judges.compare(cases[half::2], real_toolbox.locate, parallel=2)
    assert found.differences == []
    assert found.verdicts > 100


@pytest.mark.parametrize("name", ["aurora-dev", "aurora-prod"])
def test_on_an_environment_and_its_mutants(
    name: str, environments: dict[str, judges.Case], real_toolbox: Toolbox
) -> None:
    case = environments[name]
    assert {policy.name for policy in case.policies} <= set(JUDGING)
    found = judges.compare([case], real_toolbox.locate, parallel=2)
    assert found.differences == []
    assert found.verdicts >= len([1 for policy, objects in case.pairs for _ in objects])


def test_a_difference_in_anything_is_noticed(environments: dict[str, judges.Case]) -> None:
    case = environments["aurora-prod"]
    policy, objects = next((policy, objects) for policy, objects in case.pairs if policy.name == "disallow-latest-tag")
    entry = next(entry for entry in objects if entry.id.kind == "Deployment")
    row = Row(policy.name, entry.id, Result.FAIL, "no", "defaults")
    said = Row(policy.name, entry.id, Result.FAIL, "no")
    pairs = [
        (said, row, 0),
        (None, None, 0),
        (said, None, 1),
        (None, row, 1),
        (Row(policy.name, entry.id, Result.PASS, "no"), row, 1),
        (Row(policy.name, entry.id, Result.FAIL, "other words"), row, 1),
        (said, Row(policy.name, entry.id, Result.FAIL, "no", "cronjobs"), 1),
    ]
    for theirs, ours, differences in pairs:
        comparison = judges.Comparison()
        given = {judges.key(ours): ours} if ours else {}
        judges.hold(comparison, case, (policy, [entry]), theirs=[theirs] if theirs else [], ours=given)
        assert len(comparison.differences) == differences, (theirs, ours)
