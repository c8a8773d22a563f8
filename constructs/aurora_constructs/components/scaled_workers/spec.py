"""What people write for workers that scale. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from aurora_constructs import labels
from aurora_constructs.cloud import Access, Queue
from aurora_constructs.platform import Platform
from aurora_constructs.spec import (
    ComponentReference,
    Egress,
    ImageName,
    Name,
    NamespacedSpec,
    Problem,
    Resources,
    Spec,
    Text,
    Variable,
)

Count = Annotated[int, Field(ge=1, le=10_000)]


class Messages(Spec):
    """Messages that wait in a queue of the cloud."""

    type: Literal["messages"]
    """The kind of demand."""
    queue: Name
    """The entry of `cluster.resources` with the queue, which the workers read."""
    for_each: Count
    """How many waiting messages are meant for one worker."""


class Workflows(Spec):
    """Workflows of Argo that wait to run."""

    type: Literal["workflows"]
    """The kind of demand."""
    for_each: Count
    """How many waiting workflows are meant for one worker."""


class Requests(Spec):
    """Requests that the proxy in front of a language model counts."""

    type: Literal["requests"]
    """The kind of demand."""
    of: Annotated[str, ComponentReference(("LanguageModel",))]
    """The component whose requests are meant."""
    for_each: Count
    """How many requests a second are meant for one worker."""


class ScaledWorkersSpec(NamespacedSpec):
    """Equal pods that take work by themselves, as many as there is work for, and none where there is none."""

    POD_COMPONENT: ClassVar[str] = labels.WORKER

    kind: Literal["ScaledWorkers"] = "ScaledWorkers"
    image: ImageName
    """The image; its process takes work until it is told to end."""
    args: Annotated[list[Text], Field(max_length=64)] = []
    """Arguments for the image's entry point."""
    env: Annotated[dict[Variable, Text], Field(max_length=64)] = {}
    """Environment variables that are no secrets."""
    demand: Annotated[Messages | Workflows | Requests, Field(discriminator="type")]
    """What their number follows."""
    minimum: Annotated[int, Field(ge=0, le=100)] = 0
    """The fewest pods."""
    maximum: Annotated[int, Field(ge=1, le=100)]
    """The most pods."""
    idle_seconds: Annotated[int, Field(ge=30, le=86400)] = 300
    """After how long without work the last pod ends."""
    pool: Name | None = None
    """The node pool that they run in; any without taints by default."""
    gpus: Annotated[int, Field(ge=0, le=8)] = 0
    """How many GPUs each pod has."""
    resources: Resources
    """What each pod asks for."""
    drain_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    """How long a worker may finish what it has taken."""
    identity: Name | None = None
    """The entry of `cluster.identities` that the pods act as."""
    needs: dict[Name, Access] = {}
    """What they need of the cloud beside their queue."""
    egress: list[Egress] = []
    """Where else they may go."""

    @property
    def all_needs(self) -> dict[Name, Access]:
        """What the pods need of the cloud: also their queue, from which they take messages away."""
        own: dict[Name, Access] = {self.demand.queue: "read"} if isinstance(self.demand, Messages) else {}
        return {**own, **self.needs}

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find a pool, its GPUs, an identity or a queue that the cluster does not have."""
        yield from platform.pool_problems(self.pool, "pool")
        if self.gpus:
            yield from platform.gpu_problems(self.pool, self.gpus, None, "gpus")
        yield from platform.identity_problems(self.identity, "identity")
        if isinstance(self.demand, Messages):
            yield from platform.resource_problems(self.demand.queue, Queue, "demand", "queue")
        yield from platform.need_problems(self.needs, self.identity, "needs")

    @model_validator(mode="after")
    def _can_work(self) -> ScaledWorkersSpec:
        if self.maximum < self.minimum:
            raise ValueError(f"maximum {self.maximum} is below minimum {self.minimum}")
        if self.gpus and not self.pool:
            raise ValueError("workers with GPUs need a `pool` that has some")
        if isinstance(self.demand, Messages) and not self.identity:
            raise ValueError("who reads a queue of the cloud needs an `identity` there")
        return self
