"""Runs one stage on many objects in this process and prints its seconds and megabytes as JSON."""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from aurora import packs, pipeline
from aurora.checks.schema import SchemaCheck
from aurora.commands.context import toolbox
from aurora.environment.model import Environment, LoadedComponent
from aurora.environment.spec import EnvironmentSpec
from aurora.model.clock import Clock
from aurora.model.place import Place
from aurora_constructs.catalogue import ComponentKind
from aurora_constructs.platform import Platform
from fleet_spec import FleetSpec
from measuring import KIBIBYTES_PER_MEGABYTE

FLEET = ComponentKind("Fleet", "many Deployments", FleetSpec, "fleet:Fleet", wave=0)
ENVIRONMENT = {
    "apiVersion": "aurora/v1",
    "kind": "Environment",
    "metadata": {"name": "bench"},
    "cluster": {
        "provider": "bare-metal",
        "kubernetes": "1.35",
        "domain": "ml.example.com",
        "apiServerCidrs": ["10.0.0.0/24"],
    },
    "gitops": {"repository": "https://git.example.com/a.git", "revision": "v1"},
    "components": {"fleet": {"kind": "Fleet"}},
}


def compiled(count: int) -> pipeline.Compiled:
    """Compile an environment of one fleet."""
    spec = FleetSpec(namespace="fleet", count=count)
    place = Place("environments/bench.yaml")
    environment = Environment(
        name="bench",
        path=place.path,
        spec=EnvironmentSpec.model_validate_json(json.dumps(ENVIRONMENT)),
        platform=Platform(environment="bench", components={"fleet": spec}),
        components=(LoadedComponent("fleet", FLEET, spec, place),),
        waivers=(),
    )
    found = pipeline.compile_environment(environment, Clock())
    if len(found.manifests) <= count:
        raise SystemExit(f"{count} Deployments were wanted, {len(found.manifests)} objects came out")
    return found


def compile_fleet(count: int) -> float:
    """Synthesise and render."""
    started = time.monotonic()
    compiled(count)
    return time.monotonic() - started


def schema(count: int) -> float:
    """Judge rendered objects with the check `schema`, its derived schemas cached; only the check counts."""
    inventory = compiled(count).inventory
    check = SchemaCheck(locate_tool=toolbox().locate)
    with pipeline.settings(schemas=[packs.PACK]) as settings:
        for _ in range(2):
            workspace = Path(tempfile.mkdtemp(dir=settings.workspace))
            started = time.monotonic()
            result = check.run(inventory, settings.within(workspace))
            seconds = time.monotonic() - started
    if result.examined <= count or result.findings:
        raise SystemExit(f"the check is not clean: {result}")
    return seconds


STAGES: dict[str, Callable[[int], float]] = {"compile": compile_fleet, "schema": schema}

if __name__ == "__main__":
    taken = STAGES[sys.argv[1]](int(sys.argv[2]))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIBIBYTES_PER_MEGABYTE
    print(json.dumps({"seconds": taken, "megabytes": memory}))
