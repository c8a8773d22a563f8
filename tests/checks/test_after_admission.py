"""What kubelet, controllers and admission do with an object that the server has accepted: look-alikes of each rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from aurora.checks.server import ServerCheck
from aurora.checks.server.rules import LIMIT_RULES
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings
from checks.rule_cases import INVENTORY_CHECKS, found_rules, inventory

CASES = yaml.safe_load(Path(__file__).with_name("after_admission.yaml").read_text(encoding="utf-8"))
CHECKS = {check.name: check for check in INVENTORY_CHECKS}
SETTINGS = Settings(cache=Path("cache"), workspace=Path("workspace"))
LIMITS = {rule.id for rule in LIMIT_RULES}


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case["proves"]) for case in CASES if case["rule"] not in LIMITS]
)
def test_the_rule_finds_what_goes_wrong_and_nothing_else(case: dict[str, Any]) -> None:
    found = found_rules(CHECKS[case["rule"].partition("/")[0]], case["objects"], SETTINGS)
    assert (case["rule"] in found) is case["found"]


@pytest.mark.real_tools
@pytest.mark.parametrize("case", [pytest.param(case, id=case["proves"]) for case in CASES if case["rule"] in LIMITS])
def test_the_servers_code_finds_what_limit_ranges_refuse_and_nothing_else(
    case: dict[str, Any], tmp_path: Path, real_toolbox: Toolbox
) -> None:
    settings = Settings(cache=tmp_path, workspace=tmp_path)
    (result,) = ServerCheck(real_toolbox.locate, ("scaling",)).results(inventory(case["objects"]), settings)
    assert result.planted == result.caught > 0
    found = {finding.rule for finding in result.findings}
    assert case["rule"] in found if case["found"] else not found
    assert all(finding.hint for finding in result.findings)
