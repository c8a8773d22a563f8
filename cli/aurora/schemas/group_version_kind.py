"""What a schema is for: an API group, a version and a kind. Data only."""

import re
from typing import NamedTuple

from aurora.model.resource import ResourceId

_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?")


class GroupVersionKind(NamedTuple):
    """Group, version and kind; the core group is the empty string."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        """Group and version as manifests write them."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def file(self) -> str:
        """The path of its schema, as kubeconform derives it from an object's apiVersion and kind."""
        return f"{self.group or self.version}/{self.kind.lower()}_{self.version}.json"

    @property
    def is_plain(self) -> bool:
        """Whether all parts are names that may stand in a path."""
        parts = (self.group or "core", self.version, self.kind)
        return all(_NAME.fullmatch(part) and ".." not in part for part in parts)

    def __str__(self) -> str:
        return f"{self.kind} ({self.api_version})"


def of(resource: ResourceId) -> GroupVersionKind:
    """Give the group, version and kind of an object."""
    return GroupVersionKind(resource.group, resource.version, resource.kind)
