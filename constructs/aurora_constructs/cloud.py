"""What lies in the cloud beside a cluster: buckets, databases, secrets, registries, as its facts state them.

People write them under `cluster.resources`, and components name them: each kind says what a component needs to know,
and no reader needs to know in which cloud it is. Imports no cdk8s.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from aurora_constructs.permissions import NO_KEYS, Ground, Keys, Permission
from aurora_constructs.recovery import Recovery
from aurora_constructs.spec import Cidr, Hostname, Name, Port, SecretPath, Spec

Access = Literal["read", "write"]
"""What an account may do with a resource; who may write may read too."""

Purpose = Literal["objects", "database", "secrets", "images", "names", "messages", "snapshots"]
"""What a resource is for."""

Needs = Annotated[dict[Name, Access], Field(max_length=16)]
"""The entries of `cluster.resources` that the pods use, and how."""


class CloudResource(Spec):
    """Something that the cloud provides and that accounts of the cluster may need."""

    PURPOSE: ClassVar[Purpose]
    """What it is for."""
    ALWAYS: ClassVar[str] = ""
    """Why what it holds is always encrypted; empty where that is a choice."""
    USUAL_KEY: ClassVar[str] = "a key of the provider"
    """The key with which it is encrypted where no other is stated."""

    encrypted: bool | None = None
    """Whether what it holds is encrypted; to be stated where that is a choice."""
    encryption_key: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^\S+$")] | None = None
    """The key of one's own with which it is encrypted: an ARN of KMS, or the URL of a vault's key."""

    @property
    def at_rest(self) -> tuple[str, str]:
        """Why what it holds is always encrypted, empty where that is a choice; and the usual key."""
        return self.ALWAYS, self.USUAL_KEY

    @model_validator(mode="after")
    def _encrypted_if_it_has_a_key(self) -> Self:
        always, _ = self.at_rest
        if self.encrypted is False and (always or self.encryption_key):
            raise ValueError(
                f"`encrypted: false` contradicts {f'what is so: {always}' if always else '`encryptionKey`'}"
            )
        return self

    def permissions(self, access: Access, ground: Ground, keys: Keys = NO_KEYS) -> list[Permission]:
        """Give what an identity must be permitted for an access; nothing where a password admits.

        `keys` are what is read of a place for secrets. Sources: `docs/prerequisites.md`.
        """
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPlace:
    """A place for backups as Velero's plugin for the cloud is told it: provider, bucket and settings."""

    provider: str
    bucket: str
    prefix: str | None = None
    config: Mapping[str, str]


Region = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])$", max_length=40)]
"""A region of the cloud, as the cloud names it."""
Days = Annotated[int, Field(ge=1, le=3650)]


class Ageing(Spec):
    """What the cloud does by itself with objects that grow old."""

    prefix: SecretPath | None = None
    """The beginning of their keys; all of them by default."""
    archive_days: Days | None = None
    """After how many days they move to a cheaper class of storage."""
    delete_days: Days | None = None
    """After how many days they are deleted."""

    @model_validator(mode="after")
    def _ordered(self) -> "Ageing":
        if self.archive_days is None and self.delete_days is None:
            raise ValueError("name `archiveDays`, `deleteDays` or both")
        if self.archive_days and self.delete_days and self.delete_days <= self.archive_days:
            raise ValueError(
                f"objects are deleted after {self.delete_days} days, before they are archived after {self.archive_days}"
            )
        return self


class ObjectStore(CloudResource):
    """A place for files by key."""

    PURPOSE: ClassVar[Purpose] = "objects"

    region: Region | None = None
    """The region that it is in; the cluster's by default."""
    keeps_days: Days | None = None
    """For how many days the cloud keeps what was replaced or deleted: versioning, by which it has points in time."""
    replica: Name | None = None
    """The entry of `cluster.resources` in another region to which the cloud copies every object."""
    ageing: Annotated[list[Ageing], Field(max_length=16)] = []
    """What the cloud does by itself with old objects."""
    recovery: Recovery | None = None
    """What is promised for the day on which its content is lost."""

    @model_validator(mode="after")
    def _keeps_what_it_promises(self) -> "ObjectStore":
        if self.recovery and not self.keeps_days:
            raise ValueError("`recovery` without `keepsDays`: nothing keeps what is deleted by mistake")
        return self

    def backup_place(self, ground: Ground) -> BackupPlace:
        """Give it as a place for backups; `ground` is the cluster's. Sources: Velero's plugin for the cloud."""
        raise NotImplementedError

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


