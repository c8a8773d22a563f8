"""Component kinds, repositories and shorthands of the loader's tests, independent of the built-in kinds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from aurora.environment.load import load
from aurora.environment.model import Environment
from aurora.environment.tree import Node, merge, plant
from aurora.errors import InputError
from aurora.model.finding import Finding
from aurora.model.json_value import JsonValue
from aurora.model.place import Place
from aurora.paths import RepositoryPaths
from aurora_constructs.catalogue import ComponentKind
from aurora_constructs.spec import (
    ComponentReference,
    ComponentSpec,
    Hostname,
    ImageName,
    Name,
    NamespacedSpec,
    Quantity,
    Spec,
    Weight,
)


class Track(Spec):
    """One version that serves."""

    version: str
    """What serves."""
    weight: Weight = 100
    """Its share of requests."""


class Gateway(Spec):
    """A route of the Gateway API."""

    type: Literal["gateway"]
    host: Hostname
    """The host of the route."""


class Ingress(Spec):
    """A route of an Ingress controller."""

    type: Literal["ingress"]
    host: Hostname
    """The host of the Ingress."""
    class_name: Name
    """The IngressClass."""


class Folder(Spec):
    """A source on a disk."""

    folder: str


class Bucket(Spec):
    """A source in an object store."""

    bucket: str
    prefix: str = ""


class Probe(Spec):
    """How a server is asked whether it lives."""

    path: str = "/healthz"
    seconds: int = 10


class ServingSpec(NamespacedSpec):
    """A model server."""

    kind: Literal["Serving"] = "Serving"
    model: Name
    """The model's name."""
    stable: Track
    """The version that serves."""
    canary: Track | None = None
    """The version on trial."""
    image: ImageName = "server"
    """The server's image."""
    storage: Annotated[str, ComponentReference(("Store",))] | None = None
    """Where models are kept."""
    peers: list[Annotated[str, ComponentReference(("Serving",))]] = []
    """Servers to ask when this one has no answer."""
    mirrors: dict[Annotated[str, ComponentReference(())], Weight] = {}
    """Components that get a copy of requests, with their share."""
    route: Annotated[Gateway | Ingress, Field(discriminator="type")] | None = None
    """How requests come in."""
    replicas: Annotated[int, Field(ge=1)] | Literal["auto"] = 1
    """Number of pods."""
    sources: tuple[Folder | Bucket, ...] = ()
    """Where models come from."""
    ratio: float = 1.0
    """A number."""
    debug: bool = False
    """Whether it says more."""
    probe: Probe = Probe()
    """How it is asked."""
    labels: dict[str, str] = {}
    """Further labels."""
    values: dict[str, Any] = {}
    """Anything."""

    @model_validator(mode="after")
    def _versions_differ(self) -> ServingSpec:
        if self.canary and self.canary.version == self.stable.version:
            raise ValueError("stable and canary are the same version")
        return self


class StoreSpec(ComponentSpec):
    """A model store."""

    kind: Literal["Store"] = "Store"
    size: Quantity
    """How much fits in."""
    backup: Annotated[str, ComponentReference(("Store", "Serving"))] | None = None
    """What takes over."""


def kind(name: str, spec: type[ComponentSpec]) -> ComponentKind:
    return ComponentKind(name, f"the toy kind {name}", spec, "nowhere:Chart", wave=0)


KINDS: Mapping[str, ComponentKind] = {"Serving": kind("Serving", ServingSpec), "Store": kind("Store", StoreSpec)}

HEAD = """\
apiVersion: aurora/v1
kind: Environment
metadata: {name: prod}
cluster: {provider: bare-metal, kubernetes: "1.35", domain: ml.example.com, apiServerCidrs: [10.0.0.10/32]}
gitops: {repository: "https://git.example.com/ml/aurora.git", revision: v1.0.0}
images: {server: {repository: registry.example.com/server, tag: v1, digest: "sha256:%s"}}
""" % ("0" * 64)
"""Six lines that every environment needs."""

STORE = "components:\n  store: {kind: Store, size: 10Gi}\n"
"""Two lines more make it sound."""

SERVING = """\
components:
  store: {kind: Store, size: 10Gi}
  inference:
    kind: Serving
    namespace: aurora
    model: housing
    storage: store
    stable:
      version: v1
"""


def repository(root: Path, files: Mapping[str, str | bytes]) -> RepositoryPaths:
    """Write environment files, by their path below `environments/`."""
    paths = RepositoryPaths(root)
    paths.environments.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        file = paths.environments / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return paths


def load_toy(paths: RepositoryPaths, name: str = "prod") -> Environment:
    return load(paths, name, kinds=KINDS)


def findings(paths: RepositoryPaths, name: str = "prod") -> tuple[Finding, ...]:
    """Load an environment and give everything that is wrong with it."""
    try:
        load_toy(paths, name)
    except InputError as error:
        assert error.findings
        return error.findings
    return ()


def shown(paths: RepositoryPaths, name: str = "prod") -> list[str]:
    """Write the findings as `path:line:column rule: message => hint`, the environment's own path left out."""
    return [
        f"{finding.place} {finding.rule}: {finding.message}{f' => {finding.hint}' if finding.hint else ''}".replace(
            f"environments/{name}.yaml:", "", 1
        )
        .removeprefix("environments/")
        .replace(" environment/", " ", 1)
        for finding in findings(paths, name)
    ]


def stacked(*layers: JsonValue) -> Node:
    """Merge values as layers named by their number, the lowest first."""
    return reduce(merge, (plant(value, Place(str(number))) for number, value in enumerate(layers)))
