"""Deployments that a schedule scales to zero and back. Finds facts; never judges them."""

from __future__ import annotations

from collections.abc import Iterator

from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora_constructs.sleeping import SCALES, scaled


def sleepers(inventory: Inventory) -> Iterator[tuple[Manifest, str, int]]:
    """Yield CronJobs with each Deployment that they scale, and the number of pods that it wakes with."""
    key = inventory.names.key(SCALES)
    for manifest in inventory.of_kind("CronJob", group="batch"):
        for name, count in scaled(manifest.annotations.get(key, "")):
            yield manifest, name, count
