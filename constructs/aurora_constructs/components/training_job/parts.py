"""The values that people write within a training run. Imports no cdk8s."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from aurora_constructs.spec import LabelValue, Name, Pin, Resources, SharedMemory, Spec

RelativePath = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$", max_length=1024),
]
"""A path on a volume, without parts that begin with a dot: none leads out of it."""
Word = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Nodes = Annotated[int, Field(ge=1, le=256)]
"""A number of pods that train together."""


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


class Elastic(Spec):
    """How many nodes a run may have while it goes on; it starts with `nodes`."""

    minimum: Nodes
    """The fewest: with less it waits."""
    maximum: Nodes
    """The most."""

    @model_validator(mode="after")
    def _ordered(self) -> Elastic:
        if self.maximum < self.minimum:
            raise ValueError(f"maximum {self.maximum} is below minimum {self.minimum}")
        return self


class Checkpoints(Spec):
    """Where a run keeps its progress; the trainer finds the place in `CHECKPOINTS`."""

    claim: Name
    """The claim, in the run's namespace; pods of several nodes need one that all of them can write."""
    path: RelativePath | None = None
    """The folder on it; by default one for model and version, so that every try finds what the last one kept."""


class Ray(Spec):
    """What only the backend `RayJob` reads."""

    version: Annotated[str, Pin(), StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")] | None = None
    """The version of Ray in the image; by default what the image's tag begins with."""
    head: Resources = Resources(cpu="2", memory="8Gi")
    """What the head asks for: it runs the command and trains nothing itself."""


class Mpi(Spec):
    """What only the backend `MPIJob` reads."""

    ssh_path: Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9._-]+)+$", max_length=253)] = "/home/mpiuser/.ssh"
    """Where the keys are mounted: `.ssh` in the home of the image's user 10001."""
    launcher: Resources = Resources(cpu="500m", memory="1Gi")
    """What the launcher asks for: it starts the processes on the nodes and trains nothing itself."""
