"""What Velero's schedules back up, how often, and what is promised of objects. Must not judge.

Sources: Velero 1.18, pkg/controller/backup_controller.go and schedule_controller.go; its page on file system backup.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from aurora.cluster.claims import claim_objects, consumers
from aurora.model import selectors
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora_constructs import cron, recovery

GROUP = "velero.io"
CLAIM = "PersistentVolumeClaim"
NO_SNAPSHOTS = {"efs.csi.aws.com": "its driver makes no snapshots"}
"""Drivers of shared storage without snapshots (aws-efs-csi-driver, README, features)."""
_LASTING = frozenset({"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet", "InferenceService"})


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule of Velero."""

    manifest: Manifest

    @property
    def name(self) -> str:
        """Its name."""
        return self.manifest.id.name

    @property
    def template(self) -> JsonObject:
        """What each of its backups is told."""
        return mapping(self.manifest.get("spec", "template"))

    @property
    def gap(self) -> datetime.timedelta | None:
        """The longest time between two backups; None where it makes none, or says so in words that are unreadable."""
        written = text(self.manifest.get("spec", "schedule"))
        _, zone, rest = written.partition("TZ=")
        fields = rest.partition(" ")[2].strip() if zone else written
        if self.manifest.get("spec", "paused") is True or cron.wrong(fields):
            return None
        return cron.longest_gap(fields)

    def takes(self, namespace: str) -> bool:
        """Tell whether it takes the objects of a namespace."""
        included = [text(each) for each in items(self.template.get("includedNamespaces"))] or ["*"]
        excluded = [text(each) for each in items(self.template.get("excludedNamespaces"))]
        return _listed(namespace, included) and not _listed(namespace, excluded)

    def takes_claims(self) -> bool:
        """Tell whether claims are among the resources that it takes."""
        names = ("persistentvolumeclaims", "persistentvolumeclaim", "pvc")
        left_out = _texts(self.template, "excludedResources", "excludedNamespaceScopedResources")
        only = _texts(self.template, "includedResources", "includedNamespaceScopedResources")
        return not left_out & {*names, "*"} and (not only or bool(only & {*names, "*"}))

    def selects(self, manifest: Manifest) -> bool:
        """Tell whether its selector, where it has one, takes an object."""
        wanted = self.template.get("labelSelector")
        several = items(self.template.get("orLabelSelectors"))
        wishes = [*([wanted] if wanted else []), *several]
        return not wishes or any(selectors.matches(wish, manifest.labels) for wish in wishes)

    @property
    def copies_files(self) -> bool:
        """Whether it copies the files of volumes."""
        return self.template.get("defaultVolumesToFsBackup") is True

    @property
    def makes_snapshots(self) -> bool:
        """Whether it makes snapshots of volumes: it does unless it says no."""
        return self.template.get("snapshotVolumes") is not False and not self.copies_files


@dataclass(frozen=True, slots=True)
class Objective:
    """What is promised of an object: a recovery point, a recovery time, as they are written."""

    manifest: Manifest
    rpo: str
    rto: str

    @property
    def namespace(self) -> str:
        """The namespace that is meant: its own, or the object itself."""
        return self.manifest.id.namespace or self.manifest.id.name


def schedules(inventory: Inventory) -> tuple[Schedule, ...]:
    """Give the schedules of Velero."""
    return tuple(Schedule(manifest) for manifest in inventory.of_kind("Schedule", group=GROUP))


def objectives(inventory: Inventory) -> Iterator[Objective]:
    """Yield what is promised, by the annotations of objects."""
    point, time = (inventory.names.key(name) for name in (recovery.RPO, recovery.RTO))
    for manifest in inventory.manifests:
        stated = manifest.annotations
        if point in stated or time in stated:
            yield Objective(manifest, stated.get(point, ""), stated.get(time, ""))


def uncovered(inventory: Inventory, objective: Objective, schedule: Schedule) -> str | None:
    """Say why a schedule does not back up an object; None where it does."""
    if schedule.gap is None:
        return f"`{schedule.name}` makes no backups"
    if not schedule.takes(objective.namespace):
        return f"`{schedule.name}` does not take its namespace"
    if not schedule.selects(objective.manifest) and objective.manifest.id.kind != "Namespace":
        return f"the selector of `{schedule.name}` does not take it"
    if objective.manifest.id.kind != CLAIM:
        return None
    return _without_volume(inventory, objective.manifest, schedule)


def _without_volume(inventory: Inventory, claim: Manifest, schedule: Schedule) -> str | None:
    if not schedule.takes_claims():
        return f"`{schedule.name}` takes no claims"
    if schedule.copies_files:
        return None if _mounted(inventory, claim) else f"`{schedule.name}` copies files, and no lasting pod mounts it"
    if not schedule.makes_snapshots:
        return f"`{schedule.name}` takes no content of volumes"
    found = claim_objects(inventory).get((claim.id.namespace or "default", claim.id.name))
    storage = inventory.find("StorageClass", found.class_name if found else "", group="storage.k8s.io")
    reason = NO_SNAPSHOTS.get(text(storage.get("provisioner"))) if storage else None
    return f"`{schedule.name}` makes snapshots, and {reason}" if reason else None


def _mounted(inventory: Inventory, claim: Manifest) -> bool:
    """Tell whether a pod that goes on running mounts a claim: files are read from the node that it runs on."""
    return any(
        user.claim == claim.id.name
        and user.pod.namespace == (claim.id.namespace or "default")
        and user.pod.manifest.id.kind in _LASTING
        for user in consumers(inventory)
    )


def _listed(namespace: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(namespace, pattern) for pattern in patterns)


def _texts(template: JsonObject, *fields: str) -> set[str]:
    return {text(entry).partition(".")[0] for field in fields for entry in items(dig(template, field))}
