"""What people write for a training pipeline. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.cloud import Access, Needs, ObjectStore
from aurora_constructs.components.edge.spec import RoutedSpec
from aurora_constructs.cron import Cron
from aurora_constructs.platform import Platform
from aurora_constructs.schedules import Seconds, TimeZone
from aurora_constructs.spec import (
    ComponentReference,
    Egress,
    ImageName,
    Name,
    NamespacedSpec,
    Problem,
    Quantity,
    Resources,
    Spec,
    Text,
    Variable,
)
from aurora_contract import pipeline

Hours = Annotated[int, Field(ge=1, le=24 * 90)]


class Step(Spec):
    """One step of the pipeline: a program that reads its inputs, and leaves its outputs."""

    image: ImageName | None = None
    """Its image; the pipeline's by default."""
    command: Annotated[list[Text], Field(max_length=16)] = []
    """Its command; the image's own by default."""
    args: Annotated[list[Text], Field(max_length=64)] = []
    """Arguments for it."""
    env: Annotated[dict[Variable, Text], Field(max_length=32)] = {}
    """Environment variables; those that describe the run cannot be replaced."""
    resources: Resources | None = None
    """What it asks for; by default what the pipeline's steps ask for."""
    scratch: Quantity = "1Gi"
    """Room for its outputs, and as much in `/tmp`."""
    pool: Name | None = None
    """The node pool that it runs in; any node by default."""
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """How often it is tried again after an error; what has wrong data is not."""
    deadline_seconds: Seconds = 3600
    """The longest that one try may take."""


class Steps(Spec):
    """The steps of the pipeline, each with its own settings."""

    data_ingestion: Step = Step()
    """Fetches the data."""
    data_validation: Step = Step()
    """Refuses data that is wrong."""
    feature_engineering: Step = Step()
    """Makes features of the data."""
    model_training: Step = Step(retries=5, deadline_seconds=6 * 3600)
    """Trains the model, and keeps its progress, so that it can go on after a lost node."""
    model_evaluation: Step = Step()
    """Decides whether the model may be registered."""
    register_: Annotated[Step, Field(alias="register")] = Step()
    """Registers the model, where the evaluation allows it."""
    report: Step = Step()
    """Says how the run ended, whatever came of it."""

    def named(self) -> Mapping[str, Step]:
        """Give the steps by their names in the workflow, the report last."""
        found = {name: getattr(self, name.replace("-", "_"), self.register_) for name in pipeline.STEPS}
        return {**found, pipeline.REPORT: self.report}


class TrainingPipelineSpec(NamespacedSpec):
    """A pipeline from data to a registered model, which runs on a schedule or when somebody submits it."""

    kind: Literal["TrainingPipeline"] = "TrainingPipeline"
    model: Name
    """The model that it trains."""
    dataset: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9+.-]*://\S+$", max_length=2048)]
    """Where the data is; whoever submits a run may name another place."""
    image: ImageName = "trainer"
    """The image of the steps, whose program does the step that it is told."""
    resources: Resources
    """What each step asks for, unless it says otherwise."""
    steps: Steps = Steps()
    """The steps."""
    artifacts: Name
    """The object store, of `cluster.resources`, through which steps pass on what they made."""
    identity: Name
    """The entry of `cluster.identities` that the pods act as."""
    needs: Needs = {}
    """What else the pods use of the cloud, such as the store of the data."""
    tracking: Annotated[str, ComponentReference(())] = "mlflow"
    """The component that serves the tracking server."""
    experiment: Annotated[str, StringConstraints(min_length=1, max_length=250)] | None = None
    """The experiment of the tracking server; named after the model by default."""
    schedule: Cron | None = None
    """When it runs by itself; only when somebody submits it by default."""
    timezone: TimeZone = "Etc/UTC"
    """The time zone of the schedule."""
    suspend: bool = False
    """Whether the schedule rests."""
    deadline_seconds: Seconds = 12 * 3600
    """The longest that a run may take."""
    memory_hours: Hours = 7 * 24
    """How long features of the same data are used again."""
    keep_hours: Hours = 7 * 24
    """How long a failed run stays in the cluster; one that succeeded stays a day."""
    egress: list[Egress] = []
    """Addresses that the pods may reach beside name resolution, the cloud, the tracking server and the API server."""

    @property
    def all_needs(self) -> dict[str, Access]:
        """What the pods use of the cloud."""
        return {**self.needs, self.artifacts: "write"}

    def tracker(self, platform: Platform) -> RoutedSpec | None:
        """Give the component of the tracking server; None where it serves nothing."""
        return platform.find(self.tracking, RoutedSpec)

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find what the cluster does not have, and a tracking server that serves nothing."""
        yield from platform.identity_problems(self.identity, "identity")
        yield from platform.resource_problems(self.artifacts, ObjectStore, "artifacts")
        yield from platform.need_problems(self.needs, self.identity, "needs")
        for step, settings in zip(Steps.model_fields.values(), self.steps.named().values(), strict=True):
            yield from platform.pool_problems(settings.pool, "steps", str(step.alias), "pool")
        if self.tracking in platform.components and self.tracker(platform) is None:
            kind = platform.components[self.tracking].kind
            message = f"`{self.tracking}` is a {kind}, which serves nothing over HTTP"
            yield Problem(("tracking",), message, "name the component of the tracking server", needs="components")
