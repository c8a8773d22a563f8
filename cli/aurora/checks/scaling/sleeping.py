"""Rules about workloads that sleep on a schedule: they exist, wake within bounds, and nobody else wakes them.

Sources: Kubernetes 1.35, pkg/controller/podautoscaler/horizontal.go (an autoscaler rests at zero replicas); KEDA 2.20,
pkg/scaling/executor/scale_scaledobjects.go (it scales from zero by itself).
"""

from __future__ import annotations

from collections.abc import Iterator

from aurora.cluster import workloads
from aurora.cluster.sleepers import sleepers
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.rule import BROKEN, InventoryRule, Violation
from aurora_constructs.sleeping import SCALES


def _violation(inventory: Inventory, manifest: Manifest, message: str, hint: str) -> Violation:
    steps = ("metadata", "annotations", inventory.names.key(SCALES))
    return Violation(manifest=manifest, steps=steps, message=message, hint=hint)


def _missing(inventory: Inventory) -> Iterator[Violation]:
    for manifest, name, _ in sleepers(inventory):
        if not inventory.exists("Deployment", name, group="apps", namespace=manifest.id.namespace):
            message = f"there is no Deployment `{name}` in its namespace: every run fails"
            yield _violation(inventory, manifest, message, "name Deployments of the same namespace")


def _out_of_bounds(inventory: Inventory) -> Iterator[Violation]:
    for manifest, name, count in sleepers(inventory):
        for scaler in _scalers(inventory, manifest, name):
            bounds = workloads.scaler_bounds(scaler)
            if scaler.id.kind != "ScaledObject" and bounds and not bounds.least <= count <= bounds.most:
                message = f"`{name}` wakes with {count} pods, and {scaler.id} keeps {bounds.least} to {bounds.most}"
                yield _violation(inventory, manifest, message, "wake it with a number within these bounds")


def _fought(inventory: Inventory) -> Iterator[Violation]:
    for manifest, name, _ in sleepers(inventory):
        for scaler in _scalers(inventory, manifest, name):
            if scaler.id.kind == "ScaledObject":
                message = f"{scaler.id} wakes `{name}` whenever there is work, and undoes what this does"
                yield _violation(inventory, manifest, message, "leave it out: KEDA takes it to zero by itself")


def _scalers(inventory: Inventory, manifest: Manifest, name: str) -> Iterator[Manifest]:
    target = (manifest.id.namespace or "default", "Deployment", name)
    return (scaler for found, scalers in workloads.index(inventory).scaled() if found == target for scaler in scalers)


RULES = (
    InventoryRule("scaling/sleeps-nothing", BROKEN, _missing, softens=True),
    InventoryRule("scaling/wakes-out-of-bounds", BROKEN, _out_of_bounds),
    InventoryRule("scaling/sleep-fights", BROKEN, _fought),
)
