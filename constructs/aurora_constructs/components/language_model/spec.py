"""What people write for a language model. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from aurora_constructs import labels
from aurora_constructs.components.language_model import memory
from aurora_constructs.components.serving_runtimes.servers import VLLM
from aurora_constructs.platform import Platform
from aurora_constructs.served_models import ServedSpec, Source
from aurora_constructs.spec import (
    ImageName,
    Name,
    Namespace,
    Problem,
    Resources,
    SharedMemory,
    Spec,
    Subject,
    check_shared_memory,
)

FRONT_PORT = 8080
FRONT_METRICS_PORT = 8404


class Front(Spec):
    """The proxy in front of the model, which is there when the model is not."""

    image: ImageName = "haproxy"
    """The image of HAProxy, with its exporter for Prometheus."""
    replicas: Annotated[int, Field(ge=2, le=10)] = 2
    """Number of its pods; one could not outlive its node."""
    resources: Resources = Resources(cpu="50m", memory="64Mi", memory_limit="128Mi")
    """What each of them asks for."""


class Demand(Spec):
    """When the model runs, and on how many pods."""

    maximum: Annotated[int, Field(ge=1, le=20)] = 1
    """The most pods; each takes its GPUs."""
    concurrent_requests: Annotated[int, Field(ge=1, le=1000)] = 16
    """How many requests at a time are meant for one pod."""
    requests_per_second: Annotated[int, Field(ge=1, le=1000)] = 5
    """How many requests a second are meant for one pod."""
    idle_seconds: Annotated[int, Field(ge=60, le=86400)] = 900
    """After how long without a request the last pod ends."""


class LanguageModelSpec(ServedSpec):
    """A language model that vLLM serves on GPUs."""

    POD_COMPONENT: ClassVar[str] = labels.FRONT

    kind: Literal["LanguageModel"] = "LanguageModel"
    architecture: Literal["codellama-7b", "mistral-7b", "tinyllama-1.1b"]
    """The kind of model: its sizes decide which GPUs it fits."""
    source: Source
    """The version that serves, and where its files lie, in the form that Hugging Face's libraries write."""
    pool: Name
    """The node pool with GPUs."""
    gpus: Annotated[int, Field(ge=1, le=8)] = 1
    """How many GPUs share the model."""
    dtype: memory.Dtype = "half"
    """The numbers that it computes with."""
    quantization: memory.Quantization | None = None
    """How the weights of 4 bits are written, where the files hold such."""
    max_model_len: Annotated[int, Field(ge=256, le=1_000_000)] = 4096
    """The most tokens of a request and its answer together."""
    gpu_memory_utilization: Annotated[float, Field(ge=0.2, le=0.98)] = 0.9
    """The part of each GPU's memory that vLLM takes."""
    resources: Resources = Resources(cpu="2", memory="8Gi", memory_limit="12Gi")
    """What each pod's server asks for; its shared memory counts against the memory's limit."""
    shared_memory: SharedMemory = "1Gi"
    """The size of `/dev/shm`, through which processes of several GPUs talk."""
    answer_seconds: Annotated[int, Field(ge=10, le=3600)] = 600
    """How long an answer may take."""
    client_namespaces: list[Namespace] = []
    """The namespaces whose pods may call the proxy past the edge."""
    demand: Demand = Demand()
    """When the model runs, and on how many pods."""
    front: Front = Front()
    """The proxy in front of the model."""

    @property
    def server_name(self) -> str:
        """The key of its server."""
        return VLLM

    @property
    def pod_port(self) -> int:
        """The port on which the pods listen that the edge sends requests to."""
        return FRONT_PORT

    @property
    def need(self) -> memory.Need:
        """What the model needs of each GPU."""
        return memory.need(
            memory.ARCHITECTURES[self.architecture],
            tokens=self.max_model_len,
            share=self.gpu_memory_utilization,
            gpus=self.gpus,
            quantization=self.quantization,
        )

    def subjects(self, name: str, platform: Platform) -> Iterator[Subject]:
        """Give the model."""
        yield Subject("vllm-model", self.namespace, platform.names.object(name))

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find a pool that is not there, or whose GPUs are too small or too old for the model."""
        yield from super().problems(name, platform)
        missing = list(platform.pool_problems(self.pool, "pool"))
        yield from missing or self._misfits(platform)

    def _misfits(self, platform: Platform) -> Iterator[Problem]:
        pool = platform.pool(self.pool)
        try:
            fit = pool.with_gpus(self.gpus, self.need.gib)
        except ValueError as error:
            message = f"`{self.architecture}` in `{self.dtype}` needs {self.need.words}; {error}"
            hint = "take a pool with larger GPUs, weights of 4 bits (`quantization`), or a smaller `maxModelLen`"
            yield Problem(("pool",), message, hint, needs="pools")
            return
        old = [gpu.product for gpu in fit.gpus if not memory.computes(gpu.product, self.dtype)]
        if old:
            message = f"`{old[0]}` of pool `{self.pool}` does not compute with `{self.dtype}`"
            yield Problem(("dtype",), message, "write `dtype: half`", needs="pools")

    @model_validator(mode="after")
    def _within_its_context(self) -> LanguageModelSpec:
        context = memory.ARCHITECTURES[self.architecture].context
        if self.max_model_len > context:
            raise ValueError(f"`{self.architecture}` knows {context} tokens, `maxModelLen` is {self.max_model_len}")
        return self

    @model_validator(mode="after")
    def _leaves_memory(self) -> LanguageModelSpec:
        check_shared_memory(self.shared_memory, self.resources)
        return self
