"""What a scenario is, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chaos.load import Figures
from chaos.scene import Scene


@dataclass(slots=True)
class Outcome:
    """What came of a scenario; `holds` tells of its guarantee, and is None where it was not tried."""

    name: str
    asked: str
    guarantee: str
    happened: list[str] = field(default_factory=list)
    holds: bool | None = None
    guaranteed: bool = True
    figures: Figures = field(default_factory=Figures)
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario: what is asked, the statement of docs/guarantees.md that it tries, and what is done."""

    name: str
    asked: str
    guarantee: str
    act: Callable[[Scene, Outcome], None]
    guaranteed: bool = True
