"""What people write for workloads that sleep. Imports no cdk8s."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from aurora_constructs.cron import Cron
from aurora_constructs.schedules import TimeZone
from aurora_constructs.spec import ImageName, Name, NamespacedSpec, Resources

Awake = Annotated[int, Field(ge=1, le=100)]
"""With how many pods a workload begins when it wakes; its autoscaler, where it has one, goes on from there."""


class SleepScheduleSpec(NamespacedSpec):
    """Takes Deployments of a namespace to zero pods and back, by the hours of a time zone."""

    kind: Literal["SleepSchedule"] = "SleepSchedule"
    deployments: Annotated[dict[Name, Awake], Field(min_length=1, max_length=50)]
    """The Deployments by name, with the number of pods that each wakes with."""
    sleep: Cron
    """When they go to zero."""
    wake: Cron
    """When they come back."""
    timezone: TimeZone
    """The time zone of both schedules."""
    image: ImageName = "trainer"
    """The image that does it: any with Python; it needs no shell."""
    resources: Resources = Resources(cpu="20m", memory="64Mi")
    """What it asks for."""

    @model_validator(mode="after")
    def _differ(self) -> SleepScheduleSpec:
        if self.sleep == self.wake:
            raise ValueError(f"they sleep and wake at the same time, `{self.wake}`")
        return self
