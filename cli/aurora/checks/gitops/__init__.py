"""The check `gitops`: what Argo CD makes of the manifests.

It follows each Application to the objects that it syncs: whether its project permits them, in which order
they are applied, what a deletion takes with it, and what would never be in sync. Source:
`docs/facts/gitops.md`. ApplicationSets are not expanded.
"""

from aurora.checks.check import InventoryCheck
from aurora.checks.gitops import health, late, objects, options, order, permissions, sources, ways, windows

CHECK = InventoryCheck(
    "gitops",
    (
        *sources.RULES,
        *permissions.RULES,
        *order.RULES,
        *health.RULES,
        *late.RULES,
        *options.RULES,
        *ways.RULES,
        *objects.RULES,
        *windows.RULES,
    ),
)
