"""The check `monitoring`: what is scraped exists, what is alerted on can be true, what is shown can be read.

Its rules are those of `docs/facts/monitoring.md`.
"""

from aurora.checks.check import InventoryCheck
from aurora.checks.monitoring import dashboards, expressions, known, rule_forms, targets, unit_tests

PARTS = (targets, rule_forms, expressions, dashboards, known, unit_tests)
CHECK = InventoryCheck("monitoring", tuple(rule for part in PARTS for rule in part.RULES))
