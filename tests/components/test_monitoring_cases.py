"""Every alert and every trigger's query has unit tests, and promtool agrees with each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aurora.checks.monitoring.unit_tests import ALERT_CASES, QUERY_CASES
from aurora.tools.runner import Command, run
from components import unit_tests


def test_every_alert_has_its_cases_and_every_case_an_alert() -> None:
    alerts = {
        (section["id"], rule["alert"])
        for section in unit_tests.sections()
        for rule in section["rules"]
        if "alert" in rule
    }
    cases = unit_tests.cases()["alerts"]
    assert {(section, alert) for section, known in cases.items() for alert in known} == alerts
    for section, alert in sorted(alerts):
        assert set(ALERT_CASES) <= cases[section][alert].keys(), alert
        assert cases[section][alert]["fires"]["alerts"], alert
        assert not cases[section][alert]["silent"].get("alerts"), alert
        assert cases[section][alert]["silent"]["series"], alert
        assert "series" not in cases[section][alert]["no_data"], alert


def test_every_query_has_its_cases_and_gives_a_value_without_data() -> None:
    cases = unit_tests.cases()["queries"]
    assert cases.keys() == unit_tests.queries().keys()
    for name, known in cases.items():
        assert set(QUERY_CASES) <= known.keys(), name
        assert known["data"]["value"] != known["no_data"]["value"], name
        assert "series" not in known["no_data"], name


def judged(promtool: Path, folder: Path, tests: list[dict[str, Any]]) -> str:
    args = (str(promtool), "test", "rules", *unit_tests.write(folder, tests))
    outcome = run(Command(args=args, cwd=folder, timeout=120, accepted_codes=frozenset({0, 1})))
    return outcome.stdout + outcome.stderr


def test_promtool_agrees_with_every_case(promtool: Path, tmp_path: Path) -> None:
    tests = [*unit_tests.of_alerts(), *unit_tests.of_queries()]
    assert len(tests) > 80
    said = judged(promtool, tmp_path, tests)
    assert said.count("SUCCESS") == len(list(tmp_path.glob("*.tests"))) and "FAILED" not in said, said


@pytest.mark.parametrize("case", ["fires", "silent"])
def test_a_case_that_is_wrong_is_found(promtool: Path, tmp_path: Path, case: str) -> None:
    """The other way round nothing is proved: what should fire is expected to be silent, and the reverse."""
    (test,) = (each for each in unit_tests.of_alerts() if each["name"] == f"vllm/HighInferenceErrorRate/{case}")
    (expected,) = test["alert_rule_test"]
    expected["exp_alerts"] = [] if case == "fires" else [{"exp_labels": {"severity": "critical"}}]
    said = judged(promtool, tmp_path, [test])
    assert "FAILED" in said and "SUCCESS" not in said
