"""What lies in the cloud beside a cluster: buckets, databases, secrets, registries, as its facts state them.

People write them under `cluster.resources`, and components name them: each kind says what a component needs to know,
and no reader needs to know in which cloud it is. Imports no cdk8s.
"""

import ipaddress
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, StringConstraints

from aurora_constructs.spec import Cidr, Hostname, Name, Port, SecretPath, Spec

Access = Literal["read", "write"]
"""What an account may do with a resource; who may write may read too."""

Purpose = Literal["objects", "database", "secrets", "images", "names"]
"""What a resource is for."""

Needs = Annotated[dict[Name, Access], Field(max_length=16)]
"""The entries of `cluster.resources` that the pods use, and how."""


class CloudResource(Spec):
    """Something that the cloud provides and that accounts of the cluster may need."""

    PURPOSE: ClassVar[Purpose]
    """What it is for."""


class ObjectStore(CloudResource):
    """A place for files by key."""

    PURPOSE: ClassVar[Purpose] = "objects"

    def uri(self, path: str = "") -> str:
        """Give the address of a path in it, as MLflow and the libraries of data science read it."""
        raise NotImplementedError

    def serving_uri(self, path: str = "") -> str:
        """Give the address of a path in it, as KServe reads it."""
        return self.uri(path)

    def artifact_repository(self, key: str, place: str) -> dict[str, Any]:
        """Give it as an artifact repository of Argo Workflows, entered with the identity of the pods.

        `key` may hold variables of a workflow, `place` is the region or the tenant. Source: Argo Workflows 4.1 docs,
        configuring an artifact repository.
        """
        raise NotImplementedError


class Bucket(ObjectStore):
    """A bucket of Amazon S3."""

    type: Literal["bucket"]
    """The kind of resource."""
    bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]{1,61})[a-z0-9]$")]
    """Its name."""
    prefix: SecretPath | None = None
    """The beginning of the keys that are meant; all of them by default."""

    def uri(self, path: str = "") -> str:
        """Give the address of a path in it."""
        return "/".join(part for part in (f"s3://{self.bucket}", self.prefix, path) if part)

    def artifact_repository(self, key: str, place: str) -> dict[str, Any]:
        """Give the repository `s3`, at the endpoint of its region."""
        domain = "amazonaws.com.cn" if place.startswith("cn-") else "amazonaws.com"
        return {
            "s3": {
                "bucket": self.bucket,
                "endpoint": f"s3.{place}.{domain}",
                "keyFormat": f"{self.prefix}/{key}" if self.prefix else key,
                "region": place,
                "useSDKCreds": True,
            }
        }


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


class PostgreSql(CloudResource):
    """A PostgreSQL server of the cloud: RDS, or Flexible Server."""

    PURPOSE: ClassVar[Purpose] = "database"

    type: Literal["postgresql"]
    """The kind of resource."""
    host: Hostname
    """The server's host name."""
    port: Port = 5432
    """Its port."""
    database: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]
    """The database."""
    cidrs: Annotated[list[Cidr], Field(min_length=1)]
    """The addresses of the server's subnets, to which policies let pods go."""


class SecretBackend(CloudResource):
    """A place for secrets."""

    PURPOSE: ClassVar[Purpose] = "secrets"

    def provider(self, place: str, account: Mapping[str, str] | None) -> dict[str, Any]:
        """Give the provider of a ClusterSecretStore, every default of its definition spelled out.

        `place` is the region or the tenant. Without an account the operator's own pods have the identity
        (External Secrets 2.9, page `AWS Access`).
        """
        raise NotImplementedError

    def key(self, path: str) -> str:
        """Give the name of what is kept at a path, as a reference states it."""
        return path


class _AwsBackend(SecretBackend):
    SERVICE: ClassVar[str]

    def provider(self, place: str, account: Mapping[str, str] | None) -> dict[str, Any]:
        """Give the provider `aws`."""
        body: dict[str, Any] = {"service": self.SERVICE, "region": place}
        if account:
            body["auth"] = {"jwt": {"serviceAccountRef": dict(account)}}
        return {"aws": body}


class SecretsManager(_AwsBackend):
    """AWS Secrets Manager: secrets by name."""

    SERVICE: ClassVar[str] = "SecretsManager"

    type: Literal["secrets-manager"]
    """The kind of resource."""


class ParameterStore(_AwsBackend):
    """AWS Systems Manager Parameter Store: parameters by path."""

    SERVICE: ClassVar[str] = "ParameterStore"

    type: Literal["parameter-store"]
    """The kind of resource."""

    def key(self, path: str) -> str:
        """Give the name of a parameter in a hierarchy: it begins with a slash."""
        return f"/{path}"


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


class DnsZone(CloudResource):
    """Names of a domain, which a certificate authority may be answered by."""

    PURPOSE: ClassVar[Purpose] = "names"

    def solver(self, place: str, client: str | None) -> dict[str, Any]:
        """Give cert-manager's solver of DNS challenges.

        `place` is the region or the subscription, `client` the id of the identity where the solver names it.
        """
        raise NotImplementedError


class HostedZone(DnsZone):
    """A hosted zone of Amazon Route 53."""

    type: Literal["hosted-zone"]
    """The kind of resource."""
    zone_id: Annotated[str, StringConstraints(pattern=r"^Z[A-Z0-9]{1,32}$")]
    """Its id."""

    def solver(self, place: str, client: str | None) -> dict[str, Any]:
        """Give the solver `route53`, with the credentials of cert-manager's pods."""
        return {"route53": {"hostedZoneID": self.zone_id, "region": place}}


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


class Registry(CloudResource):
    """A registry of container images."""

    PURPOSE: ClassVar[Purpose] = "images"

    type: Literal["registry"]
    """The kind of resource."""
    host: Hostname
    """Its host name."""


AwsResource = Annotated[
    Bucket | HostedZone | PostgreSql | SecretsManager | ParameterStore | Registry, Field(discriminator="type")
]
"""What AWS provides."""
AzureResource = Annotated[AzureDnsZone | BlobContainer | PostgreSql | KeyVault | Registry, Field(discriminator="type")]
"""What Azure provides."""


def _reachable(value: str) -> str:
    if ipaddress.ip_network(value).is_loopback:
        raise ValueError("pods reach no service of the cloud at a loopback address")
    return value


ServiceCidr = Annotated[Cidr, AfterValidator(_reachable)]
"""Addresses at which the cloud's own services answer."""
