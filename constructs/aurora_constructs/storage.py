"""Storage that many pods of many nodes share, as the facts of a cluster state it. Imports no cdk8s.

Each kind says what its StorageClass must hold; no reader needs to know which kind it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.spec import Name, Namespace, Spec

OWNER = 10001
"""The user and the group of Aurora's pods, for storage that gives files an owner by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageClass:
    """What a StorageClass of shared storage holds beside its name."""

    provisioner: str
    parameters: Mapping[str, str]
    mount_options: tuple[str, ...] = ()
    expandable: bool = True
    tags: str = ""
    """The parameter that tags what the driver makes for a volume; empty where it has none."""


class CsiSecrets(Spec):
    """Names of the Secrets that the CSI driver reads, as Rook calls them; their content is Rook's."""

    namespace: Namespace = "rook-ceph"
    """Where they are."""
    provisioner: Name = "rook-csi-cephfs-provisioner"
    """The one that may create and expand volumes."""
    node: Name = "rook-csi-cephfs-node"
    """The one that may mount them."""


class CephFs(Spec):
    """A CephFS filesystem behind the Ceph CSI driver, as Rook names its parts."""

    type: Literal["cephfs"]
    """The kind of storage: a filesystem that many nodes may write."""
    driver: Annotated[
        str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\.csi\.ceph\.com$", max_length=63)
    ] = "rook-ceph.cephfs.csi.ceph.com"
    """Name of the CSI driver; Rook puts its namespace in front."""
    cluster_id: Annotated[str, StringConstraints(min_length=1, max_length=253)] = "rook-ceph"
    """The Ceph cluster, as the driver knows it; with Rook its namespace."""
    filesystem: Name
    """The CephFS filesystem."""
    pool: Name | None = None
    """The data pool; the filesystem's default when left out."""
    secrets: CsiSecrets = CsiSecrets()
    """The driver's credentials."""

    def storage_class(self) -> StorageClass:
        """Give what the class holds: the filesystem, and the Secrets for each step of the driver."""
        secrets = {
            "provisioner": self.secrets.provisioner,
            "controller-expand": self.secrets.provisioner,
            "node-stage": self.secrets.node,
        }
        parameters = {"clusterID": self.cluster_id, "fsName": self.filesystem}
        if self.pool:
            parameters["pool"] = self.pool
        for step, secret in secrets.items():
            parameters[f"csi.storage.k8s.io/{step}-secret-name"] = secret
            parameters[f"csi.storage.k8s.io/{step}-secret-namespace"] = self.secrets.namespace
        return StorageClass(provisioner=self.driver, parameters=parameters)


class Efs(Spec):
    """An Amazon EFS file system; each volume is an access point of it."""

    type: Literal["efs"]
    """The kind of storage: a filesystem that many nodes may write."""
    file_system: Annotated[str, StringConstraints(pattern=r"^fs-[0-9a-f]{8,40}$")]
    """The file system's id."""
    encrypted: bool | None = None
    """Whether what it holds is encrypted: chosen when it is made."""
    encryption_key: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^\S+$")] | None = None
    """The key of KMS with which it is encrypted, where it is one's own."""

    def storage_class(self) -> StorageClass:
        """Give what the class holds: EFS ignores `fsGroup`, so the access point owns the files; it never fills up."""
        return StorageClass(
            provisioner="efs.csi.aws.com",
            parameters={
                "provisioningMode": "efs-ap",
                "fileSystemId": self.file_system,
                "directoryPerms": "770",
                "uid": str(OWNER),
                "gid": str(OWNER),
            },
            mount_options=("tls",),
            expandable=False,
        )


class AzureFiles(Spec):
    """Azure Files over NFS: SMB shares know neither links nor permissions."""

    type: Literal["azure-files"]
    """The kind of storage: a filesystem that many nodes may write."""
    sku: Literal["Premium_LRS", "Premium_ZRS"] = "Premium_LRS"
    """The kind of storage account; NFS needs a premium one."""

    def storage_class(self) -> StorageClass:
        """Give what the class holds."""
        return StorageClass(
            provisioner="file.csi.azure.com",
            parameters={"protocol": "nfs", "skuName": self.sku},
            mount_options=("nconnect=4", "noresvport", "actimeo=30"),
            tags="tags",
        )


SharedStorage = Annotated[CephFs | Efs | AzureFiles, Field(discriminator="type")]
"""Storage that pods of many nodes may write at once."""
