"""What people write for a classic model that KServe serves. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from aurora_constructs.components.edge.spec import CanaryShare, EdgeSpec
from aurora_constructs.components.mlflow.spec import MlflowSpec
from aurora_constructs.components.serving_runtimes.servers import Framework
from aurora_constructs.platform import Platform
from aurora_constructs.served_models import ServedSpec, Source
from aurora_constructs.spec import Problem, Replicas, Resources, Subject


class Stable(Source):
    """The version that serves."""

    replicas: Annotated[int, Field(ge=2, le=100)] | None = None
    """Number of pods, where nothing scales it; one pod could not outlive its node."""


class Canary(CanaryShare, Source):
    """The version on trial."""

    replicas: Annotated[int, Field(ge=1, le=100)] = 1
    """Number of pods."""


class InferenceModelSpec(ServedSpec):
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

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find a header where the way in divides by weight only, and versions that the registry calls otherwise."""
        yield from super().problems(name, platform)
        yield from self._aliased(platform)
        edge = platform.find(self.edge, EdgeSpec)
        if self.canary and self.canary.header and edge and edge.way(platform) == "alb":
            message = "an Application Load Balancer divides requests by weight, not by a header"
            yield Problem(("canary", "header"), message, "leave the header out", needs="cluster")

    def _aliased(self, platform: Platform) -> Iterator[Problem]:
        registry = platform.find(self.registry, MlflowSpec) if self.registry else None
        aliases = registry.aliases.get(self.model, {}) if registry else {}
        for track, source in (("stable", self.stable), ("canary", self.canary)):
            named = aliases.get(track)
            if named is not None and source and source.version != str(named):
                message = f"`{self.registry}` calls version {named} of `{self.model}` `{track}`, not {source.version}"
                yield Problem((track, "version"), message, "state one version in both", needs="components")

    @model_validator(mode="after")
    def _says_one_thing(self) -> InferenceModelSpec:
        if (self.scaling is None) == (self.stable.replicas is None):
            raise ValueError("state either `stable.replicas` or `scaling`")
        if self.canary and self.canary.path == self.stable.path:
            raise ValueError(f"stable and canary are both `{self.stable.path}`: a canary tries another version")
        return self
