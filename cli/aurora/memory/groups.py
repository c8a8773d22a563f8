"""Objects by component, or by file where they have none: what is remembered of them is looked up once for all.

A group's digest is that of all its objects: a verdict that is kept under it was given to exactly these.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Group:
    """Some objects in their order, and the hash of all of them."""

    manifests: tuple[Manifest, ...]
    digest: str


def groups(inventory: Inventory) -> tuple[Group, ...]:
    """Give the groups of an inventory in the order of their first objects; ask with `Inventory.once`."""
    found: dict[str, list[Manifest]] = defaultdict(list)
    for manifest in inventory.manifests:
        found[name(manifest)].append(manifest)
    return tuple(Group(tuple(each), digest(each)) for each in found.values())


def name(manifest: Manifest) -> str:
    """Say to which group an object belongs."""
    return manifest.component or manifest.source.path


def digest(manifests: Iterable[Manifest]) -> str:
    """Hash some objects in their order."""
    return hashlib.sha256(b"".join(manifest.digest for manifest in manifests)).hexdigest()
