"""A verdict is recalled only where everything that it depends on is the same, and only if it was one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from aurora.memory.store import FileMemory
from aurora.memory.verdicts import Remembered
from aurora.model.json_value import mapping
from aurora.policies.handing import Given, Surroundings
from aurora.policies.matching import constraints
from aurora.policies.remembering import RememberingJudge
from aurora.policies.sources import Policy
from aurora.tools.verdicts import Result, Row, Verdicts
from checks.policy_cases import inventory, pod, policy, policy_spec

NAMESPACE = "{apiVersion: v1, kind: Namespace, metadata: {name: aurora, labels: {tier: %s}}}"


@dataclass(slots=True, kw_only=True)
class Answering(RememberingJudge):
    """An engine that gives one result for everything, and counts how often it is asked."""

    result: Result
    times: list[int] = field(default_factory=list)

    def fresh(self, policies: Sequence[Policy], objects: Sequence[Given], surroundings: Surroundings) -> Verdicts:
        assert surroundings
        self.times.append(len(objects))
        return Verdicts(tuple(Row(each.name, entry.id, self.result, "") for each in policies for entry in objects), {})


def asked(folder: Path, *runs: tuple[str, str], result: Result = Result.PASS) -> list[int]:
    """Judge a Pod once for each policy and tier, with one memory; give how many objects each call was about."""
    memory, times = FileMemory(folder), list[int]()
    for written, tier in runs:
        found = inventory(written, NAMESPACE % tier, pod("a"))
        (manifest,) = found.of_kind("ValidatingPolicy")
        (real,) = found.of_kind("Pod")
        known = Remembered(memory, "context")
        judge = Answering(program=folder, workspace=folder, timeout=1.0, known=known, result=result, times=times)
        surroundings = Surroundings(found)
        bound = Policy(manifest, constraints(mapping(manifest.get("spec"))))
        verdicts = judge.ask([bound], [surroundings.hand(real)], surroundings)
        assert [row.result for row in verdicts.rows] == [result]
    return times


def test_what_was_proved_is_not_asked_again(tmp_path: Path) -> None:
    assert asked(tmp_path, (policy("demand"), "gold"), (policy("demand"), "gold")) == [1]


def test_another_label_of_the_namespace_is_another_question(tmp_path: Path) -> None:
    assert asked(tmp_path, (policy("demand"), "gold"), (policy("demand"), "tin")) == [1, 1]


def test_another_policy_is_another_question(tmp_path: Path) -> None:
    assert asked(tmp_path, (policy("demand"), "gold"), (policy("demand", policy_spec(controllers=[])), "gold")) == [
        1,
        1,
    ]


@pytest.mark.parametrize("result", [Result.ERROR, Result.WARN])
def test_what_a_policy_could_not_decide_is_asked_again(tmp_path: Path, result: Result) -> None:
    assert asked(tmp_path, (policy("demand"), "gold"), (policy("demand"), "gold"), result=result) == [1, 1]


@pytest.mark.parametrize("call", ["time.now() > timestamp('2026-01-01T00:00:00Z')", "random // why\n('[a-z]') != 'a'"])
@pytest.mark.parametrize("part", ["validations", "variables", "matchConditions"])
def test_what_the_clock_or_chance_decides_is_always_asked(tmp_path: Path, part: str, call: str) -> None:
    written = policy("demand", policy_spec() | {part: [{"name": "late", "expression": call}]})
    assert asked(tmp_path, (written, "gold"), (written, "gold")) == [1, 1]