class VolumeSnapshots(CloudResource):
    """Snapshots of the cluster's disks, which the cloud keeps in one region."""

    PURPOSE: ClassVar[Purpose] = "snapshots"
    PROVIDER: ClassVar[str]
    """What Velero calls its plugin for the cloud."""
    DRIVER: ClassVar[str]
    """The CSI driver of the cloud's disks."""

    region: Region | None = None
    """The region that keeps them; the cluster's by default."""

    def config(self, ground: Ground) -> dict[str, str]:
        """Give the settings of a VolumeSnapshotLocation; `ground` is the cluster's."""
        raise NotImplementedError


class PostgreSql(CloudResource):
    """A PostgreSQL server of the cloud: RDS, or Flexible Server."""

    PURPOSE: ClassVar[Purpose] = "database"

    @property
    def at_rest(self) -> tuple[str, str]:
        """Flexible Server always is (learn.microsoft.com/azure/postgresql, security); with RDS it is a choice."""
        flexible = self.host.endswith(".postgres.database.azure.com")
        return ("Flexible Server encrypts its disks", "a key of Microsoft") if flexible else super().at_rest

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


class Queue(CloudResource):
    """A queue of messages."""

    PURPOSE: ClassVar[Purpose] = "messages"

    @property
    def called(self) -> str:
        """Its name, by which software asks the cloud for it."""
        raise NotImplementedError

    def trigger(self, place: str, messages: int) -> tuple[str, dict[str, str]]:
        """Give KEDA's scaler and its settings: so many messages that wait are meant for one pod."""
        raise NotImplementedError


class DnsZone(CloudResource):
    """Names of a domain, which a certificate authority may be answered by."""

    PURPOSE: ClassVar[Purpose] = "names"

    def solver(self, place: str, client: str | None) -> dict[str, Any]:
        """Give cert-manager's solver of DNS challenges.

        `place` is the region or the subscription, `client` the id of the identity where the solver names it.
        """
        raise NotImplementedError


class Registry(CloudResource):
    """A registry of container images."""

    PURPOSE: ClassVar[Purpose] = "images"

    type: Literal["registry"]
    """The kind of resource."""
    host: Hostname
    """Its host name."""

    def permissions(self, access: Access, ground: Ground, keys: Keys = NO_KEYS) -> list[Permission]:
        """Give what pulling or pushing takes, of Amazon ECR and of Azure's registries; others have own accounts."""
        name, _, domain = self.host.partition(".")
        if domain == "azurecr.io":
            roles = ("AcrPull",) if access == "read" else ("AcrPull", "AcrPush")
            return [Permission(allows=roles, on=(ground.scope(f"Microsoft.ContainerRegistry/registries/{name}"),))]
        if not domain.startswith("dkr.ecr."):
            return []
        where = f"arn:{ground.partition}:ecr:{domain.split('.')[2]}:{name}:repository/*"
        actions = _PULL if access == "read" else (*_PULL, *_PUSH)
        return [
            Permission(allows=("ecr:GetAuthorizationToken",), on=("*",)),
            Permission(allows=tuple(f"ecr:{action}" for action in actions), on=(where,)),
        ]


_PULL = ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
_PUSH = ("CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "UploadLayerPart")


def _reachable(value: str) -> str:
    if ipaddress.ip_network(value).is_loopback:
        raise ValueError("pods reach no service of the cloud at a loopback address")
    return value


ServiceCidr = Annotated[Cidr, AfterValidator(_reachable)]
"""Addresses at which the cloud's own services answer."""
