"""Rules about pods that the kubelet does not admit, or whose sandbox and volumes it cannot make.

Sources: Kubernetes 1.35, pkg/kubelet/sysctl (`SafeSysctlAllowlist`, `NewAllowlist`) with component-helpers
node/util/sysctl, pkg/kubelet/lifecycle/predicate.go, pkg/volume/emptydir (`getPageSizeMountOption`), and
`GetNodenameForKernel` of pkg/kubelet/util.
"""

from collections.abc import Iterator
from functools import partial

from aurora.cluster import resources
from aurora.model import quantity
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import OBJECT, REFUSED, InventoryRule, Violation

_SAFE_SYSCTLS = frozenset(
    {
        *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"),
        *("net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports"),
        *("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl"),
        *("net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
    }
)
_NAMESPACED_SYSCTLS = frozenset(
    {
        *("kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced", "kernel.shm"),
        *("kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.msg"),
    }
)
_NAMESPACED_PREFIXES = ("net.", "fs.mqueue.")
_PARTS = (resources.REQUESTS, resources.LIMITS)
_OS = "kubernetes.io/os"
_LONGEST_HOST = 64
_HUGE, _OF_SIZE = "HugePages", "HugePages-"


def _sysctls(inventory: Inventory) -> Iterator[tuple[PodTemplate, tuple[Step, ...], str]]:
    for pod in inventory.pods():
        for index, entry in enumerate(items(pod.get("securityContext", "sysctls"))):
            # Either separator may be written; the other one then belongs to a name (NormalizeName).
            name = text(dig(entry, "name"))
            first = min((name.find(sign) for sign in "./" if sign in name), default=0)
            slashed = name[first : first + 1] == "/"
            plain = name.translate(str.maketrans("./", "/.")) if slashed else name
            if plain:
                yield pod, pod.at("securityContext", "sysctls", index, "name"), plain


def _forbidden_sysctls(inventory: Inventory, *, namespaced: bool) -> Iterator[Violation]:
    for pod, steps, name in _sysctls(inventory):
        known = name in _NAMESPACED_SYSCTLS or name.startswith(_NAMESPACED_PREFIXES)
        if known is not namespaced or name in _SAFE_SYSCTLS:
            continue
        if namespaced:
            message = f"the kubelet refuses the pod unless its `--allowed-unsafe-sysctls` names `{name}`"
        else:
            message = f"`{name}` is a setting of the whole node, which no pod may set: the kubelet refuses the pod"
        hint = "allow it on the nodes that are meant, and select them" if namespaced else "set it on the nodes"
        yield Violation(manifest=pod.manifest, steps=steps, message=message, hint=hint)


def _systems(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.pods():
        found: dict[tuple[Step, ...], str] = {
            pod.at("os", "name"): text(pod.get("os", "name")),
            pod.at("nodeSelector", _OS): text(dig(pod.get("nodeSelector"), _OS)),
            pod.metadata_at("labels", _OS): pod.labels.get(_OS, ""),
        }
        stated = {steps: name for steps, name in found.items() if name}
        if len(set(stated.values())) > 1:
            steps = list(stated)[-1]
            yield Violation(
                manifest=pod.manifest,
                steps=steps,
                message=f"the pod is for {' and for '.join(dict.fromkeys(stated.values()))}: no node starts it",
                hint=f"name one system in `os.name`, in the node selector and in the label `{_OS}`",
            )


def _huge_pages(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.whole_pods():
        maps = [dig(container.body, "resources", part) for container in pod.containers for part in _PARTS]
        names = {name for stated in (*maps, pod.get("resources", "requests")) for name in resources.amounts(stated)}
        sizes = {quantity.read(name.removeprefix("hugepages-")) for name in names if name.startswith("hugepages-")}
        for steps, volume in pod.volumes:
            medium = text(dig(volume, "emptyDir", "medium"))
            wanted = quantity.read(medium.removeprefix(_OF_SIZE)) if medium.startswith(_OF_SIZE) else None
            if medium == _HUGE and len(sizes) > 1:
                message = "the pod requests pages of several sizes, and this volume does not say which it holds"
            elif (medium == _HUGE and not sizes) or (medium.startswith(_OF_SIZE) and wanted not in sizes):
                message = f"no container requests huge pages for the volume of medium `{medium}`"
            else:
                continue
            yield Violation(
                manifest=pod.manifest,
                steps=(*steps, "emptyDir", "medium"),
                message=f"{message}: it is never mounted",
                hint="request `hugepages-2Mi`, or another size, in a container, and name the size in the medium",
            )


def _host_names(inventory: Inventory) -> Iterator[Violation]:
    """Names of pods that a controller makes get at least a dash and a character; the domain is the usual one."""
    for pod in inventory.pods():
        subdomain = text(pod.get("subdomain"))
        if pod.get("setHostnameAsFQDN") is not True or not subdomain or pod.anywhere:
            continue
        made = 0 if pod.manifest.id.kind == "Pod" else 2
        host = text(pod.get("hostname")) or pod.manifest.id.name[:61] + "x" * made
        length = len(f"{host}.{subdomain}.{pod.namespace}.svc.cluster.local")
        if length > _LONGEST_HOST:
            yield Violation(
                manifest=pod.manifest,
                steps=pod.at("setHostnameAsFQDN"),
                message=f"the full host name has {length} characters or more, and a kernel takes {_LONGEST_HOST}: "
                "the pod is never started",
                hint="shorten `hostname` or `subdomain`, or leave `setHostnameAsFQDN` out",
            )


RULES = (
    InventoryRule("kubelet/node-sysctl", REFUSED, partial(_forbidden_sysctls, namespaced=False), scope=OBJECT),
    InventoryRule(
        "kubelet/unsafe-sysctl",
        REFUSED,
        partial(_forbidden_sysctls, namespaced=True),
        severity=Severity.WARNING,
        scope=OBJECT,
    ),
    InventoryRule("kubelet/operating-system", REFUSED, _systems, scope=OBJECT),
    InventoryRule("kubelet/huge-pages", REFUSED, _huge_pages, scope=OBJECT),
    InventoryRule("kubelet/host-name", REFUSED, _host_names, scope=OBJECT),
)
