"""The check `recovery`: backups that Velero accepts, that are made often enough, and that somebody tries to restore.

Sources: Velero 1.18, pkg/controller/backup_controller.go (`prepareBackupRequest`) and schedule_controller.go.
"""

from aurora.checks.check import InventoryCheck
from aurora.checks.recovery import accepted, cleanups, objectives

CHECK = InventoryCheck("recovery", (*accepted.RULES, *objectives.RULES, *cleanups.RULES))
