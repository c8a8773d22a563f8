"""What people write for data that is copied into a shared folder. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.aws import Bucket
from aurora_constructs.cloud import ObjectStore
from aurora_constructs.components.shared_folders.spec import folder_problems
from aurora_constructs.cron import Cron
from aurora_constructs.platform import Platform
from aurora_constructs.schedules import Seconds, TimeZone
from aurora_constructs.spec import ComponentReference, ImageName, Name, NamespacedSpec, Problem, Resources

PlainPath = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_=-][A-Za-z0-9._=-]*(/[A-Za-z0-9_=-][A-Za-z0-9._=-]*)*$", max_length=512),
]
"""A path without slashes at its ends, and without parts that begin with a dot."""


class DataIngestionSpec(NamespacedSpec):
    """A dataset of a bucket, copied into a shared folder on a schedule."""

    kind: Literal["DataIngestion"] = "DataIngestion"
    source: Name
    """The entry of `cluster.resources` with the bucket."""
    path: PlainPath
    """The beginning of the keys below which the dataset lies; the bucket's own prefix comes before it."""
    folders: Annotated[str, ComponentReference(("SharedFolders",))] = "shared-files"
    """The component with the folder; it must be in the same namespace."""
    claim: Name = "datasets"
    """The folder."""
    target: PlainPath | None = None
    """The path in the folder; `path` by default."""
    identity: Name
    """The entry of `cluster.identities` that may read the bucket."""
    image: ImageName = "ingestion"
    """The image that copies: any with Python and boto3; it needs no shell."""
    resources: Resources = Resources(cpu="500m", memory="512Mi")
    """What it asks for."""
    pool: Name | None = None
    """The node pool that it runs in; any node by default."""
    schedule: Cron
    """When it looks for what is new."""
    timezone: TimeZone = "Etc/UTC"
    """The time zone of the schedule."""
    suspend: bool = False
    """Whether the schedule rests."""
    retries: Annotated[int, Field(ge=0, le=10)] = 3
    """How often a run is tried again; what is copied stays."""
    deadline_seconds: Seconds = 6 * 3600
    """The longest that a run may take."""

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find a folder, an identity or a bucket that is not there."""
        yield from folder_problems(self.folders, self.claim, self.namespace, platform)
        yield from platform.identity_problems(self.identity, "identity")
        yield from platform.pool_problems(self.pool, "pool")
        found = tuple(platform.resource_problems(self.source, ObjectStore, "source"))
        yield from found
        if not found and not isinstance(platform.resource(self.source, ObjectStore), Bucket):
            message = f"it copies from buckets of Amazon S3, and `cluster.resources.{self.source}` is none"
            yield Problem(("source",), message, "name a resource of type `bucket`", needs="cluster")
