"""Overviews of the reference environments, without any tool."""

from __future__ import annotations

import datetime
from functools import cache
from pathlib import Path

from aurora import pipeline, validation
from aurora.model.clock import Clock
from aurora.model.overview import Overview
from aurora.model.report import Report
from aurora.overview import build
from aurora.tools.settings import Settings
from checks.rule_cases import INVENTORY_CHECKS
from reference.platform import reference

PATHS = reference()
ROOT = PATHS.root
SETTINGS = Settings(cache=Path("cache"), workspace=Path("workspace"))


def report(*names: str) -> Report:
    """Judge reference environments by the checks that need no tool."""
    environments = pipeline.load_environments(PATHS, names)
    inventories = [validation.readable(PATHS, environment) for environment in environments]
    results = [
        check.run(inventories[0], SETTINGS)
        if len(inventories) == 1
        else check.run(inventories[0], SETTINGS).plus(check.run(inventories[1], SETTINGS))
        for check in INVENTORY_CHECKS
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
    """Give the overview of reference environments."""
    return build.overview(PATHS, names, report(*names))
