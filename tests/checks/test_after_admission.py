"""What kubelet, controllers and admission do with an object that the server has accepted: look-alikes of each rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from aurora.tools.settings import Settings
from checks.rule_cases import INVENTORY_CHECKS, found_rules

CASES = yaml.safe_load(Path(__file__).with_name("after_admission.yaml").read_text(encoding="utf-8"))
CHECKS = {check.name: check for check in INVENTORY_CHECKS}
SETTINGS = Settings(cache=Path("cache"), workspace=Path("workspace"))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["proves"]) for case in CASES])
def test_the_rule_finds_what_goes_wrong_and_nothing_else(case: dict[str, Any]) -> None:
    found = found_rules(CHECKS[case["rule"].partition("/")[0]], case["objects"], SETTINGS)
    assert (case["rule"] in found) is case["found"]
