"""A cluster of Azure AKS. Imports no cdk8s."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.azure import AzureResource, ResourceGroup
from aurora_constructs.cluster.cloud_facts import CloudFacts
from aurora_constructs.cluster.facts import Identity, Storage, chosen
from aurora_constructs.permissions import Ground
from aurora_constructs.pool_facts import AksPool, AksPoolName
from aurora_constructs.spec import Name, Spec
from aurora_constructs.storage import AzureFiles

Guid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""An identifier of Azure: hexadecimal digits in lower case."""


class AksStorage(Storage):
    """Storage of an AKS cluster."""

    shared: AzureFiles | None = AzureFiles(type="azure-files")
    """The filesystem that pods of many nodes share."""


class WorkloadIdentity(Spec):
    """Microsoft Entra Workload ID: an annotation names the client, a label of the pod asks for its token."""

    type: Literal["workload-identity"] = "workload-identity"
    """The mechanism."""
    oidc_issuer: Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]+(/[A-Za-z0-9-]+)*/?$", max_length=253)]
    """The cluster's OIDC issuer: federated credentials trust it."""


class Aks(CloudFacts):
    """A cluster of Azure AKS."""

    TITLE: ClassVar[str] = "an AKS cluster"

    provider: Literal["aks"]
    """Who runs the cluster."""
    subscription: Guid
    """The subscription of Azure."""
    resource_group: ResourceGroup | None = None
    """The resource group of what Azure provides, where a resource names none of its own."""
    tenant: Guid
    """The tenant of Microsoft Entra."""
    mechanism: Annotated[WorkloadIdentity, Field(alias="identity")]
    """How pods get identities of Azure."""
    identities: dict[Name, Guid] = {}
    """Client ids by the name that components use."""
    resources: dict[Name, AzureResource] = {}
    """What Azure provides, by the name that components use."""
    storage: AksStorage = AksStorage()
    """Storage by purpose."""
    pools: dict[AksPoolName, AksPool] = {}
    """Node pools by their exact name; nothing is judged about nodes where none are stated."""

    @property
    def tolerates_devices(self) -> bool:
        """AKS has the admission plugin ExtendedResourceToleration (learn.microsoft.com/azure/aks/faq)."""
        return True

    @property
    def secrets_at_rest(self) -> tuple[str, str]:
        """Microsoft Learn, "Security concepts for applications and clusters in AKS", Kubernetes Secrets."""
        return "AKS keeps etcd on encrypted disks", "a key of Microsoft"

    @property
    def place(self) -> str:
        """The tenant of Microsoft Entra."""
        return self.tenant

    @property
    def names_place(self) -> str:
        """The subscription of Azure."""
        return self.subscription

    @property
    def ground(self) -> Ground:
        """The subscription and the resource group."""
        return Ground(subscription=self.subscription, group=self.resource_group or "")

    def identity(self, name: str) -> Identity:
        """Give the annotations that name a client, and the label without which a pod gets no token."""
        client = chosen(self.identities, name, "identities")
        return Identity(
            annotations={"azure.workload.identity/client-id": client, "azure.workload.identity/tenant-id": self.tenant},
            client=client,
            keda={"provider": "azure-workload", "identityId": client, "identityTenantId": self.tenant},
            pod_labels={"azure.workload.identity/use": "true"},
        )
