"""Rules about bindings: the role exists, and so do the ServiceAccounts that get it."""

from aurora.cluster.references.fields import GRANTED, ROLES, of_kinds
from aurora.cluster.references.lookup import missing
from aurora.model.rule import BROKEN, InventoryRule

RULES = (
    InventoryRule("references/role", BROKEN, missing(of_kinds(*ROLES)), softens=True),
    InventoryRule("references/subject", BROKEN, missing(of_kinds(verb=GRANTED)), softens=True),
)
