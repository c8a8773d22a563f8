"""What the trial takes from the committed manifests: the route, and per track its Service, version and replicas."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from aurora_contract import variables

GENERATED = Path(__file__).resolve().parents[2] / "generated"
ENVIRONMENT = "aurora-prod"
GATE = "model_gate.py"


@dataclass(frozen=True, slots=True)
class Served:
    """A track as its Deployment states it."""

    service: str
    track: str
    model: str
    version: str
    replicas: int


@dataclass(frozen=True, slots=True)
class Committed:
    """The route with its tracks, and the script that copies a model into a pod."""

    route: dict[str, Any]
    tracks: tuple[Served, ...]
    gate: str


def read(folder: Path = GENERATED / ENVIRONMENT / "inference") -> Committed:
    """Read the objects of a served model."""
    objects = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(folder.rglob("*.yaml"))]
    by_kind = {kind: [each for each in objects if each["kind"] == kind] for kind in {each["kind"] for each in objects}}
    (route,) = by_kind["HTTPRoute"]
    (gate,) = (each["data"][GATE] for each in by_kind["ConfigMap"] if GATE in each["data"])
    services = {each["metadata"]["name"]: each["spec"]["selector"] for each in by_kind["Service"]}
    tracks = tuple(
        _served(name, services[name], by_kind["Deployment"])
        for name in (each["name"] for each in route["spec"]["rules"][0]["backendRefs"])
    )
    return Committed(route, tracks, gate)


def _served(service: str, selector: dict[str, str], deployments: list[dict[str, Any]]) -> Served:
    (found,) = (each["spec"] for each in deployments if _selects(selector, each))
    (container,) = found["template"]["spec"]["containers"]
    stated = {each["name"]: each.get("value", "") for each in container["env"]}
    (track,) = (value for name, value in selector.items() if name.endswith("/track"))
    return Served(service, track, stated[variables.MODEL_NAME], stated[variables.MODEL_VERSION], found["replicas"])


def _selects(selector: dict[str, str], deployment: dict[str, Any]) -> bool:
    labels: dict[str, str] = deployment["spec"]["template"]["metadata"]["labels"]
    return selector.items() <= labels.items()


def pods(tracks: tuple[Served, ...]) -> Iterator[tuple[str, Served]]:
    """Give every pod with its name."""
    for served in tracks:
        for index in range(served.replicas):
            yield f"{served.service}-{index}", served
