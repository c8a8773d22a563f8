"""What people write for any component that has a volume which pods of many nodes share. Imports no cdk8s."""

from collections.abc import Iterator

from aurora_constructs.platform import Platform
from aurora_constructs.spec import NamespacedSpec, Problem
from aurora_constructs.storage import AzureFiles, CephFs, Efs, SharedStorage


class SharedStorageSpec(NamespacedSpec):
    """A component with volumes of shared storage."""

    volume: SharedStorage | None = None
    """Where the volume comes from; the cluster's shared storage when left out."""

    def storage(self, platform: Platform) -> CephFs | Efs | AzureFiles | None:
        """Give where the volume comes from."""
        return self.volume or platform.cluster.shared_storage

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find that nothing says where the volume comes from."""
        if self.storage(platform) is None:
            hint = "state the cluster's shared storage under `cluster.storage.shared`, or its own under `volume`"
            message = "has no shared storage: neither the cluster nor the component states any"
            yield Problem((), message, hint, needs="cluster")
