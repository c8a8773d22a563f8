"""What people write for requests that follow use. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from aurora_constructs.components.data_ingestion.spec import DataIngestionSpec
from aurora_constructs.components.training_job.backends import Backend
from aurora_constructs.components.training_job.spec import TrainingJobSpec
from aurora_constructs.components.web_service.spec import WebServiceSpec
from aurora_constructs.platform import Platform
from aurora_constructs.quantities import is_more
from aurora_constructs.spec import ComponentReference, NamespacedSpec, Problem, Quantity, Spec

Target = Annotated[str, ComponentReference(("DataIngestion", "TrainingJob", "WebService"))]
"""A component of which one workload is meant."""


_REQUESTS = "requests of "
_JOBS: tuple[Backend, ...] = ("Job", "MLTrainingJob")
"""Backends with a Job of the run's name, which the recommender knows (docs/facts/scaling.md)."""


class Amount(Spec):
    """CPU and memory of a container."""

    cpu: Quantity
    """CPU."""
    memory: Quantity
    """Memory."""


class VerticalAutoscalerSpec(NamespacedSpec):
    """Requests of CPU and memory by what workloads used before: recommended, or given to new pods.

    Pods that run are never evicted and never changed: a training run would lose what it did.
    """

    kind: Literal["VerticalAutoscaler"] = "VerticalAutoscaler"
    targets: Annotated[list[Target], Field(min_length=1, max_length=64)]
    """The components; nothing else may scale them."""
    mode: Literal["Initial", "Off"] = "Off"
    """With `Off` (quoted) requests are only recommended, with `Initial` new pods get them."""
    minimum: Amount = Amount(cpu="100m", memory="128Mi")
    """The least that is recommended."""
    maximum: Amount
    """The most that is recommended: what a node has room for."""

    def claims(self, platform: Platform) -> Iterator[str]:
        """Claim the requests of each target: with two recommendations nobody knows which one holds."""
        yield from (f"{_REQUESTS}{target}" for target in self.targets)

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find targets that something else scales, are elsewhere, or ask for more than the most."""
        for index, target in enumerate(self.targets):
            other = platform.claimant(f"{_REQUESTS}{target}")
            if other not in (None, name) or target in self.targets[:index]:
                message = f"`{target}` is a target twice"
                yield Problem(("targets", index), message, f"name it once; `{other}` does", needs="components")
            spec = platform.components.get(target)
            if isinstance(spec, WebServiceSpec) and spec.scaling:
                message = f"an autoscaler decides the number of pods of `{target}` by the share of their requests"
                hint = "leave it out here, or give it fixed `replicas` instead of `scaling`"
                yield Problem(("targets", index), message, hint, needs="components")
            if isinstance(spec, NamespacedSpec) and spec.namespace != self.namespace:
                message = f"`{target}` is in namespace `{spec.namespace}`, not `{self.namespace}`"
                yield Problem(("targets", index), message, "name components of one namespace", needs="components")
            if isinstance(spec, TrainingJobSpec) and spec.backend not in _JOBS:
                message = f"the controllers of a `{spec.backend}` stand between `{target}` and its pods"
                hint = f"leave it out: the recommender watches runs of the backends {', '.join(_JOBS)}"
                yield Problem(("targets", index), message, hint, needs="components")
            if isinstance(spec, DataIngestionSpec | TrainingJobSpec | WebServiceSpec):
                yield from self._too_small(index, target, spec.resources.cpu, spec.resources.memory)
        if is_more(self.minimum.cpu, self.maximum.cpu) or is_more(self.minimum.memory, self.maximum.memory):
            yield Problem(("minimum",), "the least is more than the most", "lower `minimum`, or raise `maximum`")

    def _too_small(self, index: int, target: str, cpu: Quantity, memory: Quantity) -> Iterator[Problem]:
        for key, asked, most in (("CPU", cpu, self.maximum.cpu), ("memory", memory, self.maximum.memory)):
            if is_more(asked, most):
                message = f"`{target}` asks for {asked} of {key}, more than `maximum`, {most}"
                yield Problem(("targets", index), message, "raise `maximum`", needs="components")
