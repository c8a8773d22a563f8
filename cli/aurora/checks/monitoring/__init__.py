"""The check `monitoring`: what is scraped exists, what is alerted on can be true, what is shown can be read.

Its rules are those of `docs/facts/monitoring.md`.
"""

from aurora.checks.check import InventoryCheck
from aurora.checks.monitoring import dashboards, expressions, rule_forms, targets

CHECK = InventoryCheck("monitoring", (*targets.RULES, *rule_forms.RULES, *expressions.RULES, *dashboards.RULES))
