"""The check `workflows`: what Argo Workflows' own validation refuses in workflows and their templates, and more.

Pods of templates are judged by the other checks, through the table of kinds.
"""

from aurora.checks.check import InventoryCheck
from aurora.checks.workflows import calls, fields, graphs, schedules, skipped, variables, versions

CHECK = InventoryCheck(
    "workflows",
    (
        *calls.RULES,
        *graphs.RULES,
        *variables.RULES,
        *skipped.RULES,
        *fields.RULES,
        *schedules.RULES,
        *versions.RULES,
    ),
)
