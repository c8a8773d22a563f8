"""What people write for a training run. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from aurora_constructs.components.aurora_api.resources import NAME_LENGTH
from aurora_constructs.components.model_store.spec import Publication, store_problems
from aurora_constructs.platform import Platform
from aurora_constructs.spec import (
    ComponentReference,
    Egress,
    ImageName,
    LabelValue,
    ModelVersion,
    Name,
    NamespacedSpec,
    Problem,
    Quantity,
    Resources,
    SharedMemory,
    Spec,
    Text,
    Variable,
    check_shared_memory,
)

RelativePath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$", max_length=1024)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=256)]


TEMPLATE_SUFFIX = "-job"
"""Ends the name of the ConfigMap with the Job that the operator makes of a component's MLTrainingJob."""


class UriDataset(Spec):
    """A dataset that the trainer fetches; the way to it is opened by `egress`."""

    type: Literal["uri"]
    """The kind of source."""
    uri: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9+.-]*://\S+$", max_length=2048)]
    """Where it is."""


class ClaimDataset(Spec):
    """A dataset on a PersistentVolumeClaim of the same namespace, mounted read-only."""

    type: Literal["claim"]
    """The kind of source."""
    claim: Name
    """The claim."""
    path: RelativePath
    """The path on it."""


class Gpu(Spec):
    """GPUs of the training pod."""

    count: Annotated[int, Field(ge=1, le=16)] = 1
    """How many; they are requested and limited alike."""
    product: LabelValue | None = None
    """The GPU model, as the nodes' label `nvidia.com/gpu.product` has it; any when left out."""
    shared_memory: SharedMemory = "1Gi"
    """Size of `/dev/shm`, through which data loaders and NCCL talk; it counts towards the memory limit."""


class Retry(Spec):
    """How often and how long a run may try."""

    backoff_limit: Annotated[int, Field(ge=0, le=10)] = 3
    """Retries before it fails; pods that a node took with it do not count."""
    active_deadline_seconds: Annotated[int, Field(ge=60, le=30 * 24 * 3600)] = 6 * 3600
    """The longest it may take."""


class Tracking(Spec):
    """Where a run is recorded."""

    experiment: Word
    """The experiment."""
    registered_model: Word | None = None
    """The model's name in the registry."""
    alias: Annotated[str, StringConstraints(pattern=r"^[a-z][-a-z0-9]*$", max_length=63)] | None = None
    """The alias that the version gets."""


class TrainingJobSpec(NamespacedSpec):
    """One run that trains one version of a model.

    A run is not rewritten: another `version` is another object, and another run.
    """

    kind: Literal["TrainingJob"] = "TrainingJob"
    model: Name
    """The model; it must be one of the model store's."""
    version: ModelVersion
    """The version that the run publishes."""
    storage: Annotated[str, ComponentReference(("ModelStore",))] = "model-store"
    """The model store that it publishes to; it must be in the same namespace."""
    image: ImageName = "trainer"
    """The trainer's image."""
    args: Annotated[list[Text], Field(max_length=64)] = []
    """Arguments for the trainer."""
    env: Annotated[dict[Variable, Text], Field(max_length=32)] = {}
    """Environment variables for the trainer; the ones that describe the run cannot be replaced."""
    resources: Resources
    """What the trainer asks for."""
    scratch: Quantity = "1Gi"
    """Room in `/tmp`, where a fetched dataset and a model that is not published yet lie."""
    gpu: Gpu | None = None
    """GPUs; none by default."""
    pool: Name | None = None
    """The node pool that the run is placed in; any that takes it by default."""
    dataset: Annotated[UriDataset | ClaimDataset, Field(discriminator="type")]
    """The data, from one source."""
    egress: list[Egress] = []
    """Addresses that the trainer may reach beside DNS."""
    retry: Retry = Retry()
    """How often and how long it may try."""
    tracking: Tracking | None = None
    """Where it is recorded; nowhere by default."""

    @property
    def run_name(self) -> str:
        """The name of the run and of its Job: model and version."""
        return f"{self.model}-{self.version}"

    @property
    def publishes(self) -> Publication:
        """The version that the run puts into its model store."""
        return Publication(self.storage, self.model, self.version)

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find a missing model, a store in another namespace, and a pool that is not there or lacks the GPUs."""
        yield from store_problems(self.storage, self.model, self.namespace, platform)
        yield from platform.pool_problems(self.pool, "pool")
        if self.gpu:
            yield from platform.gpu_problems(self.pool, self.gpu.count, self.gpu.product, "gpu")

    @model_validator(mode="after")
    def _name_fits(self) -> TrainingJobSpec:
        if len(self.run_name) > NAME_LENGTH:
            room = NAME_LENGTH - len(self.version) - 1
            raise ValueError(f"`{self.model}` has more than {room} characters: a run is named model and version")
        return self

    @model_validator(mode="after")
    def _shared_memory_fits(self) -> TrainingJobSpec:
        if self.gpu:
            check_shared_memory(self.gpu.shared_memory, self.resources)
        return self
