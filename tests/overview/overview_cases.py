"""Overviews of committed environments, without any tool."""

from __future__ import annotations

import datetime
from functools import cache
from pathlib import Path

from aurora import pipeline
from aurora.checks.check import InventoryCheck, Settings
from aurora.checks.table import table
from aurora.model.clock import Clock
from aurora.model.overview import Overview
from aurora.model.report import Report
from aurora.overview import build
from aurora.paths import RepositoryPaths

ROOT = Path(__file__).resolve().parents[2]
PATHS = RepositoryPaths(ROOT)
NAMES = PATHS.environment_names()
SETTINGS = Settings(cache=Path("cache"), workspace=Path("workspace"))


def no_tool(name: str) -> Path:
    raise AssertionError(f"an inventory check asks for `{name}`")


def report(*names: str) -> Report:
    """Judge committed environments by the checks that need no tool."""
    environments = pipeline.load_environments(PATHS, names)
    checks = [check for check in table(no_tool) if isinstance(check, InventoryCheck)]
    inventories = [build.inventory_of(PATHS, environment) for environment in environments]
    results = [
        check.run(inventories[0], SETTINGS)
        if len(inventories) == 1
        else check.run(inventories[0], SETTINGS).plus(check.run(inventories[1], SETTINGS))
        for check in checks
    ]
    return pipeline.report(
        "validate",
        results,
        objects=sum(len(inventory.manifests) for inventory in inventories),
        environments=environments,
        today=datetime.date(2026, 11, 21),
        clock=Clock(),
    )


@cache
def committed(*names: str) -> Overview:
    """Give the overview of committed environments."""
    return build.overview(PATHS, names, report(*names))
