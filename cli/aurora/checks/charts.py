"""The row of the check `charts`, whose result is made where charts are rendered: before all checks."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from aurora.charts.rendering import NAME
from aurora.charts.rules import RULES
from aurora.model.inventory import Inventory
from aurora.model.report import CheckResult
from aurora.model.rule import Rule
from aurora.tools.settings import Settings


@dataclass(frozen=True, slots=True)
class ChartsCheck:
    """Names the rules; charts are rendered whether or not this check is chosen, since others judge what they give."""

    names: tuple[str, ...] = (NAME,)
    rules: tuple[Rule, ...] = RULES

    def only(self, names: Collection[str]) -> Self | None:
        """Give the check itself, if its name is among them."""
        return self if NAME in names else None

    def results(self, inventory: Inventory, settings: Settings) -> tuple[CheckResult, ...]:
        """Give nothing: `pipeline.prove` has the result."""
        del inventory, settings
        return ()


CHECK = ChartsCheck()
