"""Rules about what controllers are pointed at: scaled workloads, storage classes, stores, issuers, projects."""

from aurora.cluster.references.classes import storage_classes
from aurora.cluster.references.fields import ISSUERS, PROJECT, SCALED, STORES, of_kinds, others
from aurora.cluster.references.lookup import missing
from aurora.model.rule import BROKEN, REFUSED, InventoryRule

RULES = (
    InventoryRule("references/scale-target", BROKEN, missing(of_kinds(verb=SCALED)), softens=True),
    InventoryRule("references/storage-class", BROKEN, missing(storage_classes), softens=True),
    InventoryRule("references/secret-store", BROKEN, missing(of_kinds(*STORES)), softens=True),
    InventoryRule("references/issuer", BROKEN, missing(of_kinds(*ISSUERS)), softens=True),
    InventoryRule("references/project", REFUSED, missing(of_kinds(PROJECT)), softens=True),
    InventoryRule("references/object", BROKEN, missing(others), softens=True),
)
