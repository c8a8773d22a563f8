"""What a run asks of the training, which takes seconds to import and is not needed to refuse data."""

from collections.abc import Callable
from dataclasses import dataclass

Report = Callable[[float, dict[str, float]], None]
"""Told after each stage: the share that is done, and the loss of each part of the data."""


class ConversionError(Exception):
    """The published form of a model predicts something else than the model."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is trained."""

    rounds: int = 200
    stage: int = 20
