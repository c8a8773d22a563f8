"""The check `kubelet`: pods that the API server takes, and that no node's kubelet starts.

Its rules are those of `docs/facts/kubelet.md`, which says for each check of the kubelet who decides it here.
"""

from aurora.checks.check import InventoryCheck
from aurora.checks.kubelet import containers, pods

CHECK = InventoryCheck("kubelet", (*containers.RULES, *pods.RULES))
