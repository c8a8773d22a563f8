"""What people write about how the number of pods follows their load. Imports no cdk8s."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from aurora_constructs.spec import Replicas, Spec


class ScalingStep(Spec):
    """How far an autoscaler goes at once: the share of the pods that it adds or removes within a time."""

    percent: Annotated[int, Field(ge=1, le=1000)]
    """The share of the pods, in percent."""
    seconds: Annotated[int, Field(ge=1, le=1800)]
    """The time, in seconds; Kubernetes allows half an hour at the most."""


class Scaling(Replicas):
    """Bounds of the number of pods, what it follows, and how fast."""

    memory_percent: Annotated[int, Field(ge=10, le=100)] | None = None
    """The share of the memory request to aim at; memory decides nothing by default."""
    down: ScalingStep | None = None
    """How fast pods are removed; Kubernetes' own way by default: all that are not needed, after five minutes."""
    up: ScalingStep | None = None
    """How fast pods are added; Kubernetes' own way by default: four or as many as there are, every 15 seconds."""

    @model_validator(mode="after")
    def _keeps_some(self) -> Scaling:
        if self.down and self.down.percent > 100:
            raise ValueError(f"down.percent {self.down.percent} is more than all pods: write at most 100")
        return self
