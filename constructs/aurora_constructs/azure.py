"""Resources of Azure, as the facts of a cluster state them. Imports no cdk8s."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.cloud import DnsZone, ObjectStore, PostgreSql, Queue, Registry, SecretBackend
from aurora_constructs.spec import Hostname


class BlobContainer(ObjectStore):
    """A container of Azure Blob Storage."""

    type: Literal["blob-container"]
    """The kind of resource."""
    account: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{3,24}$")]
    """The storage account."""
    container: Annotated[str, StringConstraints(pattern=r"^[a-z0-9](-?[a-z0-9])+$", max_length=63)]
    """The container's name."""

    @property
    def host(self) -> str:
        """The host that serves the blobs of the account, in Azure's public cloud."""
        return f"{self.account}.blob.core.windows.net"

    def uri(self, path: str = "") -> str:
        """Give the address of a path in it, of the scheme `wasbs` that MLflow reads."""
        return f"wasbs://{self.container}@{self.host}" + (f"/{path}" if path else "")

    def artifact_repository(self, key: str, place: str) -> dict[str, Any]:
        """Give the repository `azure`."""
        return {
            "azure": {
                "blobNameFormat": key,
                "container": self.container,
                "endpoint": f"https://{self.host}",
                "useSDKCreds": True,
            }
        }

    def serving_uri(self, path: str = "") -> str:
        """Give the address of a path in it: KServe reads no `wasbs`, only `https` (its release 0.20, `storage`)."""
        return "/".join(part for part in (f"https://{self.host}/{self.container}", path) if part)


class KeyVault(SecretBackend):
    """A key vault of Azure."""

    type: Literal["key-vault"]
    """The kind of resource."""
    vault: Annotated[str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]{1,22})[a-z0-9]$")]
    """Its name: letters, digits and hyphens."""

    @property
    def url(self) -> str:
        """Its address in Azure's public cloud."""
        return f"https://{self.vault}.vault.azure.net"

    def provider(self, place: str, account: Mapping[str, str] | None) -> dict[str, Any]:
        """Give the provider `azurekv`, entered with a workload identity."""
        return {
            "azurekv": {
                "authType": "WorkloadIdentity",
                "environmentType": "PublicCloud",
                "serviceAccountRef": dict(account or {}),
                "tenantId": place,
                "useAzureSDK": False,
                "vaultUrl": self.url,
            }
        }

    def key(self, path: str) -> str:
        """Give the name of a secret: a vault's names have neither slash nor underscore."""
        return path.replace("/", "-").replace("_", "-")


class ServiceBusQueue(Queue):
    """A queue of Azure Service Bus."""

    type: Literal["service-bus-queue"]
    """The kind of resource."""
    namespace: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][-A-Za-z0-9]{4,48}[A-Za-z0-9]$")]
    """The namespace of Service Bus."""
    queue: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._/-]{0,258}[A-Za-z0-9])?$")]
    """The queue's name."""

    def trigger(self, place: str, messages: int) -> tuple[str, dict[str, str]]:
        """Give the scaler `azure-servicebus`."""
        settings = {"messageCount": str(messages), "namespace": self.namespace, "queueName": self.queue}
        return "azure-servicebus", settings


class AzureDnsZone(DnsZone):
    """A zone of Azure DNS."""

    type: Literal["dns-zone"]
    """The kind of resource."""
    zone: Hostname
    """Its domain."""
    resource_group: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]$")]
    """The resource group that it is in."""

    def solver(self, place: str, client: str | None) -> dict[str, Any]:
        """Give the solver `azureDNS`, with a workload identity."""
        return {
            "azureDNS": {
                "environment": "AzurePublicCloud",
                "hostedZoneName": self.zone,
                "managedIdentity": {"clientID": client},
                "resourceGroupName": self.resource_group,
                "subscriptionID": place,
            }
        }


AzureResource = Annotated[
    AzureDnsZone | BlobContainer | KeyVault | PostgreSql | Registry | ServiceBusQueue, Field(discriminator="type")
]
"""What Azure provides."""
