"""What every measurement needs: a figure with its promise, medians, and commands run as whole processes."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aurora.tools.runner import Command, run

ROOT = Path(__file__).resolve().parents[1]
AURORA = str(Path(sys.executable).with_name("aurora"))
RUNS = 3
_ROUNDS = 300_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number and what was promised: at most that much, or with `at_least` at least that much."""

    what: str
    value: float
    unit: str
    promised: float | None
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """Whether the promise holds on this machine, now."""
        if self.promised is None:
            return True
        return self.value >= self.promised if self.at_least else self.value <= self.promised


def call(*args: str, **environment: str) -> str:
    """Run a command and give its output."""
    own = {name: value for name, value in os.environ.items() if name.startswith("AURORA_")}
    passed = {**own, "HOME": os.environ["HOME"], "PATH": os.environ["PATH"]}
    return run(Command(args=args, cwd=ROOT, timeout=900, environment={**passed, **environment})).stdout


def median(measure: Callable[[], float], runs: int = RUNS) -> float:
    """Give the median of several measurements."""
    return statistics.median(measure() for _ in range(runs))


def pace(module: str) -> Figure:
    """Measure the machine itself: one whose host is busy takes half as long again for everything."""
    return Figure(f"the machine itself, before `{module}`: a loop in Python", median(_loop), "s", None)


def _loop() -> float:
    started = time.monotonic()
    lists = {str(number): [number] * 3 for number in range(_ROUNDS)}
    sum(map(len, lists.values()))
    return time.monotonic() - started


def timed(*args: str) -> Callable[[], float]:
    """Measure a whole process."""

    def measure() -> float:
        started = time.monotonic()
        call(*args)
        return time.monotonic() - started

    return measure


def stage(script: str, name: str, count: int) -> dict[str, float]:
    """Run one stage of a script beside this file in a process of its own; give the median of each number it prints."""
    found = [json.loads(call(sys.executable, str(ROOT / "benchmarks" / script), name, str(count))) for _ in range(RUNS)]
    return {key: statistics.median(entry[key] for entry in found) for key in found[0]}
