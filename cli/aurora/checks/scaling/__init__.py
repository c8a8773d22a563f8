"""The check `scaling`: replicas, autoscalers, budgets, limits and quotas fit together.

Its rules are those of `docs/facts/scaling.md` and `docs/facts/workloads.md`, and of the statements in
`docs/guarantees.md`.
"""

from aurora.checks.check import InventoryCheck
from aurora.checks.scaling import (
    disruption,
    gpu_memory,
    lifetimes,
    limits,
    quota,
    scalers,
    serving,
    sleeping,
    updates,
    vertical,
)

CHECK = InventoryCheck(
    "scaling",
    (
        *scalers.RULES,
        *disruption.RULES,
        *serving.RULES,
        *sleeping.RULES,
        *lifetimes.RULES,
        *limits.RULES,
        *quota.RULES,
        *updates.RULES,
        *gpu_memory.RULES,
        *vertical.RULES,
    ),
)
