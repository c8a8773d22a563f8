"""Rules about what pods name: accounts, ConfigMaps, claims, priority and runtime classes."""

from collections.abc import Iterator
from functools import partial

from aurora.cluster.references.lookup import absent, exists, find, missing
from aurora.cluster.references.pods import named_by_pods, of_kind, priority_classes, reference, runtime_classes
from aurora.model.inventory import Inventory
from aurora.model.json_value import mapping
from aurora.model.rule import BROKEN, REFUSED, InventoryRule, Violation


def _config_map_keys(inventory: Inventory) -> Iterator[Violation]:
    for found in named_by_pods(inventory, "ConfigMap"):
        config = find(inventory, reference(found))
        if config is None:
            continue
        keys = {*mapping(config.get("data")), *mapping(config.get("binaryData"))}
        for key in found.keys:
            if key.name not in keys:
                yield Violation(
                    manifest=found.pod.manifest,
                    steps=key.steps,
                    message=f"ConfigMap `{found.name}` has no key `{key.name}`",
                    hint=f"it has {_listed(keys)}; without the key the container does not start",
                )


def _listed(keys: set[str]) -> str:
    return ", ".join(f"`{key}`" for key in sorted(keys)[:10]) or "no keys"


def _claims(inventory: Inventory) -> Iterator[Violation]:
    """A claim of that name in another namespace is `storage/claim-namespace`, which says why it is no use."""
    elsewhere = {manifest.id.name for manifest in inventory.of_kind("PersistentVolumeClaim", group="")}
    for wanted in of_kind(inventory, "PersistentVolumeClaim"):
        if wanted.name not in elsewhere and not exists(inventory, wanted):
            yield absent(inventory, wanted)


RULES = (
    InventoryRule(
        "references/service-account", REFUSED, missing(partial(of_kind, kind="ServiceAccount")), softens=True
    ),
    InventoryRule("references/config-map", BROKEN, missing(partial(of_kind, kind="ConfigMap")), softens=True),
    InventoryRule("references/config-map-key", BROKEN, _config_map_keys),
    InventoryRule("references/claim", BROKEN, _claims, softens=True),
    InventoryRule("references/priority-class", REFUSED, missing(priority_classes), softens=True),
    InventoryRule("references/runtime-class", REFUSED, missing(runtime_classes), softens=True),
)
