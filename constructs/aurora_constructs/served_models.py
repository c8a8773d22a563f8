"""What people write for any model that KServe serves. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import StringConstraints, model_validator

from aurora_constructs import labels
from aurora_constructs.cloud import ObjectStore
from aurora_constructs.components.edge.spec import RoutedSpec
from aurora_constructs.components.mlflow.spec import MlflowSpec
from aurora_constructs.components.serving_runtimes.servers import PORT, SERVERS, Server
from aurora_constructs.components.serving_runtimes.spec import runtime_problems
from aurora_constructs.platform import Platform
from aurora_constructs.spec import ComponentReference, LabelValue, Name, Pin, Problem, Spec

ObjectPath = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._=-]+(/[A-Za-z0-9._=-]+)*$", min_length=1, max_length=512)
]
"""A path in an object store, without slashes at its ends."""


class Source(Spec):
    """Where a version of a model lies."""

    version: Annotated[LabelValue, Pin()]
    """The version in the registry: a number in MLflow's, quoted. Pods and their metrics carry it."""
    path: Annotated[ObjectPath, Pin()]
    """Its path in the object store: with MLflow 3 `EXPERIMENT/models/m-…/artifacts`, as the registry states it."""


class ServedSpec(RoutedSpec):
    """What every model that KServe serves has."""

    POD_COMPONENT: ClassVar[str] = labels.INFERENCE
    ASKS_WHO: ClassVar[bool] = False

    edge: Annotated[str, ComponentReference(("Edge",))] = "edge"
    """The edge that requests come through."""
    model: Name
    """The model's name in requests, whatever the track; by default also the first label of its host."""
    runtimes: Annotated[str, ComponentReference(("ServingRuntimes",))] = "serving-runtimes"
    """The component that makes the runtimes."""
    registry: Annotated[str | None, ComponentReference(("Mlflow",))] = None
    """The component with MLflow, in whose store of artifacts the model lies; either this or `storage`."""
    storage: Name | None = None
    """The entry of `cluster.resources` that the model lies in."""
    identity: Name
    """The entry of `cluster.identities` that may read it."""

    @property
    def server_name(self) -> str:
        """The key of its server."""
        raise NotImplementedError

    @property
    def server(self) -> Server:
        """Its server."""
        return SERVERS[self.server_name]

    def store(self, platform: Platform) -> Name:
        """Give the entry of `cluster.resources` that the model lies in."""
        registry = platform.find(self.registry, MlflowSpec) if self.registry else None
        return registry.artifacts if registry else self.storage or ""

    @property
    def pod_port(self) -> int:
        """The port on which the pods listen."""
        return PORT

    def hostname(self, domain: str) -> str:
        """Give the host of the route in an environment of this domain."""
        return self.host or f"{self.model}.{domain}"

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find an object store, an identity or a runtime that is not there."""
        yield from super().problems(name, platform)
        yield from platform.identity_problems(self.identity, "identity")
        yield from platform.resource_problems(self.storage, ObjectStore, "storage")
        yield from runtime_problems("runtimes", self.runtimes, self.server_name, platform)

    @model_validator(mode="after")
    def _lies_somewhere(self) -> ServedSpec:
        if (self.registry is None) == (self.storage is None):
            raise ValueError("state either `registry` or `storage`: where the model lies")
        return self
