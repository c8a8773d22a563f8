"""Figures of runs that were done before: nothing changed, one component edited, and all of it without memory.

The environment is the committed `aurora-dev` with so many more served models that it has 1,000 objects.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aurora.paths import cache_folder
from aurora.tools.runner import Command, run
from measuring import AURORA, ROOT, Figure, median

MODELS = 68
OBJECTS = 1000
RUNS = 5
ENVIRONMENT = "aurora-dev"
WEIGHT = "weight: 10}"
_MODEL = """\
  model-{number:03}:
    kind: ModelServing
    namespace: aurora
    model: california-housing
    storage: model-store
    edge: edge
    host: model-{number:03}.ml.example.com
    stable: {{version: v20260901-120000, replicas: 3}}
    canary: {{version: v20261101-090000, replicas: 1, weight: 10}}
"""
# Alerts of one name for each model of one runtime would be the same alert 69 times.
_ROOM = """\
  monitoring: null
  namespaces:
    namespaces:
      aurora: {quota: {cpu: "1600", memory: 3200Gi, pods: 6000, claims: 4}}
"""


@dataclass(slots=True)
class Repository:
    """A repository of 1,000 objects with a cache of its own, apart from the programs."""

    root: Path
    cache: Path
    edits: int = 0

    def run(self, *args: str) -> float:
        """Run `aurora` and give the seconds that the process took."""
        own = {name: value for name, value in os.environ.items() if name.startswith("AURORA_")}
        passed = {**own, "HOME": os.environ["HOME"], "PATH": os.environ["PATH"], "AURORA_CACHE": str(self.cache)}
        started = time.monotonic()
        run(Command(args=(AURORA, *args), cwd=self.root, timeout=900, environment=passed))
        return time.monotonic() - started

    def edited(self, *args: str) -> float:
        """Move the canary weight of one model, as nobody did before, and run `aurora`."""
        file = self.root / "environments" / f"{ENVIRONMENT}.yaml"
        self.edits += 1
        text = file.read_text()
        file.write_text(text.replace(WEIGHT, f"weight: {10 + self.edits}}}", 1))
        seconds = self.run(*args)
        file.write_text(text)
        return seconds


@contextmanager
def repository() -> Iterator[Repository]:
    """Write the repository, and delete it at the end."""
    with tempfile.TemporaryDirectory() as folder:
        root, cache = Path(folder) / "repository", Path(folder) / "cache"
        for name in ("environments", "policies", "tetragon", "schemas"):
            shutil.copytree(ROOT / name, root / name)
        for other in (root / "environments").glob("*.yaml"):
            if other.stem != ENVIRONMENT:
                other.unlink()
        file = root / "environments" / f"{ENVIRONMENT}.yaml"
        models = "".join(_MODEL.format(number=number) for number in range(MODELS))
        file.write_text(file.read_text().replace("\ncomponents:\n", f"\ncomponents:\n{models}{_ROOM}", 1))
        cache.mkdir()
        (cache / "tools").symlink_to(cache_folder() / "tools")
        yield Repository(root, cache)


def figures() -> list[Figure]:
    """Measure everything."""
    with repository() as found:
        report = found.cache / "report.json"
        found.run("synth", "--report", f"json={report}")
        if json.loads(report.read_text())["summary"]["objects"] < OBJECTS:
            raise SystemExit(f"the environment has fewer than {OBJECTS} objects")
        uncached = median(lambda: found.run("synth", "--no-cache"))
        return [
            Figure("1,000 objects, nothing changed: synth", median(lambda: found.run("synth"), RUNS), "s", 1.0),
            Figure("1,000 objects, nothing changed: validate", validated(found), "s", 1.0),
            Figure("1,000 objects, one component edited: synth", median(lambda: found.edited("synth"), RUNS), "s", 1.5),
            Figure("1,000 objects, without memory: synth --no-cache", uncached, "s", None),
            Figure("what remembering costs a first run", first(found) / uncached, "x", None),
        ]


def validated(found: Repository) -> float:
    """Measure `validate` of what it has judged before."""
    found.run("validate")
    return median(lambda: found.run("validate"), RUNS)


def first(found: Repository) -> float:
    """Measure a synthesis that remembers nothing yet, with everything else of the cache in place."""

    def measure() -> float:
        for file in found.cache.glob("remembered-*"):
            file.unlink()
        return found.run("synth")

    return median(measure)
