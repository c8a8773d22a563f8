"""What a fleet is made from; imports no cdk8s, as every specification."""

from typing import Literal

from aurora_constructs.spec import NamespacedSpec


class FleetSpec(NamespacedSpec):
    """Many Deployments of one pod."""

    kind: Literal["Fleet"] = "Fleet"
    count: int
    """Number of Deployments."""
