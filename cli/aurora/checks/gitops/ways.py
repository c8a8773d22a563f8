"""Rules about how objects are written: what only a client-side apply, or only a server-side one, cannot do.

Where nothing says which of both it will be, a breach is a warning that names the way. Sources: kubectl 0.35
(`GetModifiedConfiguration`, `ApplyOptions.Validate`), apimachinery 0.35 (`ValidateAnnotationsSize`, `strategicpatch`,
`structuredMergeManager.Apply`), the merge keys of k8s.io/api 0.35, and Argo CD 3.5.1, gitops engine (`applyObject`).
"""

import json
from collections.abc import Iterator

from aurora.cluster.sync_order import is_applied
from aurora.cluster.sync_ways import Way, way
from aurora.kinds.table import is_builtin_group
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import BROKEN, REFUSED, InventoryRule, Violation

Steps = tuple[Step, ...]

LIMIT = 256 * 1024
"""Bytes of all annotations of an object, keys and values."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
CLIENT = "where it is applied by the client, as `kubectl apply` and Argo CD do by default"
SERVER = "where it is applied by the server"
SERVER_OPTION = "ServerSideApply=true"


def _long_annotations(inventory: Inventory) -> Iterator[Violation]:
    for manifest in inventory.manifests:
        # Only what YAML refers to more than once can become more than six times as long.
        if (len(manifest.text) * 6 < LIMIT and "*" not in manifest.text) or not is_applied(manifest):
            continue
        size, how = _annotations(manifest), way(inventory, manifest)
        if size > LIMIT and how.by_client:
            yield Violation(
                manifest=manifest,
                message=f"{_when(how, CLIENT)}its annotations would have {size} bytes, {LIMIT} are allowed: "
                f"the whole manifest is written into `{LAST_APPLIED}`",
                hint=f"set the sync option `{SERVER_OPTION}`, split the object, or set `Replace=true`",
                unsure=how.server_side is None,
            )


def _annotations(manifest: Manifest) -> int:
    """Count as the server does; Go's JSON writes three characters as six bytes each."""
    stated = {key: value for key, value in manifest.annotations.items() if key != LAST_APPLIED}
    metadata = {**mapping(manifest.get("metadata")), "annotations": stated}
    written = json.dumps({**manifest.body, "metadata": metadata}, separators=(",", ":"), ensure_ascii=False)
    words = [f"{written}\n", LAST_APPLIED, *stated, *stated.values()]
    return sum(len(word.encode("utf-8", "replace")) for word in words) + 5 * sum(written.count(sign) for sign in "<>&")


def _lost_entries(inventory: Inventory) -> Iterator[Violation]:
    """Find two items that a client takes for one; a custom kind's lists are replaced as wholes."""
    for manifest, steps, key, more in _merged_lists(inventory):
        seen: set[str] = set()
        for index, entry in enumerate(items(manifest.get(*steps))):
            value = json.dumps(dig(entry, key))
            how = way(inventory, manifest) if value in seen and is_applied(manifest) else None
            if how and how.by_client:
                yield Violation(
                    manifest=manifest,
                    steps=(*steps, index),
                    message=f"{_when(how, CLIENT)}a later change loses one of the items with `{key}` {value}: "
                    f"the client tells them apart by `{key}` alone, the server also by `{more}`",
                    hint=f"set the sync option `{SERVER_OPTION}`, or give each item a `{key}` of its own",
                )
            seen.add(value)


def _merged_lists(inventory: Inventory) -> Iterator[tuple[Manifest, Steps, str, str]]:
    """Yield the lists that a client merges by one key and the server by two (`patchMergeKey`, `listMapKey`)."""
    for service in inventory.of_kind("Service", group=""):
        yield service, ("spec", "ports"), "port", "protocol"
    for pod in inventory.pods():
        if is_builtin_group(pod.manifest.id.group):
            yield pod.manifest, pod.at("topologySpreadConstraints"), "topologyKey", "whenUnsatisfiable"
            for container in pod.containers:
                yield pod.manifest, (*container.steps, "ports"), "containerPort", "protocol"


def _managed_fields(inventory: Inventory) -> Iterator[Violation]:
    for manifest in inventory.manifests:
        steps = ("metadata", "managedFields")
        how = way(inventory, manifest) if items(manifest.get(*steps)) else None
        if how and how.by_server:
            yield Violation(
                manifest=manifest,
                steps=steps,
                message=f"{_when(how, SERVER)}the server refuses it: `metadata.managedFields must be nil`",
                hint="remove the field",
                unsure=how.server_side is None,
            )


def _forced(inventory: Inventory) -> Iterator[Violation]:
    for manifest in inventory.manifests:
        how = way(inventory, manifest)
        if how.forces and how.server_side and not how.replaces and is_applied(manifest):
            yield Violation(
                manifest=manifest,
                message="every sync of the object fails: `Force=true` cannot be used with `ServerSideApply=true`",
                hint="remove one of both options, or set `Replace=true`",
            )


def _when(how: Way, condition: str) -> str:
    """Begin the sentence with the way, where nobody says that it is this one."""
    return "" if how.server_side is not None else f"{condition}, "


RULES = (
    InventoryRule("gitops/annotation-too-long", REFUSED, _long_annotations),
    InventoryRule("gitops/merge-key", BROKEN, _lost_entries, severity=Severity.WARNING),
    InventoryRule("gitops/managed-fields", REFUSED, _managed_fields),
    InventoryRule("gitops/forced-server-side", REFUSED, _forced),
)
