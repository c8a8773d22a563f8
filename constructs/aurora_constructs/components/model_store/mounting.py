"""How pods mount the model store: one volume, one mount, both read-only unless the pod is a writer.

A writer's says nothing: `false` is the default, and not kept by the API server.
"""

from __future__ import annotations

from cdk8s_plus_35 import k8s

from aurora_constructs.components.model_store.spec import MOUNT_PATH, ModelStoreSpec

VOLUME = "models"


def volume(store: ModelStoreSpec, *, read_only: bool) -> k8s.Volume:
    """Give the volume; a read-only one cannot be mounted for writing by any container of the pod."""
    source = k8s.PersistentVolumeClaimVolumeSource(claim_name=store.claim, read_only=read_only or None)
    return k8s.Volume(name=VOLUME, persistent_volume_claim=source)


def mount(*, read_only: bool) -> k8s.VolumeMount:
    """Give the mount at the path that every pod uses."""
    return k8s.VolumeMount(name=VOLUME, mount_path=MOUNT_PATH, read_only=read_only or None)
