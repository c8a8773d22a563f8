"""What may change the pods of an object before a ValidatingAdmissionPolicy sees them: mutating admission comes first.

What LimitRanges add, the program knows. Source: Kubernetes 1.35, the order of plugins in
pkg/kubeapiserver/options/plugins.go. Never judges.
"""

from collections.abc import Iterator

from aurora.kinds.paths import follow
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest

OF_PODS = "of its pods: "
"""How the program begins what it says of pods that a controller makes."""
_MUTATING = {
    "MutatingAdmissionPolicy": ("spec", "matchConstraints", "resourceRules", "*", "resources", "*"),
    "MutatingPolicy": ("spec", "matchConstraints", "resourceRules", "*", "resources", "*"),
    "MutatingWebhookConfiguration": ("webhooks", "*", "rules", "*", "resources", "*"),
}


def doubt(inventory: Inventory, message: str) -> str:
    """Begin a sentence about pods that something changes before; empty where nothing does."""
    changing = next(_changing(inventory), None) if message.startswith(OF_PODS) else None
    return f"unless {changing.id} changes them before, " if changing else ""


def _changing(inventory: Inventory) -> Iterator[Manifest]:
    for kind, path in _MUTATING.items():
        for each in inventory.of_kind(kind):
            if any(value in {"pods", "pods/*", "*", "*/*"} for _, value in follow(each.body, path)):
                yield each
