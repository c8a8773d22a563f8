"""What the machines of clouds have: CPUs, memory, the number of pods, GPUs.

A type that is not here can be stated by its numbers. Sources, read in November 2026. EC2: the reference of instance
types of Karpenter's AWS provider 1.14 (karpenter.sh/docs/reference/instance-types), made from `DescribeInstanceTypes`;
its number of pods is that without prefix delegation. Azure: the pages of the series Dsv3, Dsv5, NCasT4_v3 and
NC_A100_v4 (learn.microsoft.com/azure/virtual-machines/sizes). Names of GPUs are those that NVIDIA's GPU feature
discovery gives to nodes. Imports no cdk8s.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

NVIDIA = "nvidia.com/gpu"
"""The resource under which NVIDIA's device plugin offers GPUs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """One kind of GPU: its memory in MiB, as the provider states it, and the name that it has at AWS."""

    product: str
    memory_mib: int
    short: str = ""

    @property
    def memory_gib(self) -> float:
        """Its memory in GiB."""
        return self.memory_mib / 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One type of machine; `pods` is how many a node takes where the provider's network decides, else 0."""

    name: str
    cpus: int
    memory_mib: int
    pods: int = 0
    gpu: Gpu | None = None
    gpus: int = 0
    architecture: str = "amd64"

    @property
    def family(self) -> str:
        """The family of an EC2 instance type; empty for other machines."""
        return self.name.partition(".")[0] if "." in self.name else ""

    @property
    def size(self) -> str:
        """The size of an EC2 instance type; empty for other machines."""
        return self.name.partition(".")[2]


T4 = Gpu(product="Tesla-T4", memory_mib=16384, short="t4")
A10G = Gpu(product="NVIDIA-A10G", memory_mib=22888, short="a10g")
L4 = Gpu(product="NVIDIA-L4", memory_mib=22888, short="l4")
A100_40 = Gpu(product="NVIDIA-A100-SXM4-40GB", memory_mib=40960, short="a100")
A100_80 = Gpu(product="NVIDIA-A100-80GB-PCIe", memory_mib=81920)
H100 = Gpu(product="NVIDIA-H100-80GB-HBM3", memory_mib=81920, short="h100")

GPUS = {"t4": T4, "a10g": A10G, "l4": L4, "a100": A100_40, "a100-80": A100_80, "h100": H100}

# Family, GPU, and of each size: CPUs, memory in GiB, pods, and GPUs where it has any.
_EC2 = """
t3 - micro:2:1:4 small:2:2:11 medium:2:4:17 large:2:8:35 xlarge:4:16:58
t3 - 2xlarge:8:32:58
c5 - large:2:4:29 xlarge:4:8:58 2xlarge:8:16:58 4xlarge:16:32:234 9xlarge:36:72:234
c5 - 12xlarge:48:96:234 18xlarge:72:144:737 24xlarge:96:192:737 metal:96:192:737
m5 - large:2:8:29 xlarge:4:16:58 2xlarge:8:32:58 4xlarge:16:64:234 8xlarge:32:128:234
m5 - 12xlarge:48:192:234 16xlarge:64:256:737 24xlarge:96:384:737 metal:96:384:737
r5 - large:2:16:29 xlarge:4:32:58 2xlarge:8:64:58 4xlarge:16:128:234 8xlarge:32:256:234
r5 - 12xlarge:48:384:234 16xlarge:64:512:737 24xlarge:96:768:737 metal:96:768:737
g4dn t4 xlarge:4:16:29:1 2xlarge:8:32:29:1 4xlarge:16:64:29:1 8xlarge:32:128:58:1 12xlarge:48:192:234:4
g4dn t4 16xlarge:64:256:58:1 metal:96:384:737:8
g5 a10g xlarge:4:16:58:1 2xlarge:8:32:58:1 4xlarge:16:64:234:1 8xlarge:32:128:234:1 12xlarge:48:192:737:4
g5 a10g 16xlarge:64:256:234:1 24xlarge:96:384:737:4 48xlarge:192:768:345:8
g6 l4 xlarge:4:16:58:1 2xlarge:8:32:58:1 4xlarge:16:64:234:1 8xlarge:32:128:234:1 12xlarge:48:192:234:4
g6 l4 16xlarge:64:256:737:1 24xlarge:96:384:737:4 48xlarge:192:768:737:8
p4d a100 24xlarge:96:1152:737:8
p5 h100 4xlarge:16:256:118:1 48xlarge:192:2048:100:8
"""
# GPU, and of each size of Azure: CPUs, memory in GiB, and GPUs where it has any.
_AZURE = """
- D2s_v3:2:8 D4s_v3:4:16 D8s_v3:8:32 D16s_v3:16:64 D32s_v3:32:128
- D2s_v5:2:8 D4s_v5:4:16 D8s_v5:8:32 D16s_v5:16:64 D32s_v5:32:128
t4 NC4as_T4_v3:4:28:1 NC8as_T4_v3:8:56:1 NC16as_T4_v3:16:110:1 NC64as_T4_v3:64:440:4
a100-80 NC24ads_A100_v4:24:220:1 NC48ads_A100_v4:48:440:2 NC96ads_A100_v4:96:880:4
"""

RETIRED: Mapping[str, str] = {
    **dict.fromkeys(
        ("Standard_NC6s_v3", "Standard_NC12s_v3", "Standard_NC24s_v3"),
        "Azure retired NCv3 on 30 September 2025: take `Standard_NC4as_T4_v3` or `Standard_NC24ads_A100_v4`",
    ),
    **dict.fromkeys(
        ("p3", "p3dn"),
        "its V100 is no GPU of CUDA 13, with which current images are built: take `g5`, `g6` or `p4d`",
    ),
}
"""Types and families that no pool should have, and what to take instead.

Sources: learn.microsoft.com, NCv3 retirement; release notes of CUDA 13.0, which no longer supports Volta.
"""


def _ec2() -> Iterator[Machine]:
    for line in _EC2.split("\n")[1:-1]:
        family, gpu, *sizes = line.split()
        for entry in sizes:
            size, *numbers = entry.split(":")
            cpus, memory, pods, *gpus = map(int, numbers)
            made = Machine(name=f"{family}.{size}", cpus=cpus, memory_mib=memory * 1024, pods=pods)
            yield replace(made, gpu=GPUS.get(gpu), gpus=sum(gpus))


def _azure() -> Iterator[Machine]:
    for line in _AZURE.split("\n")[1:-1]:
        gpu, *sizes = line.split()
        for entry in sizes:
            size, *numbers = entry.split(":")
            cpus, memory, *gpus = map(int, numbers)
            made = Machine(name=f"Standard_{size}", cpus=cpus, memory_mib=memory * 1024)
            yield replace(made, gpu=GPUS.get(gpu), gpus=sum(gpus))


EC2: Mapping[str, Machine] = {machine.name: machine for machine in _ec2()}
"""Instance types of EC2 by name."""
AZURE: Mapping[str, Machine] = {machine.name: machine for machine in _azure()}
"""VM sizes of Azure by name."""
FAMILIES = frozenset(machine.family for machine in EC2.values())
"""The families of EC2 that are known here, with all their sizes."""
