"""Resources of Azure, as the facts of a cluster state them. Imports no cdk8s."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.cloud import (
    Access,
    BackupPlace,
    DnsZone,
    ObjectStore,
    PostgreSql,
    Queue,
    Registry,
    SecretBackend,
    VolumeSnapshots,
)
from aurora_constructs.permissions import NO_KEYS, Ground, Keys, Permission
from aurora_constructs.spec import Hostname

ResourceGroup = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]$")]
"""The name of a resource group."""


class BlobContainer(ObjectStore):
    """A container of Azure Blob Storage."""

    ALWAYS: ClassVar[str] = "Azure encrypts every storage account"
    USUAL_KEY: ClassVar[str] = "a key of Microsoft"

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

    def backup_place(self, ground: Ground) -> BackupPlace:
        """Give it as Velero's plugin for Azure 1.14 is told it: with the address nobody asks for keys of the account.

        Source: `backupstoragelocation.md` of the plugin.
        """
        config = {"storageAccount": self.account, "storageAccountURI": f"https://{self.host}", "useAAD": "true"}
        return BackupPlace(provider="velero.io/azure", bucket=self.container, config=config)

    def permissions(self, access: Access, ground: Ground, keys: Keys = NO_KEYS) -> list[Permission]:
        """Give the role that reads or changes blobs, for the container alone."""
        role = "Storage Blob Data Reader" if access == "read" else "Storage Blob Data Contributor"
        place = f"Microsoft.Storage/storageAccounts/{self.account}/blobServices/default/containers/{self.container}"
        return [Permission(allows=(role,), on=(ground.scope(place),))]


class DiskSnapshots(VolumeSnapshots):
    """Snapshots of Azure's managed disks."""

    PROVIDER: ClassVar[str] = "velero.io/azure"
    DRIVER: ClassVar[str] = "disk.csi.azure.com"

    type: Literal["disk-snapshots"]
    """The kind of resource."""

    resource_group: ResourceGroup
    """The resource group of the snapshots."""

    def config(self, ground: Ground) -> dict[str, str]:
        """Give where snapshots lie (Velero's plugin for Azure 1.14, `volumesnapshotlocation.md`)."""
        return {
            "incremental": "true",
            "resourceGroup": self.resource_group,
            "subscriptionId": ground.subscription,
        }

    def permissions(self, access: Access, ground: Ground, keys: Keys = NO_KEYS) -> list[Permission]:
        """Give the roles that read disks, make snapshots of them and disks of snapshots, for the resource group."""
        roles = ("Disk Backup Reader",) if access == "read" else _SNAPSHOT_ROLES
        return [Permission(allows=roles, on=(ground.resource_group(self.resource_group),))]


_SNAPSHOT_ROLES = ("Disk Backup Reader", "Disk Restore Operator", "Disk Snapshot Contributor")


class KeyVault(SecretBackend):
    """A key vault of Azure."""

    ALWAYS: ClassVar[str] = "Azure encrypts every key vault"
    USUAL_KEY: ClassVar[str] = "a key of Microsoft"

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

    def permissions(self, access: Access, ground: Ground, keys: Keys = NO_KEYS) -> list[Permission]:
        """Give the role that reads or changes secrets, for those of these names alone."""
        role = "Key Vault Secrets User" if access == "read" else "Key Vault Secrets Officer"
        vault = ground.scope(f"Microsoft.KeyVault/vaults/{self.vault}")
        if keys.searched:
            return [Permission(allows=(role,), on=(vault,))]
        named = tuple(f"{vault}/secrets/{name.removeprefix('secret/')}" for name in keys.names)
        return [Permission(allows=(role,), on=named)] if named else []


class ServiceBusQueue(Queue):
    """A queue of Azure Service Bus."""

    ALWAYS: ClassVar[str] = "Azure encrypts every namespace of Service Bus"
    USUAL_KEY: ClassVar[str] = "a key of Microsoft"

    type: Literal["service-bus-queue"]
    """The kind of resource."""
    namespace: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][-A-Za-z0-9]{4,48}[A-Za-z0-9]$")]
    """The namespace of Service Bus."""
    queue: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._/-]{0,258}[A-Za-z0-9])?$")]
    """The queue's name."""

    @property
    def called(self) -> str:
        """Its name in its namespace."""
        return self.queue

    def trigger(self, place: str, messages: int) -> tuple[str, dict[str, str]]:
        """Give the scaler `azure-servicebus`."""
        settings = {"messageCount": str(messages), "namespace": self.namespace, "queueName": self.queue}
        return "azure-servicebus", settings

    def permissions(self, access: Access, ground: Ground, keys: Keys = NO_KEYS) -> list[Permission]:
        """Give the role that takes messages; who writes sends some too."""
        place = f"Microsoft.ServiceBus/namespaces/{self.namespace}/queues/{self.queue}"
        sends = ("Azure Service Bus Data Sender",) if access == "write" else ()
        return [Permission(allows=("Azure Service Bus Data Receiver", *sends), on=(ground.scope(place),))]


class AzureDnsZone(DnsZone):
    """A zone of Azure DNS."""

    type: Literal["dns-zone"]
    """The kind of resource."""
    zone: Hostname
    """Its domain."""
    resource_group: ResourceGroup
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

    def permissions(self, access: Access, ground: Ground, keys: Keys = NO_KEYS) -> list[Permission]:
        """Give the role that reads the zone, or changes its records."""
        role = "Reader" if access == "read" else "DNS Zone Contributor"
        scope = ground.scope(f"Microsoft.Network/dnsZones/{self.zone}", self.resource_group)
        return [Permission(allows=(role,), on=(scope,))]


AzureResource = Annotated[
    AzureDnsZone | BlobContainer | DiskSnapshots | KeyVault | PostgreSql | Registry | ServiceBusQueue,
    Field(discriminator="type"),
]
"""What Azure provides."""
