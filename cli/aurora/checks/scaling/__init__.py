"""The check `scaling`: replicas, autoscalers, budgets, limits and quotas fit together.

Its rules are those of `reference/domain.md`, sections 3, 5, 11 and 12, and of the chaos report
(docs/guarantees.md).
"""

from __future__ import annotations

from aurora.checks.check import InventoryCheck
from aurora.checks.scaling import disruption, lifetimes, limits, quota, scalers, serving

CHECK = InventoryCheck(
    "scaling",
    (*scalers.RULES, *disruption.RULES, *serving.RULES, *lifetimes.RULES, *limits.RULES, *quota.RULES),
)
