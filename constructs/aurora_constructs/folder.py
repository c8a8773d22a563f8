"""What people write for a component whose objects come from a folder of the repository. Imports no cdk8s."""

from typing import Annotated

from pydantic import Field, StringConstraints

from aurora_constructs.spec import ComponentSpec, Namespace

Folder = Annotated[str, StringConstraints(pattern=r"^components(/[A-Za-z0-9_][A-Za-z0-9._-]*)+$", max_length=512)]
"""A folder of the repository below `components/`."""


class FolderSpec(ComponentSpec):
    """A component whose objects the compiler reads from a folder: no construct makes them."""

    folder: Folder | None = None
    """The folder; `components/<component>` by default."""
    namespace: Namespace | None = None
    """The namespace of namespaced objects that name none."""
    labelled: bool = False
    """Whether the objects get the environment's labels, beside those that they have."""
    wave: Annotated[int, Field(ge=-100, le=100)] = 0
    """Its place among the components, lower first."""

    def place(self, component: str) -> str:
        """Give the folder of a component of this name."""
        return self.folder or f"components/{component}"
