"""Figures of runs over 1,000, 5,000 and 10,000 objects: nothing known, nothing changed, one component edited.

The environment is the committed `aurora-dev` with so many more served models that it has as many objects.
"""

import json
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from measuring import AURORA, ROOT, Figure, Used, process, with_programs

ENVIRONMENT = "aurora-dev"
_MODEL = """\
  model-{number:03}:
    kind: ModelServing
    namespace: aurora
    model: model-{number:03}
    storage: models-{store}
    edge: edge
    host: model-{number:03}.ml.example.com
    stable: {{version: v20261101-090000, replicas: 3}}
    canary: {{version: v20261115-140000, replicas: 1, weight: 10}}
"""
_PUBLISHED = """\
  model-{number:03}-{version}: {{kind: ModelVersion, name: model-{number:03}/{version}, reason: published before}}
"""
# A model is served by one component, and a store has so many models at most.
_STORE = """\
  models-{store}:
    kind: ModelStore
    namespace: aurora
    claim: models-{store}
    storageClass: models-{store}
    size: 20Gi
    volume: {{type: cephfs, filesystem: aurora-models}}
    models: [{models}]
"""
_STORED = 200
# Alerts of one name for each model of one runtime would be the same alert many times.
_ROOM = """\
  monitoring: null
  namespaces:
    namespaces:
      aurora: {{quota: {{cpu: "{cpu}", memory: {memory}Gi, pods: {pods}, claims: {claims}}}}}
"""


@dataclass(frozen=True, slots=True)
class Size:
    """So many objects, the models that make them, and the seconds that are promised."""

    objects: int
    models: int
    unchanged: float | None = None
    edited: float | None = None
    cold: float | None = None


SIZES = (
    Size(1000, 55, unchanged=1.0, edited=1.5),
    Size(5000, 305, unchanged=0.6, edited=2.0, cold=30.0),
    Size(10_000, 617),
)
GROWTH = 2.2
"""So many times the seconds of 5,000 objects may 10,000 take."""


@dataclass(slots=True)
class Repository:
    """A repository of many objects with a cache of its own, apart from the programs."""

    root: Path
    cache: Path
    edits: int = 0
    used: list[Used] = field(default_factory=list)

    def run(self, *args: str) -> float:
        """Run `aurora` and give the seconds that the process took."""
        self.used.append(process(self.root, AURORA, *args, AURORA_CACHE=str(self.cache)))
        return self.used[-1].seconds

    def edited(self, field: str, value: int) -> float:
        """Give a field of one model a value that it never had, and compile."""
        file = self.root / "environments" / f"{ENVIRONMENT}.yaml"
        self.edits += 1
        text = file.read_text()
        file.write_text(text.replace(f"{field}: {value}}}", f"{field}: {value + self.edits}}}", 1))
        seconds = self.run("synth")
        file.write_text(text)
        return seconds

    def cold(self) -> float:
        """Compile with nothing remembered and everything else of the cache in place."""
        for file in self.cache.glob("remembered-*"):
            file.unlink()
        return self.run("synth")


@contextmanager
def repository(size: Size) -> Iterator[Repository]:
    """Write the repository, and delete it at the end."""
    with tempfile.TemporaryDirectory() as folder:
        root, cache = Path(folder) / "repository", Path(folder) / "cache"
        for name in ("environments", "policies", "tetragon", "schemas"):
            shutil.copytree(ROOT / name, root / name)
        for other in (root / "environments").glob("*.yaml"):
            if other.stem != ENVIRONMENT:
                other.unlink()
        file = root / "environments" / f"{ENVIRONMENT}.yaml"
        text = file.read_text().replace("\ncomponents:\n", f"\ncomponents:\n{_components(size.models)}", 1)
        file.write_text(text.replace("\nexternals:\n", f"\nexternals:\n{_published(size.models)}", 1))
        yield Repository(root, with_programs(cache))


def _components(models: int) -> str:
    """Write so many served models, the stores that have them, and room for all in their namespace."""
    served = "".join(_MODEL.format(number=number, store=number // _STORED) for number in range(models))
    stores = ""
    for store, first in enumerate(range(0, models, _STORED)):
        names = ", ".join(f"model-{number:03}" for number in range(first, min(first + _STORED, models)))
        stores += _STORE.format(store=store, models=names)
    count = models + 10
    room = _ROOM.format(cpu=24 * count, memory=48 * count, pods=90 * count, claims=4 + models // _STORED)
    return served + stores + room


def _published(models: int) -> str:
    """Declare the versions that are served: no run of the environment publishes them."""
    versions = ("v20261101-090000", "v20261115-140000")
    return "".join(_PUBLISHED.format(number=number, version=each) for number in range(models) for each in versions)


def figures() -> Iterator[Figure]:
    """Measure every size; the largest is promised in multiples of the one before."""
    seconds: dict[str, float] = {}
    for size in SIZES:
        grown = size is SIZES[-1]
        with repository(size) as found:
            for what, promised, measure in _kinds(found, size):
                before = seconds.get(what)
                seconds[what] = measure()
                yield Figure(f"{size.objects:,} objects, {what}", seconds[what], "s", promised)
                if grown and before:
                    yield Figure(f"{size.objects:,} objects, {what}: times 5,000", seconds[what] / before, "x", GROWTH)
            most = max(used.megabytes for used in found.used)
            yield Figure(f"{size.objects:,} objects, most memory of any of these", most, "MB", None)


def _kinds(found: Repository, size: Size) -> Iterator[tuple[str, float | None, Callable[[], float]]]:
    """Give what is measured of a repository: what it is called, what is promised, and the measurement."""
    yield "nothing known: synth", size.cold, lambda: _first(found, size)
    yield "nothing changed: synth", size.unchanged, lambda: _median(lambda: found.run("synth"))
    yield "nothing changed: validate", size.unchanged, lambda: _validated(found)
    yield "one component edited: synth, a route", size.edited, lambda: _median(lambda: found.edited("weight", 10))
    yield "one component edited: synth, a Deployment", size.edited, lambda: _median(lambda: found.edited("replicas", 3))
    yield "without memory: synth --no-cache", None, lambda: found.run("synth", "--no-cache")


def _median(measure: Callable[[], float], runs: int = 5) -> float:
    """Leave the first run out: it finds the memory of the run before, which was of another kind."""
    measure()
    return statistics.median(measure() for _ in range(runs))


def _first(found: Repository, size: Size) -> float:
    report = found.cache / "report.json"
    seconds = found.run("synth", "--report", f"json={report}")
    if json.loads(report.read_text())["summary"]["objects"] < size.objects:
        raise SystemExit(f"the environment has fewer than {size.objects} objects")
    return min(seconds, found.cold())


def _validated(found: Repository) -> float:
    found.run("validate")
    return _median(lambda: found.run("validate"))
