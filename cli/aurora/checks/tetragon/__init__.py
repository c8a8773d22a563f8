"""The check `tetragon`: tracing policies load, match what they seem to match, and only report unless approved.

No loader runs without a kernel: the rules restate what the loader and the programs in the kernel do. Source:
`docs/facts/tracing.md` and Tetragon 1.7.0.
"""

from aurora.checks.check import InventoryCheck
from aurora.checks.tetragon import arguments, enforcement, hook_rules, limits, matching, scope

CHECK = InventoryCheck(
    "tetragon", (*hook_rules.RULES, *arguments.RULES, *limits.RULES, *matching.RULES, *enforcement.RULES, *scope.RULES)
)
