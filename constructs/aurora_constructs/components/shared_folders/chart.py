"""A StorageClass of shared storage, and its claims."""

from aurora_constructs import shared_claims
from aurora_constructs.component import Component
from aurora_constructs.components.shared_folders.spec import SharedFoldersSpec


class SharedFolders(Component[SharedFoldersSpec]):
    """Emits the class and a claim for each folder."""

    def compose(self) -> None:
        """Add the objects."""
        found = self.spec.storage_class or self.object_name
        shared_claims.storage_class(self, found, self.spec.storage(self.platform))
        for name, folder in sorted(self.spec.folders.items()):
            shared_claims.claim(
                self, f"{name}-claim", name=name, storage_class=found, size=folder.size, recovery=folder.recovery
            )
