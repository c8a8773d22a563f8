"""Rules about objects that Argo CD applies."""

from aurora.checks.gitops import objects
from aurora.model.rule import ADVICE, BROKEN, OBJECT, InventoryRule

RULES = (
    InventoryRule("gitops/unprotected", ADVICE, objects.unprotected, softens=True),
    InventoryRule("gitops/hook", BROKEN, objects.broken_hooks, scope=OBJECT),
    InventoryRule("gitops/server-field", BROKEN, objects.server_fields, softens=True),
    InventoryRule("gitops/overwritten", BROKEN, objects.overwritten, softens=True),
    InventoryRule("gitops/generated-name", BROKEN, objects.generated_names, softens=True),
    InventoryRule("gitops/rerun", BROKEN, objects.vanishing_objects, softens=True),
)
