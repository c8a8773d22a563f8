"""Measures what Aurora promises, prints a table, and writes it as JSON.

Every figure is the median of several whole processes on this machine, measured one after the other.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from aurora.paths import cache_folder
from aurora.tools.runner import Command, run

ROOT = Path(__file__).resolve().parents[1]
AURORA = str(Path(sys.executable).with_name("aurora"))
RESULT = ROOT / "benchmarks" / "results" / "latest.json"
RUNS = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number and what was promised."""

    what: str
    value: float
    unit: str
    promised: float | None

    @property
    def kept(self) -> bool:
        """Whether the promise holds on this machine, now."""
        return self.promised is None or self.value <= self.promised


def call(*args: str, **environment: str) -> str:
    """Run a command and give its output."""
    own = {name: value for name, value in os.environ.items() if name.startswith("AURORA_")}
    passed = {**own, "HOME": os.environ["HOME"], "PATH": os.environ["PATH"]}
    return run(Command(args=args, cwd=ROOT, timeout=900, environment={**passed, **environment})).stdout


def median(measure: Callable[[], float], runs: int = RUNS) -> float:
    """Give the median of several measurements."""
    return statistics.median(measure() for _ in range(runs))


def timed(*args: str) -> Callable[[], float]:
    """Measure a whole process."""

    def measure() -> float:
        started = time.monotonic()
        call(*args)
        return time.monotonic() - started

    return measure


def stage(name: str, count: int) -> dict[str, float]:
    """Run one stage in a process of its own; give the medians of its seconds and megabytes."""
    found = [
        json.loads(call(sys.executable, str(ROOT / "benchmarks" / "stages.py"), name, str(count))) for _ in range(RUNS)
    ]
    return {key: statistics.median(entry[key] for entry in found) for key in found[0]}


def both_environments() -> list[Figure]:
    """Compile and prove the reference environments with empty caches but for the validators."""
    tools = cache_folder() / "tools"
    walls, policy = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as cache:
            (Path(cache) / "tools").symlink_to(tools)
            report = Path(cache) / "report.json"
            started = time.monotonic()
            call(AURORA, "synth", "--check", "--skip", "policy", "--report", f"json={report}", AURORA_CACHE=cache)
            walls.append(time.monotonic() - started)
            call(AURORA, "synth", "--check", "--only", "policy", "--report", f"json={report}", AURORA_CACHE=cache)
            policy.append(json.loads(report.read_text())["seconds"]["validate"])
    return [
        Figure("synth and validation of all environments, cold, without policies", statistics.median(walls), "s", 8.0),
        Figure("policy stage of all environments (official CLI)", statistics.median(policy), "s", None),
    ]


def figures() -> list[Figure]:
    """Measure everything."""
    fleet = stage("compile", 1000)
    return [
        *both_environments(),
        Figure("aurora --help", median(timed(AURORA, "--help"), 7), "s", 0.3),
        Figure("aurora list components", median(timed(AURORA, "list", "components"), 7), "s", 0.3),
        Figure("1,000 Deployments synthesised and rendered", fleet["seconds"], "s", 4.0),
        Figure("memory for that", fleet["megabytes"], "MB", 400.0),
        Figure("kubeconform stage for 1,000 objects", stage("schema", 1000)["seconds"], "s", 1.0),
    ]


def main() -> None:
    """Print the table and write the JSON."""
    found = figures()
    width = max(len(figure.what) for figure in found)
    for figure in found:
        promise = f"promised {figure.promised:g} {figure.unit}" if figure.promised else ""
        mark = "" if figure.kept else "  MISSED"
        print(f"{figure.what.ljust(width)}  {figure.value:8.2f} {figure.unit:<2}  {promise}{mark}")
    machine = {"processors": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(
        json.dumps({"machine": machine, "figures": [asdict(figure) for figure in found]}, indent=2) + "\n"
    )
    print(f"written to {RESULT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
