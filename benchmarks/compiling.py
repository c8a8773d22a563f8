"""Figures of compiling: the environments of this repository, the command line's start, and a fleet of Deployments."""

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measuring import AURORA, ROOT, RUNS, Figure, median, process, stage, timed, with_programs


def figures() -> Iterator[Figure]:
    """Measure everything."""
    yield from _environments("aurora-dev", "aurora-prod", seconds=8.0, megabytes=600.0)
    yield from _environments(seconds=20.0, megabytes=600.0)
    yield Figure("aurora --help", median(timed(AURORA, "--help"), 7), "s", 0.3)
    yield Figure("aurora list components", median(timed(AURORA, "list", "components"), 7), "s", 0.3)
    fleet = stage("stages.py", "compile", 1000)
    yield Figure("1,000 Deployments synthesised and rendered", fleet["seconds"], "s", 4.0)
    yield Figure("memory for that", fleet["megabytes"], "MB", 400.0)
    yield Figure("kubeconform stage for 1,000 objects", stage("stages.py", "schema", 1000)["seconds"], "s", 1.0)


def _environments(*names: str, seconds: float, megabytes: float) -> Iterator[Figure]:
    """Compile and prove environments of this repository with empty caches but for the validators; no name is all."""
    used = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            cache = with_programs(Path(folder) / "cache")
            used.append(process(ROOT, AURORA, "synth", "--check", *names, AURORA_CACHE=str(cache)))
    what = f"synth of {' and '.join(names) or 'all environments'}, nothing known"
    yield Figure(what, statistics.median(each.seconds for each in used), "s", seconds)
    yield Figure(f"{what}: most memory of a process", max(each.megabytes for each in used), "MB", megabytes)
