"""What people write for a classic model that KServe serves. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from aurora_constructs.components.edge.spec import CanaryShare
from aurora_constructs.components.mlflow.spec import MlflowSpec
from aurora_constructs.components.serving_runtimes.servers import Framework
from aurora_constructs.components.serving_runtimes.spec import ServingRuntimesSpec
from aurora_constructs.platform import Platform
from aurora_constructs.served_models import ObjectPath, ServedSpec, Source
from aurora_constructs.spec import LabelValue, Pin, Problem, Replicas, Resources, Subject
from aurora_constructs.strategies import TrialledSpec


class Stable(Source):
    """The version that serves."""

    replicas: Annotated[int, Field(ge=2, le=100)] | None = None
    """Number of pods, where nothing scales it; one pod could not outlive its node."""


class Canary(CanaryShare):
    """The version on trial; without a version, how the next one will be tried."""

    version: Annotated[LabelValue | None, Pin()] = None
    """The version in the registry: a number in MLflow's, quoted; none by default."""
    path: Annotated[ObjectPath | None, Pin()] = None
    """Its path in the object store, as for the version that serves."""
    replicas: Annotated[int, Field(ge=1, le=100)] | None = None
    """Number of pods; by default 1, and with `blue-green` as many as stable has."""

    @property
    def source(self) -> Source | None:
        """Where the version lies; None without one."""
        return Source(version=self.version, path=self.path) if self.version and self.path else None


class InferenceModelSpec(ServedSpec, TrialledSpec):
    """A model of sklearn, PyTorch or TensorFlow, with an optional canary."""

    kind: Literal["InferenceModel"] = "InferenceModel"
    framework: Framework
    """What made the model: it decides the runtime."""
    stable: Stable
    """The version that serves."""
    canary: Canary | None = None
    """The version on trial; none by default."""
    scaling: Replicas | None = None
    """Bounds between which the CPU load decides the number of stable pods."""
    resources: Resources = Resources(cpu="500m", memory="1Gi", memory_limit="2Gi")
    """What each pod's server asks for."""

    @property
    def server_name(self) -> str:
        """The key of its server."""
        return self.framework

    def subjects(self, name: str, platform: Platform) -> Iterator[Subject]:
        """Give the model, by whose server it has."""
        server = {"sklearn": "kserve", "pytorch": "triton"}.get(self.framework, self.framework)
        yield Subject(f"{server}-model", self.namespace, platform.names.object(name))
        yield from self.trial_subjects(server, name, platform)

    def versions(self) -> tuple[str, str | None]:
        """Give the version that serves, and the one on trial."""
        return self.stable.version, self.canary.version if self.canary else None

    def trial_settings(self) -> tuple[CanaryShare | None, int | None]:
        """Give what is written of the version on trial, and its number of pods."""
        return self.canary, self.canary.replicas if self.canary else None

    @property
    def stable_replicas(self) -> int:
        """The fewest pods that serve."""
        return self.scaling.minimum if self.scaling else self.stable.replicas or 2

    def program(self, platform: Platform) -> str | None:
        """Give the entry of `images` that the pods of both tracks run: the one of their runtime."""
        made = platform.find(self.runtimes, ServingRuntimesSpec)
        server = made.servers.get(self.framework) if made else None
        return server.image if server else None

    @property
    def measured(self) -> bool:
        """Whether its server measures requests in a histogram that the alerts know: KServe's own does."""
        return "kserve" in self.server.metrics

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find versions that the registry calls otherwise, beside what every model on trial may have."""
        yield from super().problems(name, platform)
        yield from self._aliased(platform)

    def _aliased(self, platform: Platform) -> Iterator[Problem]:
        registry = platform.find(self.registry, MlflowSpec) if self.registry else None
        aliases = registry.aliases.get(self.model, {}) if registry else {}
        for track, source in (("stable", self.stable), ("canary", self.canary)):
            named = aliases.get(track)
            if named is not None and source and source.version and source.version != str(named):
                message = f"`{self.registry}` calls version {named} of `{self.model}` `{track}`, not {source.version}"
                yield Problem((track, "version"), message, "state one version in both", needs="components")

    @model_validator(mode="after")
    def _says_one_thing(self) -> InferenceModelSpec:
        if (self.scaling is None) == (self.stable.replicas is None):
            raise ValueError("state either `stable.replicas` or `scaling`")
        if self.strategy.type == "rollouts":
            raise ValueError("Argo Rollouts cannot move pods that KServe makes: use `canary` or `blue-green`")
        if self.canary and (self.canary.version is None) != (self.canary.path is None):
            raise ValueError("a canary needs both `version` and `path`")
        if self.canary and self.canary.path == self.stable.path:
            raise ValueError(f"stable and canary are both `{self.stable.path}`: a canary tries another version")
        return self
