"""Rules about bindings: the role exists, and so do the ServiceAccounts that get it."""

from collections.abc import Iterator

from aurora.cluster.references.fields import GRANTED, ROLES, needed, of_kinds
from aurora.cluster.references.lookup import absent, exists, missing
from aurora.cluster.surroundings import SYSTEM_NAMESPACE
from aurora.model.inventory import Inventory
from aurora.model.rule import BROKEN, InventoryRule, Violation


def _subjects(inventory: Inventory) -> Iterator[Violation]:
    """Find subjects that are not there; one without a namespace goes where whoever applies it says."""
    for wanted in needed(inventory, verb=GRANTED):
        placed_later = inventory.find(wanted.kind, wanted.name, group=wanted.group)
        if wanted.namespace != SYSTEM_NAMESPACE and not placed_later and not exists(inventory, wanted):
            yield absent(inventory, wanted)


RULES = (
    InventoryRule("references/role", BROKEN, missing(of_kinds(*ROLES)), softens=True),
    InventoryRule("references/subject", BROKEN, _subjects, softens=True),
)
