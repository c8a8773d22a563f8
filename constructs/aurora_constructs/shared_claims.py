"""Claims of storage that pods of many nodes share: their class, and that nobody deletes them by mistake."""

from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, pods
from aurora_constructs.component import Component
from aurora_constructs.cost_tags import joined
from aurora_constructs.recovery import Recovery
from aurora_constructs.storage import AzureFiles, CephFs, Efs

KEEP = "Prune=false,Delete=false"
"""Argo CD never deletes the claim: with it the data would go."""

Owner = Component[Any]


def storage_class(owner: Owner, name: str, storage: CephFs | Efs | AzureFiles | None) -> None:
    """Add the class; it keeps volumes when claims go, and binds at once: no pod decides where a shared volume is.

    Raises:
        ValueError: nothing says where the volumes come from.
    """
    if storage is None:
        raise ValueError("neither the cluster nor the component states shared storage")
    found, tags = storage.storage_class(), owner.platform.cluster.cost_tags
    k8s.KubeStorageClass(
        owner,
        "storage-class",
        metadata=owner.cluster_meta(name),
        provisioner=found.provisioner,
        parameters={**found.parameters, **({found.tags: joined(tags)} if found.tags and tags else {})},
        mount_options=list(found.mount_options) or None,
        reclaim_policy="Retain",
        allow_volume_expansion=found.expandable,
        volume_binding_mode="Immediate",
    )


def claim(
    owner: Owner,
    id: str,  # noqa: A002 - cdk8s' name
    *,
    name: str,
    storage_class: str,
    size: str,
    recovery: Recovery | None = None,
) -> None:
    """Add a claim that many nodes mount, and that Argo CD keeps; what is promised of its content is an annotation."""
    promised = recovery.annotations(owner.platform.names) if recovery else {}
    k8s.KubePersistentVolumeClaim(
        owner,
        id,
        metadata=owner.meta(name, annotations={labels.SYNC_OPTIONS: KEEP, **promised}),
        spec=k8s.PersistentVolumeClaimSpec(
            access_modes=["ReadWriteMany"],
            resources=k8s.VolumeResourceRequirements(requests=pods.quantities({"storage": size})),
            storage_class_name=storage_class,
            volume_mode="Filesystem",
        ),
    )
