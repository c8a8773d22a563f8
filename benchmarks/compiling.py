"""Figures of compiling: the reference environments, the command line's start, and a fleet of Deployments."""

import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from aurora.paths import cache_folder
from measuring import AURORA, RUNS, Figure, call, median, stage, timed


def figures() -> Iterator[Figure]:
    """Measure everything."""
    yield from _both_environments()
    yield Figure("aurora --help", median(timed(AURORA, "--help"), 7), "s", 0.3)
    yield Figure("aurora list components", median(timed(AURORA, "list", "components"), 7), "s", 0.3)
    fleet = stage("stages.py", "compile", 1000)
    yield Figure("1,000 Deployments synthesised and rendered", fleet["seconds"], "s", 4.0)
    yield Figure("memory for that", fleet["megabytes"], "MB", 400.0)
    yield Figure("kubeconform stage for 1,000 objects", stage("stages.py", "schema", 1000)["seconds"], "s", 1.0)


def _both_environments() -> list[Figure]:
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
        Figure("policy stage of all environments", statistics.median(policy), "s", None),
    ]
