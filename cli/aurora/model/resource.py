"""What an object is called in a cluster."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class ResourceId:
    """apiVersion, kind, namespace and name of one object; `namespace` is None for cluster-scoped kinds."""

    api_version: str
    kind: str
    namespace: str | None
    name: str
    group: str = field(init=False, repr=False, compare=False)
    """The API group; the core group is the empty string."""

    def __post_init__(self) -> None:
        """Take the group out once: rules ask each object hundreds of times."""
        object.__setattr__(self, "group", self.api_version.rpartition("/")[0])

    @property
    def version(self) -> str:
        """The API version without its group."""
        return self.api_version.rpartition("/")[2]

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What the cluster tells objects apart by: the version is only a way of looking at one."""
        return (self.group, self.kind, self.namespace or "", self.name)

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {where}{self.name}"
