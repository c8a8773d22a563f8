"""What people write for a served model. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from aurora_constructs import labels
from aurora_constructs.components.aurora_api.resources import NAME_LENGTH
from aurora_constructs.components.aurora_api.spec import AuroraApiSpec
from aurora_constructs.components.edge.spec import CanaryShare, EdgeSpec
from aurora_constructs.components.model_store.spec import Publication, store_problems
from aurora_constructs.platform import Platform
from aurora_constructs.publications import unpublished
from aurora_constructs.spec import (
    ComponentReference,
    ImageName,
    ModelVersion,
    Name,
    Problem,
    Quantity,
    RateLimit,
    Resources,
    Spec,
    Subject,
)
from aurora_constructs.strategies import TrialledSpec
from aurora_contract.programs import INFERENCE


class StableTrack(Spec):
    """The version that serves."""

    version: ModelVersion
    """The model version, pinned here: a running pod never sees an alias move."""
    replicas: Annotated[int, Field(ge=2, le=100)]
    """Number of pods; one pod could not outlive its node."""


class CanaryTrack(CanaryShare):
    """The version on trial; without a version, how the next one will be tried."""

    version: ModelVersion | None = None
    """The model version on trial; none by default."""
    replicas: Annotated[int, Field(ge=1, le=100)] | None = None
    """Number of pods; by default 1, and with `blue-green` as many as stable has."""


class ModelServingSpec(TrialledSpec):
    """A model served from the shared model volume, with an optional canary."""

    HOST_LABEL: ClassVar[str] = "inference"
    POD_COMPONENT: ClassVar[str] = labels.INFERENCE

    kind: Literal["ModelServing"] = "ModelServing"
    edge: Annotated[str, ComponentReference(("Edge",))] = "edge"
    """The edge that requests come through."""
    model: Name
    """The model's name: its folder in the model store."""
    stable: StableTrack
    """The version that serves."""
    canary: CanaryTrack | None = None
    """The version on trial; none by default."""
    image: ImageName = "inference"
    """The image of the inference runtime; its Python also runs the model gate."""
    publisher: ImageName = "trainer"
    """The image whose command `publish-aliases` writes the model's aliases after each sync: the trainer's."""
    storage: Annotated[str, ComponentReference(("ModelStore",))] = "model-store"
    """The model store; it must be in the same namespace, since a claim cannot be used from another one."""
    resources: Resources = Resources(cpu="250m", memory="512Mi", memory_limit="1Gi")
    """What each inference container asks for."""
    cache_size: Quantity = "1Gi"
    """Room for the model and its metadata on the node's disk."""
    rate_limit: RateLimit | None = None
    """How many requests a second each pod answers, and the others with 429; 500 when left out."""
    load_seconds: Annotated[int, Field(ge=10, le=3600)] = 300
    """How long loading the model may take before the container is restarted."""

    @property
    def pod_port(self) -> int:
        """The port on which the pods listen."""
        return INFERENCE.ports["http"]

    def versions(self) -> tuple[str, str | None]:
        """Give the version that serves, and the one on trial."""
        return self.stable.version, self.canary.version if self.canary else None

    def trial_settings(self) -> tuple[CanaryShare | None, int | None]:
        """Give what is written of the version on trial, and its number of pods."""
        return self.canary, self.canary.replicas if self.canary else None

    @property
    def stable_replicas(self) -> int:
        """The number of pods that serve."""
        return self.stable.replicas

    def program(self, platform: Platform) -> str | None:
        """Give the entry of `images` that the pods of both tracks run."""
        return self.image

    def served(self) -> dict[str, Publication]:
        """Give the version of each track, by its key."""
        tracks = dict(zip(("stable", "canary"), self.versions(), strict=True))
        return {key: Publication(self.storage, self.model, version) for key, version in tracks.items() if version}

    def claims(self, platform: Platform) -> Iterator[str]:
        """Claim the host and the model's aliases, which name what this component serves."""
        yield from super().claims(platform)
        yield self._claim

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find what is missing of the model: its store, its place there, its versions; and a name that is too long."""
        yield from super().problems(name, platform)
        misplaced = tuple(store_problems(self.storage, self.model, self.namespace, platform))
        yield from misplaced or self._unpublished(platform)
        yield from self._served_twice(name, platform)
        own = platform.names.object(name)
        if len(own) > NAME_LENGTH:
            message = f"`{own}` has more than {NAME_LENGTH} characters"
            yield Problem((), message, "shorten the component's name")
        yield from self._leaps(platform)
        yield from self._unrolled(platform)

    def subjects(self, name: str, platform: Platform) -> Iterator[Subject]:
        """Give the served model."""
        yield Subject("model-serving", self.namespace, platform.names.object(name))
        yield from self.trial_subjects("serving", name, platform)

    def _unpublished(self, platform: Platform) -> Iterator[Problem]:
        for track, version in self.served().items():
            yield from unpublished(version, platform, track, "version")

    def _served_twice(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find another component of the model: each of them would make the aliases its own at every sync."""
        other = platform.claimant(self._claim)
        if other not in (None, name):
            message = f"`{other}` serves `{self.model}` of `{self.storage}` too, and a model has one `stable`"
            yield Problem(("model",), message, "serve it by one of them, or publish it under another name")

    @property
    def _claim(self) -> str:
        return f"aliases of {self.model} in {self.storage}"

    def _unrolled(self, platform: Platform) -> Iterator[Problem]:
        """Find what Argo Rollouts lacks: its kinds, a way in that it can divide, and metrics to judge by."""
        if self.strategy.type != "rollouts":
            return
        edge = platform.find(self.edge, EdgeSpec)
        if not platform.has_kind("argoproj.io/Rollout"):
            message = f"the profile `{platform.cluster.profile}` has no Argo Rollouts"
            yield Problem(("strategy",), message, "use `canary` or `blue-green`", needs="cluster")
        if edge and edge.way(platform) != "nginx":
            message = "Argo Rollouts divides requests of NGINX's Ingresses; for the Gateway API it needs a plugin"
            yield Problem(("strategy",), message, "use `canary` or `blue-green`, or an edge `nginx`", needs="cluster")
        if not self.is_watched(platform):
            message = "its analysis asks for series that Monitoring's rules record, and there is no such component"
            yield Problem(("strategy",), message, "add a component `kind: Monitoring`", needs="components")

    def _leaps(self, platform: Platform) -> Iterator[Problem]:
        """Find a step that the definition of the record refuses."""
        step = self.plan(platform).largest_step
        for name, api in platform.of_kind(AuroraApiSpec).items():
            if step > api.weight_step:
                message = f"the share rises by {step} at once, and `{name}` makes a definition of MLDeployment that "
                hint = f"take smaller steps, or state `weightStep: {step}` in `{name}`"
                yield Problem(("strategy",), f"{message}refuses more than {api.weight_step}", hint, needs="components")

    @model_validator(mode="after")
    def _versions_differ(self) -> ModelServingSpec:
        if self.canary and self.canary.version == self.stable.version:
            raise ValueError(f"stable and canary are both `{self.stable.version}`: a canary tries another version")
        return self


def is_served(version: Publication, platform: Platform) -> bool:
    """Tell whether a component serves a version, on any track."""
    return any(version in spec.served().values() for spec in platform.of_kind(ModelServingSpec).values())
