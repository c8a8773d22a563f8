"""How a rolling update goes: how many pods it adds, and whether one may go before its successor is there.

Sources: Kubernetes 1.35, `ResolveFenceposts` of pkg/controller/deployment/util (a surge is rounded up, `maxUnavailable`
down, and it is 1 where both are 0), `SetDefaults_Deployment`, pkg/controller/daemon/update.go (a pod stays until the
one that an update adds beside it is ready); Argo Rollouts 1.9, utils/defaults (both are 25% too) and
rollout/bluegreen.go (all new pods run before the old ones go). Finds facts; never judges them.
"""

from aurora.cluster import workloads
from aurora.model import counts
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate

USUAL = "25%"
HOST = "kubernetes.io/hostname"


def surge(manifest: Manifest, replicas: int) -> int:
    """Count the pods that an update may add to so many."""
    strategy = mapping(manifest.get("spec", "strategy"))
    match manifest.id.kind:
        case "Deployment" if strategy.get("type") != "Recreate":
            rolling = mapping(strategy.get("rollingUpdate"))
        case "Rollout" if "blueGreen" in strategy:
            return replicas
        case "Rollout":
            rolling = mapping(strategy.get("canary"))
        case _:
            return 0
    return counts.scaled(rolling.get("maxSurge", USUAL), replicas, round_up=True) or 0


def waits(manifest: Manifest, replicas: int) -> int:
    """Count the new pods without which an update of so many does not go on; 0 where an old one may go first."""
    added = surge(manifest, replicas)
    strategy = mapping(manifest.get("spec", "strategy"))
    if "blueGreen" in strategy:
        return added
    rolling = mapping(strategy.get("canary") or strategy.get("rollingUpdate"))
    unavailable = counts.scaled(rolling.get("maxUnavailable", USUAL), replicas, round_up=False)
    return 1 if added and replicas and unavailable == 0 else 0


def waits_with(inventory: Inventory, pod: PodTemplate) -> int | None:
    """Give the least number of pods with which an update waits for one more; None where an old one always may go."""
    replicas = workloads.index(inventory).replicas(pod)
    for count in range(max(replicas.least, 1), min(replicas.most, 100) + 1) if replicas else ():
        if waits(pod.manifest, count):
            return count
    return None


def surges_on_each_node(manifest: Manifest) -> bool:
    """Tell whether an update of a DaemonSet adds the new pod to a node before the old one goes."""
    strategy = mapping(manifest.get("spec", "updateStrategy"))
    added = counts.scaled(dig(strategy, "rollingUpdate", "maxSurge"), 100, round_up=True)
    return bool(added) and strategy.get("type") != "OnDelete" and manifest.id.kind == "DaemonSet"


def on_one_node(pod: PodTemplate) -> bool:
    """Tell whether a pod names the one node that it may run on."""
    if pod.get("nodeName") or dig(pod.get("nodeSelector"), HOST):
        return True
    required = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
    hosts = {_host(term) for term in items(pod.get(*required))}
    return len(hosts) == 1 and None not in hosts


def _host(term: JsonValue) -> str | None:
    for field, key in (("matchExpressions", HOST), ("matchFields", "metadata.name")):
        for entry in items(dig(term, field)):
            values = items(dig(entry, "values"))
            if dig(entry, "key") == key and dig(entry, "operator") == "In" and len(values) == 1:
                return text(values[0])
    return None
