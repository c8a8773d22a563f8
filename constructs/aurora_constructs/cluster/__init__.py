"""Facts about the cluster of an environment: a union by `provider`, and what each kind of cluster can do.

People write it under `cluster:`; components ask for a capability and never for the provider's name.
Imports no cdk8s.
"""

from typing import Annotated

from pydantic import Field

from aurora_constructs.cluster.aks import Aks
from aurora_constructs.cluster.bare_metal import BareMetal, BareMetalStorage
from aurora_constructs.cluster.eks import Eks
from aurora_constructs.cluster.facts import (
    ClusterFacts,
    EdgeFacts,
    Fact,
    Identity,
    MonitoringFacts,
    Storage,
    UnavailableError,
    Way,
)

__all__ = [
    "Aks",
    "BareMetal",
    "BareMetalStorage",
    "Cluster",
    "ClusterFacts",
    "EdgeFacts",
    "Eks",
    "Fact",
    "Identity",
    "MonitoringFacts",
    "Storage",
    "UnavailableError",
    "Way",
]

Cluster = Annotated[BareMetal | Eks | Aks, Field(discriminator="provider")]
"""The cluster of an environment."""
