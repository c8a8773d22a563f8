"""A cluster on own machines. Imports no cdk8s."""

from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from aurora_constructs.cluster.facts import ClusterFacts, Storage
from aurora_constructs.pool_facts import BareMetalPool
from aurora_constructs.spec import Name
from aurora_constructs.storage import CephFs


class BareMetalStorage(Storage):
    """Storage of a cluster on own machines."""

    shared: CephFs | None = None
    """The filesystem that pods of many nodes share."""
    default_class: Name | None = None
    """The default StorageClass, where none of the environment's objects is it."""


class BareMetal(ClusterFacts):
    """A cluster on own machines."""

    TITLE: ClassVar[str] = "a bare-metal cluster"

    provider: Literal["bare-metal"]
    """Who runs the cluster."""
    storage: BareMetalStorage = BareMetalStorage()
    """Storage by purpose."""
    load_balancer: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\n]*$")] | None = None
    """Who gives Services of type LoadBalancer their addresses, in words; nobody by default."""
    pools: dict[Name, BareMetalPool] = {}
    """Own machines that are alike, by a name of one's own; nothing is judged about nodes where none are stated."""

    @property
    def gives_addresses(self) -> bool:
        """Whether somebody is stated to give Services of type LoadBalancer their addresses."""
        return self.load_balancer is not None

    @property
    def has_default_class(self) -> bool:
        """Whether a default class is stated."""
        return self.storage.default_class is not None
