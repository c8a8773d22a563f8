"""The check `storage`: claims that can be bound, models that are kept, one writer, and readers that only read.

Source: `docs/facts/storage.md`. That Argo CD keeps claims is `gitops/unprotected`.
"""

from aurora.checks.check import InventoryCheck
from aurora.checks.storage import classes, gates, models, volumes, writers

CHECK = InventoryCheck("storage", (*classes.RULES, *writers.RULES, *gates.RULES, *volumes.RULES, *models.RULES))
