"""Figures of `aurora validate` on manifests in the style of other teams: at first, and beside a baseline.

The objects are made of the files in `foreign_objects`, ten for each of 50 systems; every second one is hardened.
"""

import os
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from string import Template

from aurora.tools.runner import Command, run
from measuring import AURORA, ROOT, RUNS, Figure, process

SYSTEMS = 50
TEAMS = 5
OBJECTS = ROOT / "benchmarks" / "foreign_objects"
ALWAYS = ("service", "config-map", "service-account", "role", "role-binding", "external-secret")
TURNS = (
    ("ingress", "autoscaler", "budget"),
    ("network-policy", "budget", "service-monitor"),
    ("database", "cron-job", "rules"),
    ("ingress", "service-monitor", "certificate"),
    ("cron-job", "network-policy", "rules"),
)
"""Beside a Deployment and what every system has, three more objects, in turn."""


def figures() -> list[Figure]:
    """Measure everything; nothing is remembered from run to run, as in CI."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, text in systems():
            file = folder / "manifests" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        words = (AURORA, "validate", "manifests", "--no-cache")
        first = [process(folder, *words) for _ in range(RUNS)]
        process(folder, *words, "--write-baseline")
        _check(folder, *words)
        beside = [process(folder, *words) for _ in range(RUNS)]
    return [
        Figure("validate 500 foreign manifests", statistics.median(each.seconds for each in first), "s", 2.0),
        Figure("processors for that", statistics.median(each.processor for each in first), "s", None),
        Figure("the same beside a baseline", statistics.median(each.seconds for each in beside), "s", 2.0),
    ]


def systems() -> Iterator[tuple[str, str]]:
    """Yield for each system the path of its file and its objects as one stream, as charts give them out."""
    templates = {file.stem: Template(file.read_text()) for file in OBJECTS.iterdir()}
    for number in range(SYSTEMS):
        deployment = "deployment-hardened" if number % 2 else "deployment"
        team, name = f"team-{number % TEAMS}", f"service-{number}"
        values = {
            "name": name,
            "namespace": team,
            "version": f"1.{number}.0",
            "replicas": 1 + number % 3,
            "checksum": f"c0ffee{number:058x}",
            "minute": number,
        }
        kinds = (deployment, *ALWAYS, *TURNS[number % len(TURNS)])
        documents = (f"# Source: {name}/{kind}.yaml\n{templates[kind].substitute(values)}" for kind in kinds)
        yield f"{team}/{name}.yaml", "---\n".join(documents)


def _check(folder: Path, *words: str) -> None:
    """Stop when the baseline does not hold all that is found, or when more is said than one line."""
    environment = {name: os.environ[name] for name in ("HOME", "PATH")}
    said = run(Command(args=words, cwd=folder, timeout=60, environment=environment)).stdout.splitlines()
    if len(said) != 1 or not said[0].startswith("500 objects, 0 errors, 0 warnings"):
        raise SystemExit("\n".join(["beside the baseline more is said than one line:", *said[:10]]))
