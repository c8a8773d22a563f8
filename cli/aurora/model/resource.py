"""What an object is called in a cluster."""

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True, order=True)
class ResourceId:
    """apiVersion, kind, namespace and name of one object; `namespace` is None for cluster-scoped kinds."""

    api_version: str
    kind: str
    namespace: str | None
    name: str

    @property
    def group(self) -> str:
        """The API group; the core group is the empty string."""
        return _group_and_version(self.api_version)[0]

    @property
    def version(self) -> str:
        """The API version without its group."""
        return _group_and_version(self.api_version)[1]

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What the cluster tells objects apart by: the version is only a way of looking at one."""
        return (self.group, self.kind, self.namespace or "", self.name)

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {where}{self.name}"


@lru_cache(maxsize=1024)
def _group_and_version(api_version: str) -> tuple[str, str]:
    group, _, version = api_version.rpartition("/")
    return group, version
