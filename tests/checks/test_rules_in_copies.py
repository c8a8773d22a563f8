"""The rules find the same in copies of the process as in the process itself, and may run there at all."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from aurora import pipeline, rule_texts
from aurora.model.clock import Clock
from aurora.model.inventory import Inventory
from aurora.model.report import CheckResult
from aurora.tools.runner import Command, run
from aurora.tools.settings import Settings
from checks.rule_cases import INVENTORY_CHECKS, inventory


def every_bad_example() -> list[Inventory]:
    return [inventory(rule_texts.text(rule.id).bad) for check in INVENTORY_CHECKS for rule in check.rules]


def proved(tmp_path: Path, processors: int) -> tuple[CheckResult, ...]:
    settings = Settings(cache=tmp_path, workspace=tmp_path, parallel=processors)
    results = pipeline.prove(INVENTORY_CHECKS, every_bad_example(), settings, Clock())
    return tuple(replace(result, seconds=0.0) for result in results)


def test_copies_find_what_one_process_finds(tmp_path: Path) -> None:
    alone = proved(tmp_path, 1)
    assert {finding.rule for result in alone for finding in result.findings} >= {
        rule.id for check in INVENTORY_CHECKS for rule in check.rules
    }
    assert proved(tmp_path, 2) == alone
    assert proved(tmp_path, 4) == alone


def test_rules_import_nothing_when_they_run(tmp_path: Path) -> None:
    """A copy that imports what another thread was importing when it was made would wait forever."""
    code = "from checks import test_rules_in_copies as tests; tests.print_what_rules_import()"
    path = os.pathsep.join(str(Path(__file__).parents[depth] / name) for depth, name in ((1, ""), (2, "cli")))
    command = Command(
        args=(sys.executable, "-c", code), cwd=tmp_path, timeout=120, environment={"PYTHONPATH": path, "PATH": "/"}
    )
    assert run(command).stdout == "judged"


def print_what_rules_import() -> None:
    """Judge in this process, which must not have judged before, and print the modules that came of it."""
    settings = Settings(cache=Path(), workspace=Path())
    inventories = every_bad_example()
    before = set(sys.modules)
    for check in INVENTORY_CHECKS:
        for entry in inventories:
            check.run(entry, settings)
    sys.stdout.write(" ".join(["judged", *sorted(set(sys.modules) - before)]))
