"""Velero's locations and schedules, the class of snapshots, and the run that tries a restore."""

from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, network, recovery, services
from aurora_constructs.cloud import ObjectStore, VolumeSnapshots
from aurora_constructs.cluster.cloud_facts import CloudFacts
from aurora_constructs.component import Component
from aurora_constructs.components.backups import restore_check
from aurora_constructs.components.backups.spec import Backup, BackupsSpec
from aurora_constructs.permissions import Ground

API_VERSION = "velero.io/v1"
LEFT_OUT = ["events", "events.events.k8s.io", "secrets"]
"""Resources that no backup has: events say what was, and Secrets come from their store, not from a bucket."""
METRICS_PORT = 8085
"""Where server and node agent show their metrics (Velero 1.18, pkg/cmd/server/config, `metrics-address`)."""
CLASS_LABEL = "velero.io/csi-volumesnapshot-class"
"""Marks the class that Velero uses for a driver (Velero 1.18, page `Container Storage Interface Snapshot Support`)."""


class Backups(Component[BackupsSpec]):
    """Emits what Velero reads; Velero itself is a chart."""

    def compose(self) -> None:
        """Add locations, schedules, the class of snapshots if one is needed, and the check if one is asked for."""
        for location, resource in sorted(self.spec.locations.items()):
            self._storage_location(location, self.platform.resource(resource, ObjectStore))
        for location, resource in sorted(self.spec.snapshots.items()):
            self._snapshot_location(location, self.platform.resource(resource, VolumeSnapshots))
        if any(backup.volumes in ("snapshots", "moved") for backup in self.spec.backups.values()):
            self._snapshot_class()
        for name, backup in sorted(self.spec.backups.items()):
            for location, cron in sorted(backup.when.items()):
                self._schedule(f"{name}-{location}", backup, location, cron)
        self._flows()
        if self.spec.check:
            restore_check.add(self, self.spec.check, self._tried(self.spec.backups[self.spec.check.backup]))

    def _tried(self, backup: Backup) -> str:
        """Give the location whose backups are restored: the default one, where they are made there."""
        return self.spec.default if self.spec.default in backup.when else sorted(backup.when)[0]

    def _flows(self) -> None:
        """Open the namespace for Velero: its server and node agent make pods for each volume, with labels of their own.

        So all pods are meant but those that try a restore, which have flows of their own.
        """
        cluster, name = self.platform.cluster, f"{self.object_name}-velero"
        others = k8s.LabelSelectorRequirement(key=labels.COMPONENT, operator="NotIn", values=[labels.RESTORE_CHECK])
        k8s.KubeNetworkPolicy(
            self,
            "velero-network-policy",
            metadata=self.meta(name),
            spec=k8s.NetworkPolicySpec(
                pod_selector=k8s.LabelSelector(match_expressions=[others]),
                policy_types=["Ingress", "Egress"],
                ingress=[services.callers([self.platform.monitoring.namespace], METRICS_PORT)],
                egress=[
                    network.dns(),
                    network.api_server(self.platform.api_server_cidrs),
                    network.cloud(cluster.cloud_cidrs),
                ],
            ),
        )

    @property
    def _ground(self) -> Ground:
        cluster = self.platform.cluster
        return cluster.ground if isinstance(cluster, CloudFacts) else Ground()

    def _velero(self, kind: str, name: str, spec: dict[str, Any]) -> None:
        self.custom(
            f"{kind.lower()}-{name}",
            api_version=API_VERSION,
            kind=kind,
            name=name,
            namespace=self.namespace_name,
            body={"spec": spec},
        )

    def _storage_location(self, name: str, store: ObjectStore) -> None:
        place = store.backup_place(self._ground)
        prefix = {"prefix": place.prefix} if place.prefix else {}
        self._velero(
            "BackupStorageLocation",
            name,
            {
                "accessMode": "ReadWrite",
                "config": dict(place.config),
                "default": name == self.spec.default,
                "objectStorage": {"bucket": place.bucket, **prefix},
                "provider": place.provider,
            },
        )

    def _snapshot_location(self, name: str, snapshots: VolumeSnapshots) -> None:
        self._velero(
            "VolumeSnapshotLocation",
            name,
            {"config": snapshots.config(self._ground), "provider": snapshots.PROVIDER},
        )

    def _snapshot_class(self) -> None:
        """Delete a snapshot with its object: Velero keeps it as long as the backup (the page named above)."""
        snapshots = self.platform.resource(self.spec.snapshots[self.spec.default], VolumeSnapshots)
        self.custom(
            "snapshot-class",
            api_version="snapshot.storage.k8s.io/v1",
            kind="VolumeSnapshotClass",
            name=self.object_name,
            labels={CLASS_LABEL: "true"},
            body={"driver": snapshots.DRIVER, "deletionPolicy": "Delete"},
        )

    def _schedule(self, name: str, backup: Backup, location: str, cron: str) -> None:
        """State every switch of volumes: what is left out is decided by flags of Velero's server.

        `skipImmediately` too: the controller writes it where it is missing (1.18, schedule_controller.go).
        """
        kept = recovery.length(backup.keep)
        hours, seconds = divmod(round(kept.total_seconds()) if kept else 0, 3600)
        snapshots = backup.volumes in ("snapshots", "moved")
        # Named without snapshots too: Velero refuses a backup that has to choose between two (`snapshot-location`).
        places = {"volumeSnapshotLocations": [self.spec.default]} if self.spec.default in self.spec.snapshots else {}
        self._velero(
            "Schedule",
            name,
            {
                "schedule": cron,
                "skipImmediately": False,
                "template": {
                    "defaultVolumesToFsBackup": backup.volumes == "files",
                    "excludedResources": LEFT_OUT,
                    "includedNamespaces": sorted(backup.namespaces),
                    "snapshotMoveData": backup.volumes == "moved",
                    "snapshotVolumes": snapshots,
                    "storageLocation": location,
                    "ttl": f"{hours}h{seconds // 60}m0s",
                    **places,
                },
            },
        )
