"""What may be wrong with the settings of a repository."""

from __future__ import annotations

from aurora.model.finding import Severity
from aurora.model.rule import Rule

_GOOD = """\
[tool.aurora]
components = ["FeatureStore"]
stages = ["dev", "staging", "prod"]
"""

INVALID = Rule(
    id="settings/invalid",
    severity=Severity.ERROR,
    summary="a setting that is unknown, has a wrong value, or names nothing",
    why="A misspelt setting changes nothing: what was meant to be off stays on, and what was meant to be on stays off.",
    bad=_GOOD.replace("stages", "stage"),
    good=_GOOD,
)
RULES = (INVALID,)
