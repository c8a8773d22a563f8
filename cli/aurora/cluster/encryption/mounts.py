"""What nodes speak to the file systems that pods share. Finds facts; never judges them.

Sources: EFS CSI driver 3.4 (mounts with TLS unless `encryptInTransit` of a volume is false); Azure Files CSI driver
(`encryptInTransit`; NFS 4.1 itself is plain: learn.microsoft.com/azure/storage/files, NFS file shares); Ceph's kernel
client (`ms_mode=secure`; otherwise the settings of the Ceph cluster decide).
"""

from collections.abc import Iterator

from aurora.model.encryption import Encrypted, Hop
from aurora.model.inventory import Inventory
from aurora.model.json_value import items, mapping, text

NODES = "nodes"


def mounts(inventory: Inventory) -> Iterator[Hop]:
    """Yield the StorageClasses whose volumes are mounted over a network, with what the nodes speak."""
    for manifest in inventory.of_kind("StorageClass", group="storage.k8s.io"):
        parameters = {key.lower(): text(value).lower() for key, value in mapping(manifest.get("parameters")).items()}
        options = [text(option) for option in items(manifest.get("mountOptions"))]
        found = _spoken(text(manifest.get("provisioner")), parameters, options)
        if found:
            tls, says = found
            yield Hop(
                source=NODES, target=str(manifest.id), tls=tls, says=says, manifest=manifest, steps=("provisioner",)
            )


def _spoken(driver: str, parameters: dict[str, str], options: list[str]) -> tuple[Encrypted, str] | None:
    if driver == "efs.csi.aws.com":
        return Encrypted.YES, "the driver mounts with TLS"
    if driver in ("file.csi.azure.com", "kubernetes.io/azure-file"):
        if parameters.get("protocol") != "nfs":
            return Encrypted.UNKNOWN, "SMB, encrypted where the storage account demands it"
        on = parameters.get("encryptintransit") == "true"
        return (
            (Encrypted.YES, '`encryptInTransit: "true"`')
            if on
            else (Encrypted.NO, "NFS 4.1 without `encryptInTransit`")
        )
    if driver.endswith("cephfs.csi.ceph.com"):
        on = "ms_mode=secure" in ",".join(options).split(",")
        return (
            (Encrypted.YES, "`ms_mode=secure`")
            if on
            else (Encrypted.UNKNOWN, "the settings of the Ceph cluster decide")
        )
    return None
