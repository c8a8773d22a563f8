"""The check `identity`: pods act in the cloud as who they are meant to be, and need what they name there.

Sources: EKS user guide, "IAM roles for service accounts"; Azure Workload Identity, "Labels and annotations".
"""

from aurora.checks.check import InventoryCheck
from aurora.checks.identity import accounts, pods

CHECK = InventoryCheck("identity", (*accounts.RULES, *pods.RULES))
