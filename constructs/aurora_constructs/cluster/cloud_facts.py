"""What is true of a cluster that a cloud runs. Imports no cdk8s."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from aurora_constructs.cloud import CloudResource, ObjectStore, ServiceCidr, VolumeSnapshots
from aurora_constructs.cluster.facts import ClusterFacts, chosen
from aurora_constructs.cost_tags import TagName, TagValue
from aurora_constructs.permissions import Ground
from aurora_constructs.spec import Cidr, Name


def resources_of(cluster: ClusterFacts | None) -> Mapping[str, CloudResource]:
    """Give what a cluster's cloud provides, by the name that components use; nothing outside of a cloud."""
    return cluster.resources if isinstance(cluster, CloudFacts) else {}


class CloudFacts(ClusterFacts):
    """What is true of a cluster that a cloud runs."""

    name: Name | None = None
    """The cluster's name in the cloud."""
    resources: Mapping[str, CloudResource] = {}
    """What the cloud provides, by the name that components use."""
    tags: Annotated[dict[TagName, TagValue], Field(max_length=20)] = {}
    """Tags of the machines, load balancers and disks that the cluster makes, by which the bill is divided."""
    service_endpoints: Annotated[list[ServiceCidr], Field(min_length=1)] = ["0.0.0.0/0"]
    """Where the cloud's services answer, such as object storage and identities; narrower with private endpoints."""

    @property
    def cloud_cidrs(self) -> list[Cidr]:
        """The addresses at which the cloud's own services answer."""
        return self.service_endpoints

    @property
    def cost_tags(self) -> Mapping[str, str]:
        """The tags of what the cluster makes in its cloud."""
        return self.tags

    def resource(self, name: str) -> CloudResource:
        """Give what the cloud provides under a name.

        Raises:
            UnavailableError: there is nothing of that name.
        """
        return chosen(self.resources, name, "resources")

    @property
    def ground(self) -> Ground:
        """Where the resources lie, as permissions name them."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _replicas_are_elsewhere(self) -> Self:
        stores = {name: each for name, each in self.resources.items() if isinstance(each, ObjectStore)}
        for name, store in stores.items():
            if store.replica is None:
                continue
            if store.replica not in stores:
                raise ValueError(
                    f"the replica of `{name}`, `{store.replica}`, is no bucket or container of `resources`"
                )
            if self.region_of(stores[store.replica]) in ("", self.region_of(store)):
                raise ValueError(f"the replica of `{name}`, `{store.replica}`, states no other `region`")
        return self

    def region_of(self, resource: ObjectStore | VolumeSnapshots) -> str:
        """Give the region of a resource: its own, or that of the cluster; empty where neither states one."""
        return resource.region or self.ground.region
