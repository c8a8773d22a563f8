"""What people write to bring a Kustomize overlay. Imports no cdk8s."""

from typing import Literal

from aurora_constructs.folder import FolderSpec


class KustomizationSpec(FolderSpec):
    """The objects that Kustomize builds from the kustomization file of a folder."""

    kind: Literal["Kustomization"] = "Kustomization"
