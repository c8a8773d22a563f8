"""How pods mount the model store: one volume, one mount, both read-only unless the pod is a writer."""

from cdk8s_plus_35 import k8s

from aurora_constructs import pods
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_contract.store import MOUNT_PATH

VOLUME = "models"


def volume(store: ModelStoreSpec, *, read_only: bool, name: str = VOLUME) -> k8s.Volume:
    """Give the volume."""
    return pods.claim_volume(name, store.claim, read_only=read_only)


def mount(*, read_only: bool) -> k8s.VolumeMount:
    """Give the mount at the path that every pod uses."""
    return pods.volume_mount(VOLUME, MOUNT_PATH, read_only=read_only)
