"""What a node leaves to pods: its machine, less what the kubelet and the system keep for themselves. Imports no cdk8s.

Sources. EKS: the bootstrap of its Amazon Linux 2023 images, as Karpenter computes it (karpenter-provider-aws 1.14,
pkg/providers/instancetype/types.go: `kubeReservedResources`, `evictionThreshold`). Karpenter also takes 7.5 % of the
memory off, for what the hypervisor keeps (its setting `vmMemoryOverheadPercent`). AKS: learn.microsoft.com/azure/aks,
node resource reservations, of version 1.29 and later.
"""

from dataclasses import dataclass
from math import ceil

from aurora_constructs.machines import Machine

EVICTION_MIB = 100
"""Memory below which the kubelet evicts pods, with both providers."""
VM_OVERHEAD = 0.075
_MEGABYTE = 10**6 / 2**20

_EKS_CPUS = ((1, 60), (1, 10), (2, 5))
"""Millicores that are kept of the first CPU, of the second, and of each of two more; then 2.5 of each."""
_AKS_CPUS = {1: 60, 2: 100, 4: 140, 8: 180, 16: 260, 32: 420, 64: 740}
"""Millicores that are kept, by the number of CPUs; what a machine between two rows keeps is at least the lower."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What one node has for pods; `pods` is 0 where their number is not known."""

    millicpu: int
    memory_mib: int
    gpus: int = 0
    pods: int = 0


def whole(machine: Machine) -> Room:
    """Give what is stated: own machines are described by what they leave to pods."""
    return Room(millicpu=machine.cpus * 1000, memory_mib=machine.memory_mib, gpus=machine.gpus, pods=machine.pods)


def eks(machine: Machine) -> Room:
    """Give what a node of EKS has for pods."""
    return _of_eks(machine, machine.memory_mib)


def karpenter(machine: Machine) -> Room:
    """Give what Karpenter expects of a node before it starts it."""
    return _of_eks(machine, machine.memory_mib - ceil(machine.memory_mib * VM_OVERHEAD))


def _of_eks(machine: Machine, memory: int) -> Room:
    kept, left = 0.0, machine.cpus
    for cpus, each in _EKS_CPUS:
        kept += min(cpus, left) * each
        left -= min(cpus, left)
    kept += left * 2.5
    memory -= 255 + 11 * machine.pods + EVICTION_MIB
    return Room(millicpu=int(machine.cpus * 1000 - kept), memory_mib=memory, gpus=machine.gpus, pods=machine.pods)


def aks(machine: Machine) -> Room:
    """Give what a node of AKS has for pods."""
    kept = max(millicores for cpus, millicores in _AKS_CPUS.items() if cpus <= machine.cpus)
    reserved = min(int((20 * machine.pods + 50) * _MEGABYTE), machine.memory_mib // 4)
    memory = machine.memory_mib - reserved - EVICTION_MIB
    return Room(millicpu=machine.cpus * 1000 - kept, memory_mib=memory, gpus=machine.gpus, pods=machine.pods)
