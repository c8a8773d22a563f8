"""What every measurement needs: a figure with its promise, medians, and commands run as whole processes."""

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from aurora.paths import cache_folder
from aurora.tools.runner import Command, run

ROOT = Path(__file__).resolve().parents[1]
AURORA = str(Path(sys.executable).with_name("aurora"))
RUNS = 3
KIBIBYTES_PER_MEGABYTE = 1e6 / 1024
LOOP_SECONDS = 0.21
"""What the plain loop takes on the machine for which seconds are promised."""
_ROUNDS = 300_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number and what was promised: at most that much, or with `at_least` at least that much."""

    what: str
    value: float
    unit: str
    promised: float | None
    at_least: bool = False
    pace: float = 1.0
    """How long the plain loop took while this was measured, 0.21 s being 1."""

    @property
    def bound(self) -> float | None:
        """The promise on this machine, now: seconds last as much longer as the plain loop does."""
        return self.promised * self.pace if self.promised is not None and self.unit == "s" else self.promised

    @property
    def kept(self) -> bool:
        """Whether the promise holds."""
        if self.bound is None:
            return True
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def call(*args: str, **environment: str) -> str:
    """Run a command and give its output."""
    own = {name: value for name, value in os.environ.items() if name.startswith("AURORA_")}
    passed = {**own, "HOME": os.environ["HOME"], "PATH": os.environ["PATH"]}
    return run(Command(args=args, cwd=ROOT, timeout=900, environment={**passed, **environment})).stdout


def median(measure: Callable[[], float], runs: int = RUNS) -> float:
    """Give the median of several measurements."""
    return statistics.median(measure() for _ in range(runs))


def pace() -> float:
    """Measure the machine itself by a plain loop: one whose host is busy takes longer for everything."""
    return median(_loop) / LOOP_SECONDS


def _loop() -> float:
    started = time.monotonic()
    lists = {str(number): [number] * 3 for number in range(_ROUNDS)}
    sum(map(len, lists.values()))
    return time.monotonic() - started


@dataclass(frozen=True, slots=True)
class Used:
    """What a process used, with its own processes: seconds of people, of processors, and the most memory."""

    seconds: float
    processor: float
    megabytes: float


def process(folder: Path, *args: str, **environment: str) -> Used:
    """Run a command in a folder, and tell what it used."""
    return Used(**json.loads(call(sys.executable, str(Path(__file__)), str(folder), *args, **environment)))


def _used(folder: str, *args: str) -> Used:
    started = time.monotonic()
    run(Command(args=args, cwd=Path(folder), timeout=900, environment=dict(os.environ)))
    seconds = time.monotonic() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Used(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / KIBIBYTES_PER_MEGABYTE)


def with_programs(cache: Path) -> Path:
    """Make a cache that is empty but for the programs, and give it."""
    cache.mkdir()
    (cache / "tools").symlink_to(cache_folder() / "tools")
    return cache


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


if __name__ == "__main__":
    print(json.dumps(asdict(_used(*sys.argv[1:]))))
