"""What people write for shared folders. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from aurora_constructs.platform import Platform
from aurora_constructs.recovery import Recovery
from aurora_constructs.shared_storage import SharedStorageSpec
from aurora_constructs.spec import Name, Problem, Quantity, Spec
from aurora_constructs.spelling import nearest


class Folder(Spec):
    """One folder, a claim of its own."""

    size: Quantity
    """Size of the volume; it may grow, never shrink. Storage that never fills up, such as EFS, does not hold to it."""
    recovery: Recovery | None = None
    """What is promised for the day on which its content is lost; nothing when left out."""


class SharedFoldersSpec(SharedStorageSpec):
    """Claims that pods of many nodes mount at once, such as datasets and checkpoints."""

    kind: Literal["SharedFolders"] = "SharedFolders"
    storage_class: Name | None = None
    """Name of the StorageClass; that of the component's objects by default."""
    folders: Annotated[dict[Name, Folder], Field(min_length=1, max_length=32)]
    """The claims by name."""


def folder_problems(folders: str, claim: str, namespace: str, platform: Platform) -> Iterator[Problem]:
    """Find that a component's shared folders have no such claim, or are in another namespace."""
    found = platform.find(folders, SharedFoldersSpec)
    if found is None:
        return
    if claim not in found.folders:
        message = f"`{folders}` has no folder `{claim}`: {nearest(claim, found.folders)}"
        yield Problem(("claim",), message, "name one of its `folders`", needs="components")
    if found.namespace != namespace:
        message = f"`{folders}` is in namespace `{found.namespace}`, not `{namespace}`"
        hint = "a pod can only use claims of its own namespace: name shared folders there"
        yield Problem(("folders",), message, hint, needs="components")
