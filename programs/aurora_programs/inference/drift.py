"""How far the inputs of the last hour are from the data of the training: the population stability index.

For each feature: sum over the intervals of (now - then) * ln(now / then), where each is the share of values in the
interval. Source: B. Yurdakul, J. Naranjo, "Statistical properties of the population stability index", 2020.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from aurora_programs.model_form import Feature

HOUR, SLOT = 3600.0, 60.0
FEWEST = 100
"""Fewer inputs than this say nothing of their spread: until then there is no value."""
SMALLEST = 1e-4
"""Taken for a share of nothing, whose logarithm does not exist."""


class Drift:
    """Counts inputs by minute; called from one thread."""

    def __init__(self, features: Sequence[Feature], clock: Callable[[], float] = time.monotonic) -> None:
        self.features, self.clock = features, clock
        self.edges = [np.asarray(one.edges, dtype=np.float32) for one in features]
        self.slots: deque[tuple[float, int, list[NDArray[np.int64]]]] = deque()

    def add(self, rows: NDArray[np.float32]) -> None:
        """Count the rows of a request."""
        counts = [
            np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
            for edges, values in zip(self.edges, rows.T, strict=True)
        ]
        begun = self.clock() // SLOT * SLOT
        if self.slots and self.slots[-1][0] == begun:
            _, number, sums = self.slots.pop()
            counts = [before + now for before, now in zip(sums, counts, strict=True)]
            self.slots.append((begun, number + len(rows), counts))
        else:
            self.slots.append((begun, len(rows), counts))
        self._forget()

    def values(self) -> dict[str, float]:
        """Give the index of each feature; nothing while the last hour had too few inputs."""
        self._forget()
        number = sum(slot[1] for slot in self.slots)
        if number < FEWEST:
            return {}
        sums = [np.sum([slot[2][place] for slot in self.slots], axis=0) for place in range(len(self.features))]
        return {one.name: _index(one.shares, counts / number) for one, counts in zip(self.features, sums, strict=True)}

    def _forget(self) -> None:
        while self.slots and self.slots[0][0] <= self.clock() - HOUR - SLOT:
            self.slots.popleft()


def _index(then: Sequence[float], now: NDArray[np.float64]) -> float:
    before, after = np.maximum(then, SMALLEST), np.maximum(now, SMALLEST)
    return float(np.sum((after - before) * np.log(after / before)))
