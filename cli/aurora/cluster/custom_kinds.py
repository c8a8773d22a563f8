"""The kinds that an inventory's CustomResourceDefinitions define, and where objects of a kind live. Judges nothing."""

from dataclasses import dataclass

from aurora.kinds.table import builtin_scope
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.manifest import Manifest

CRD_GROUP = "apiextensions.k8s.io"


@dataclass(frozen=True, slots=True)
class CustomKind:
    """A kind that a CustomResourceDefinition of the inventory defines."""

    scope: str
    versions: frozenset[str]


def custom_kinds(inventory: Inventory) -> dict[tuple[str, str], CustomKind]:
    """Give the kinds that the inventory defines, by group and kind, with the versions that are served."""
    found: dict[tuple[str, str], CustomKind] = {}
    for manifest in inventory.of_kind("CustomResourceDefinition", group=CRD_GROUP):
        spec = manifest.get("spec")
        served = frozenset(
            text(dig(version, "name")) for version in items(dig(spec, "versions")) if dig(version, "served") is True
        )
        key = text(dig(spec, "group")), text(dig(spec, "names", "kind"))
        found[key] = CustomKind(text(dig(spec, "scope")), served)
    return found


def scope(manifest: Manifest, kinds: dict[tuple[str, str], CustomKind]) -> str | None:
    """Give the scope of an object's kind; None where nothing here tells."""
    known = kinds.get((manifest.id.group, manifest.id.kind))
    return known.scope if known else builtin_scope(manifest.id.group, manifest.id.kind)
