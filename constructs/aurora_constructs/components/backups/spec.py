"""What people write for backups. Imports no cdk8s."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from aurora_constructs import recovery
from aurora_constructs.cloud import ObjectStore, VolumeSnapshots
from aurora_constructs.cluster import UnavailableError
from aurora_constructs.cluster.cloud_facts import CloudFacts
from aurora_constructs.cron import Cron, longest_gap
from aurora_constructs.platform import Platform
from aurora_constructs.recovery import Span
from aurora_constructs.schedules import TimeZone
from aurora_constructs.spec import ImageName, Name, Namespace, NamespacedSpec, Problem, Resources, Spec
from aurora_constructs.spelling import nearest

Volumes = Literal["none", "snapshots", "moved", "files"]
"""What becomes of volumes: nothing, snapshots in the region, snapshots moved into the location, or their files."""


class Backup(Spec):
    """What is backed up together, where to and when."""

    namespaces: Annotated[list[Namespace], Field(min_length=1, max_length=32)]
    """The namespaces whose objects are backed up; Secrets are not."""
    volumes: Volumes = "none"
    """What becomes of the volumes that the namespaces' pods mount."""
    keep: Span
    """How long each backup is kept."""
    when: Annotated[dict[Name, Cron], Field(min_length=1, max_length=4)]
    """By location, when a backup is made there; in the time zone of Velero's own pod, which is UTC."""

    @model_validator(mode="after")
    def _one_is_always_there(self) -> Backup:
        kept = recovery.length(self.keep) or datetime.timedelta()
        for location, cron in self.when.items():
            gap = longest_gap(cron)
            if gap and kept <= gap:
                raise ValueError(
                    f"keep {self.keep} is no longer than the time between two backups in `{location}`, "
                    f"{recovery.words(gap)}: the last one is gone before the next one is there"
                )
        return self


class RestoreCheck(Spec):
    """A run that restores the newest backup of a namespace's objects elsewhere and compares."""

    backup: Name
    """The entry of `backups`; those of the default location are tried, where they are made there."""
    namespace: Namespace
    """The namespace whose objects are restored."""
    scratch: Namespace
    """The namespace that they are restored into; nothing else may be in it, and no pod may run there."""
    when: Cron
    """When it runs."""
    timezone: TimeZone = "Etc/UTC"
    """The time zone of its schedule."""
    image: ImageName = "trainer"
    """The image that runs it: any with Python; it needs no shell."""
    resources: Resources = Resources(cpu="50m", memory="128Mi")
    """What it asks for."""


class BackupsSpec(NamespacedSpec):
    """Where Velero keeps backups, what it backs up and when, and the run that tries a restore."""

    kind: Literal["Backups"] = "Backups"
    locations: Annotated[dict[Name, Name], Field(min_length=1, max_length=4)]
    """By the name of a location, the entry of `cluster.resources` with its bucket or container."""
    default: Name
    """The location of backups that somebody makes by hand."""
    snapshots: Annotated[dict[Name, Name], Field(max_length=4)] = {}
    """By the name of a location, the entry of `cluster.resources` with the snapshots of disks in its region."""
    backups: Annotated[dict[Name, Backup], Field(min_length=1, max_length=16)]
    """What is backed up."""
    check: RestoreCheck | None = None
    """The run that tries a restore; a rule asks for one."""

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find locations that the cloud does not have, that are all in one region, or that nobody states."""
        for location, resource in sorted(self.locations.items()):
            yield from platform.resource_problems(resource, ObjectStore, "locations", location)
        for location, resource in sorted(self.snapshots.items()):
            yield from platform.resource_problems(resource, VolumeSnapshots, "snapshots", location)
            yield from self._unknown(location, "snapshots", location)
        yield from self._unknown(self.default, "default")
        for backup, body in sorted(self.backups.items()):
            for location in sorted(body.when):
                yield from self._unknown(location, "backups", backup, "when", location)
            if body.volumes in ("snapshots", "moved") and self.default not in self.snapshots:
                hint = f"state `snapshots: {{{self.default}: NAME}}`, an entry of `cluster.resources`"
                yield Problem(("backups", backup, "volumes"), "nothing says where snapshots of disks are kept", hint)
        yield from self._one_region(platform)
        if self.check and self.check.backup not in self.backups:
            yield Problem(("check", "backup"), f"there is no backup `{self.check.backup}`", self._known(self.check))
        if self.check and self.check.namespace == self.check.scratch:
            hint = "name a namespace of its own, without anything in it"
            yield Problem(("check", "scratch"), "a restore into its own namespace would change nothing there", hint)

    def _known(self, check: RestoreCheck) -> str:
        return nearest(check.backup, self.backups)

    def _unknown(self, location: str, *steps: str) -> Iterator[Problem]:
        if location not in self.locations:
            yield Problem(steps, f"there is no location `{location}`", nearest(location, self.locations))

    def _one_region(self, platform: Platform) -> Iterator[Problem]:
        """Find a copy in the region of what it is a copy of: one loss takes both."""
        regions = [region for _, region in sorted(self.regions(platform).items())]
        if len(regions) > 1 and len(set(regions)) == 1 and regions[0]:
            message = f"all locations are in the region `{regions[0]}`: its loss takes every backup"
            yield Problem(("locations",), message, "let one of them be a bucket of another region", needs="cluster")

    def regions(self, platform: Platform) -> dict[str, str]:
        """Give the regions of the locations, as far as they are known."""
        cluster = platform.cluster
        found: dict[str, str] = {}
        for location, resource in self.locations.items():
            try:
                store = platform.resource(resource, ObjectStore)
            except UnavailableError:
                continue
            found[location] = cluster.region_of(store) if isinstance(cluster, CloudFacts) else ""
        return found
