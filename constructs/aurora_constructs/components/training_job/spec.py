"""What people write for a training run. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from aurora_constructs.cloud import Needs
from aurora_constructs.components.aurora_api.resources import NAME_LENGTH
from aurora_constructs.components.model_store.spec import Publication, store_problems
from aurora_constructs.components.training_job import backends
from aurora_constructs.components.training_job.backends import Backend
from aurora_constructs.components.training_job.parts import (
    Checkpoints,
    ClaimDataset,
    Elastic,
    Gpu,
    Mpi,
    Nodes,
    Ray,
    Retry,
    Tracking,
    UriDataset,
)
from aurora_constructs.platform import Platform
from aurora_constructs.pools import LabelKey
from aurora_constructs.spec import (
    ComponentReference,
    Egress,
    ImageName,
    ModelVersion,
    Name,
    NamespacedSpec,
    Problem,
    Quantity,
    Resources,
    SharedMemory,
    Subject,
    Text,
    Variable,
    check_shared_memory,
)

TEMPLATE_SUFFIX = "-job"
"""Ends the name of the ConfigMap with the Job that the operator makes of a component's MLTrainingJob."""


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
    backend: Backend = "MLTrainingJob"
    """The kind of object that runs it; `MLTrainingJob` needs Aurora's operator, the others those of their kind."""
    nodes: Nodes = 1
    """How many pods train together, each with the resources and GPUs that are stated here."""
    elastic: Elastic | None = None
    """How many there may be while the run goes on; always `nodes` by default."""
    command: Annotated[list[Text], Field(max_length=16)] = []
    """The trainer's command; the image's own by default."""
    args: Annotated[list[Text], Field(max_length=64)] = []
    """Arguments for the trainer."""
    env: Annotated[dict[Variable, Text], Field(max_length=32)] = {}
    """Environment variables for the trainer; the ones that describe the run cannot be replaced."""
    resources: Resources
    """What the trainer asks for."""
    scratch: Quantity = "1Gi"
    """Room in `/tmp`, where a fetched dataset and a model that is not published yet lie."""
    scratch_class: Name | None = None
    """The StorageClass of that room, a volume that lives as long as its pod; the node's own disk by default."""
    gpu: Gpu | None = None
    """GPUs; none by default."""
    shared_memory: SharedMemory | None = None
    """Size of `/dev/shm` without GPUs; with GPUs it is `gpu.sharedMemory`. It counts towards the memory limit."""
    pool: Name | None = None
    """The node pool that the run is placed in; any that takes it by default."""
    topology: LabelKey | None = None
    """The label of nodes, such as `topology.kubernetes.io/zone`, of which all pods of the run share one value."""
    spot: bool = False
    """Whether the run goes on from its checkpoints after a node was taken back; a pool with spot nodes needs it."""
    do_not_disrupt: bool = False
    """Whether nothing may end the run's pods to save nodes; it begins again where that happens."""
    queue: Name | None = None
    """The LocalQueue of Kueue that admits the run, all pods at once; it starts at once by default."""
    priority: Name | None = None
    """The WorkloadPriorityClass by which Kueue orders the queue."""
    dataset: Annotated[UriDataset | ClaimDataset, Field(discriminator="type")]
    """The data, from one source."""
    identity: Name | None = None
    """The entry of `cluster.identities` that its pods act as; none by default."""
    needs: Needs = {}
    """The entries of `cluster.resources` that it uses, and how."""
    egress: list[Egress] = []
    """Addresses that the trainer may reach beside DNS."""
    retry: Retry = Retry()
    """How often and how long it may try."""
    metrics: bool = False
    """Whether the trainer serves its loss and its progress, which Prometheus then collects."""
    checkpoints: Checkpoints | None = None
    """Where it keeps its progress; nowhere by default."""
    tracking: Tracking | None = None
    """Where it is recorded; nowhere by default."""
    ray: Ray = Ray()
    """Settings of the backend `RayJob`."""
    mpi: Mpi = Mpi()
    """Settings of the backend `MPIJob`."""

    @property
    def run_name(self) -> str:
        """The name of the run and of its Job: model and version."""
        return f"{self.model}-{self.version}"

    @property
    def publishes(self) -> Publication:
        """The version that the run puts into its model store."""
        return Publication(self.storage, self.model, self.version)

    @property
    def gpus(self) -> int:
        """How many GPUs each node has."""
        return self.gpu.count if self.gpu else 0

    @property
    def checkpoint_folder(self) -> str:
        """The folder of the run's checkpoints on their claim."""
        return (self.checkpoints.path if self.checkpoints else None) or f"{self.model}/{self.version}"

    @property
    def memory_disk(self) -> SharedMemory | None:
        """The size of `/dev/shm`; None where the runtime's own 64 MiB are enough."""
        return self.gpu.shared_memory if self.gpu else self.shared_memory

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find a missing model, a store in another namespace, and a pool that is not there, lacks GPUs or may go.

        What the backend cannot do is found too.
        """
        yield from backends.problems(self, platform)
        yield from platform.identity_problems(self.identity, "identity")
        yield from platform.need_problems(self.needs, self.identity, "needs")
        yield from store_problems(self.storage, self.model, self.namespace, platform)
        yield from platform.pool_problems(self.pool, "pool")
        if self.gpu:
            yield from platform.gpu_problems(self.pool, self.gpu.count, self.gpu.product, "gpu")
        yield from self._capacity_problems(platform)

    def subjects(self, name: str, platform: Platform) -> Iterator[Subject]:
        """Give the run, where nobody but the cluster says how it ended, and what it says of its progress."""
        own = platform.names.object(name)
        if self.backend != "MLTrainingJob":
            yield Subject("training-run", self.namespace, own)
        if self.metrics:
            yield Subject("watched-run", self.namespace, own)

    def _capacity_problems(self, platform: Platform) -> Iterator[Problem]:
        pool = platform.pools().get(self.pool or "")
        if pool and pool.spot and not self.spot:
            message = (
                f"the nodes of pool `{pool.name}` may be taken back, and the run does not say that it goes on then"
            )
            hint = "state `spot: true` and `checkpoints`, or name a pool of on-demand nodes"
            yield Problem(("pool",), message, hint, needs="pools")
        if self.queue and self.pool is None and platform.pools():
            message = "Kueue counts a run in the pool that it is for, and `pool` is not stated"
            yield Problem(("queue",), message, "state the pool", needs="pools")

    @model_validator(mode="after")
    def _name_fits(self) -> TrainingJobSpec:
        if len(self.run_name) > NAME_LENGTH:
            room = NAME_LENGTH - len(self.version) - 1
            raise ValueError(f"`{self.model}` has more than {room} characters: a run is named model and version")
        return self

    @model_validator(mode="after")
    def _shared_memory_fits(self) -> TrainingJobSpec:
        if self.gpu and self.shared_memory:
            raise ValueError("a run with GPUs states its shared memory as `gpu.sharedMemory`")
        if self.memory_disk:
            check_shared_memory(self.memory_disk, self.resources)
        return self

    @model_validator(mode="after")
    def _nodes_fit(self) -> TrainingJobSpec:
        if self.elastic and not self.elastic.minimum <= self.nodes <= self.elastic.maximum:
            raise ValueError(
                f"`nodes` is {self.nodes}, and `elastic` is from {self.elastic.minimum} to {self.elastic.maximum}"
            )
        return self

    @model_validator(mode="after")
    def _interruptions(self) -> TrainingJobSpec:
        if self.spot and self.checkpoints is None:
            raise ValueError("`spot` needs `checkpoints`: a run whose node is taken back would begin again each time")
        if self.spot and self.do_not_disrupt:
            raise ValueError(
                "`spot` and `doNotDisrupt` exclude each other: the provider asks no pod before it takes a node"
            )
        if self.priority and not self.queue:
            raise ValueError("`priority` orders a queue: state `queue`")
        return self
