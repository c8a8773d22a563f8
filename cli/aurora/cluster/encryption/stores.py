"""Where data lies, and whether it is encrypted there: volumes, disks of nodes, resources of the cloud, Secrets.

Sources: EBS CSI driver 1.64 (`encrypted`, `kmsKeyId`; false by default), Azure: Storage and managed disks are always
encrypted, with a key of Microsoft unless another is set (learn.microsoft.com/azure/storage, service encryption;
azure/virtual-machines, disk encryption), Ceph CSI 3.15 (`encrypted`, `encryptionKMSID`), Karpenter 1.14
(`blockDeviceMappings`), EKS user guide, "Default envelope encryption for all Kubernetes API data" (1.28 and later).
Finds facts; never judges them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aurora.model.encryption import Encrypted, Store
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping, text
from aurora_constructs.cluster.cloud_facts import resources_of
from aurora_constructs.storage import Efs

YES, NO, UNKNOWN = Encrypted.YES, Encrypted.NO, Encrypted.UNKNOWN
NOT_KNOWN = "not known"
_ON = '`encrypted: "true"`'
_DISK = ("a key of Microsoft", "Azure encrypts every managed disk")
_ACCOUNT = ("a key of Microsoft, unless the storage account has another", "Azure encrypts every storage account")
_AZURE = {
    "disk.csi.azure.com": _DISK,
    "kubernetes.io/azure-disk": _DISK,
    "file.csi.azure.com": _ACCOUNT,
    "kubernetes.io/azure-file": _ACCOUNT,
}


def stores(inventory: Inventory) -> tuple[Store, ...]:
    """Give every place that manifests and facts tell of, with the exception that covers a plain one."""
    return inventory.every(_stores)


def _stores(inventory: Inventory) -> Iterator[Store]:
    for find in (_classes, _machines, _resources, _secrets):
        yield from (_accepted(inventory, store) for store in find(inventory))


def _accepted(inventory: Inventory, store: Store) -> Store:
    """Add the reason of the exception that covers a plain store."""
    stated = inventory.cluster.plain_stores if inventory.cluster else None
    for exception in (stated or {}).values() if store.encrypted is NO else ():
        if exception.covers(store.name):
            return replace(store, accepted=exception.reason)
    return store


def _classes(inventory: Inventory) -> Iterator[Store]:
    """Yield volumes by their class."""
    for manifest in inventory.of_kind("StorageClass", group="storage.k8s.io"):
        parameters = {key.lower(): text(value) for key, value in mapping(manifest.get("parameters")).items()}
        encrypted, key, says = _volume(inventory, text(manifest.get("provisioner")), parameters)
        yield Store(
            name=str(manifest.id), encrypted=encrypted, key=key, says=says, manifest=manifest, steps=("parameters",)
        )


def _volume(inventory: Inventory, driver: str, parameters: dict[str, str]) -> tuple[Encrypted, str, str]:
    if driver in _AZURE:
        usual, says = _AZURE[driver]
        return YES, parameters.get("diskencryptionsetid") or usual, says
    on = parameters.get("encrypted") == "true"
    if driver in ("ebs.csi.aws.com", "kubernetes.io/aws-ebs"):
        key = parameters.get("kmskeyid") or "the account's default key for EBS"
        return (YES, key, _ON) if on else (NO, "", "EBS encrypts what `encrypted` asks for")
    if driver.endswith(".csi.ceph.com"):
        key = parameters.get("encryptionkmsid") or NOT_KNOWN
        return (YES, key, _ON) if on else (UNKNOWN, NOT_KNOWN, "Ceph's disks may be")
    if driver == "efs.csi.aws.com":
        return _file_system(inventory)
    return UNKNOWN, NOT_KNOWN, f"Aurora does not know `{driver}`"


def _file_system(inventory: Inventory) -> tuple[Encrypted, str, str]:
    shared = inventory.cluster.shared_storage if inventory.cluster else None
    if not isinstance(shared, Efs) or (shared.encrypted is None and not shared.encryption_key):
        return UNKNOWN, NOT_KNOWN, "chosen when the file system was made"
    on = shared.encrypted is not False
    key = shared.encryption_key or ("the account's default key for EFS" if on else "")
    return (YES if on else NO), key, "`cluster.storage.shared`"


def _machines(inventory: Inventory) -> Iterator[Store]:
    """Yield the disks of nodes that Karpenter makes: what pods write beside volumes lies there."""
    for manifest in inventory.of_kind("EC2NodeClass", group="karpenter.k8s.aws"):
        for index, entry in enumerate(items(manifest.get("spec", "blockDeviceMappings"))):
            disk = mapping(dig(entry, "ebs"))
            on = disk.get("encrypted") is True
            key = text(disk.get("kmsKeyID")) or "the account's default key for EBS"
            yield Store(
                name=f"disks of {manifest.id}",
                encrypted=YES if on else NO,
                key=key if on else "",
                says=f"`encrypted: {str(on).lower()}`",
                manifest=manifest,
                steps=("spec", "blockDeviceMappings", index),
            )


def _resources(inventory: Inventory) -> Iterator[Store]:
    """Yield what the cloud keeps; of images and names nothing is secret."""
    for name, resource in sorted(resources_of(inventory.cluster).items()):
        if resource.PURPOSE in ("images", "names"):
            continue
        always, usual = resource.at_rest
        key = resource.encryption_key
        encrypted = YES if always or key or resource.encrypted else UNKNOWN if resource.encrypted is None else NO
        yield Store(
            name=f"{getattr(resource, 'type', 'resource')} {name}",
            encrypted=encrypted,
            key=key or (usual if encrypted is YES else NOT_KNOWN if encrypted is UNKNOWN else ""),
            says=f"`cluster.resources.{name}`"
            if key or resource.encrypted is not None
            else always or "it states nothing",
        )


def _secrets(inventory: Inventory) -> Iterator[Store]:
    """Yield what the API server keeps."""
    cluster = inventory.cluster
    if cluster is None:
        return
    always, usual = cluster.secrets_at_rest
    key = cluster.secrets_key
    yield Store(
        name="Secrets of the API server",
        encrypted=YES if key or always else UNKNOWN,
        key=key or usual or NOT_KNOWN,
        says="`cluster.secretsKey`" if key else always or "the API server's `--encryption-provider-config`",
    )
