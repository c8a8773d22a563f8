"""What people write for the model store. Imports no cdk8s."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from aurora_constructs.spec import ImageName, Name, Namespace, NamespacedSpec, Quantity, Resources, Spec
from aurora_contract.store import REGISTRY


def _no_model_is_the_registry(models: list[str]) -> list[str]:
    if REGISTRY in models:
        raise ValueError(f"`{REGISTRY}` is the registry's own folder: a model needs another name")
    twice = sorted({model for model in models if models.count(model) > 1})
    if twice:
        raise ValueError(f"{', '.join(f'`{model}`' for model in twice)} is listed twice")
    return models


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


class ModelStoreSpec(NamespacedSpec):
    """One volume for all models of a namespace, written by the trainer, read by everything else."""

    kind: Literal["ModelStore"] = "ModelStore"
    claim: Name = "aurora-model-pvc"
    """Name of the PersistentVolumeClaim."""
    storage_class: Name = "aurora-models"
    """Name of the StorageClass."""
    size: Quantity
    """Size of the volume; it may grow, never shrink."""
    volume: CephFs
    """Where the volume comes from."""
    models: Annotated[list[Name], Field(min_length=1, max_length=200), AfterValidator(_no_model_is_the_registry)]
    """The models that have a folder."""
    image: ImageName = "trainer"
    """The image that lays out the folders: any with Python; it needs no shell."""
    resources: Resources = Resources(cpu="50m", memory="64Mi")
    """What the layout Job asks for."""
