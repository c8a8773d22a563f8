"""What people write to bring a folder of manifests. Imports no cdk8s."""

from typing import Literal

from aurora_constructs.folder import FolderSpec


class ManifestsSpec(FolderSpec):
    """The objects in the YAML and JSON files of a folder, and of the folders in it."""

    kind: Literal["Manifests"] = "Manifests"
