"""Rules about updates that cannot end: a new pod needs what an old one holds, and the old one waits for the new.

Sources: Kubernetes 1.35, pkg/controller/volume/attachdetach/reconciler (a volume that one node holds is attached to no
other), pkg/scheduler/framework/plugins/volumerestrictions and nodeports.
"""

from collections.abc import Iterator

from aurora.cluster import updates, workloads
from aurora.cluster.claims import Consumer, by_claim, claim_objects
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import BROKEN, InventoryRule, Violation

_ONE_POD, _ONE_NODE = "ReadWriteOncePod", "ReadWriteOnce"
_RECREATE = "set `strategy: {type: Recreate}`, or let a pod go with `maxUnavailable: 1`"


def _using(inventory: Inventory, mode: str) -> Iterator[Consumer]:
    """Yield the uses of claims of one access mode."""
    objects = claim_objects(inventory)
    for key, users in by_claim(inventory).items():
        if key in objects and objects[key].access_modes == [mode]:
            yield from users


def _claims_of_one_pod(inventory: Inventory) -> Iterator[Violation]:
    for user in _using(inventory, _ONE_POD):
        if not updates.waits_with(inventory, user.pod):
            continue
        message = f"an update starts a pod before the old one goes, and only one pod may use the claim `{user.claim}`"
        yield Violation(manifest=user.pod.manifest, steps=user.steps, message=message, hint=_RECREATE)


def _claims_of_one_node(inventory: Inventory) -> Iterator[Violation]:
    for user in _using(inventory, _ONE_NODE):
        if updates.on_one_node(user.pod):
            continue
        replicas = workloads.index(inventory).replicas(user.pod)
        if replicas and replicas.most > 1 and not user.pod.get("affinity", "podAffinity"):
            message = (
                f"one node holds the claim `{user.claim}`: of {replicas.most} pods those on other nodes never start"
            )
            hint = "use a claim with `ReadWriteMany`, a StatefulSet with a claim for each pod, or one replica"
        elif updates.waits_with(inventory, user.pod):
            message = "an update starts a pod before the old one goes; on another node it waits for the claim "
            message += f"`{user.claim}`, which one node holds"
            hint = _RECREATE
        else:
            continue
        yield Violation(manifest=user.pod.manifest, steps=user.steps, message=message, hint=hint)


def _host_ports(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.pods():
        steps = _host_port(pod)
        if steps and updates.surges_on_each_node(pod.manifest):
            message = "an update starts a pod on each node before the old one gives the port back"
            hint = "set `maxSurge: 0` and `maxUnavailable: 1`"
        elif steps and (held := _port_of_one_node(inventory, pod)):
            message, hint = held, _RECREATE
        else:
            continue
        yield Violation(manifest=pod.manifest, steps=steps, message=message, hint=hint)


def _port_of_one_node(inventory: Inventory, pod: PodTemplate) -> str | None:
    replicas = workloads.index(inventory).replicas(pod) if updates.on_one_node(pod) else None
    if replicas and replicas.most > 1:
        return f"{replicas.most} pods need the same port of one node: all but the first stay Pending"
    if replicas and updates.waits_with(inventory, pod):
        return "an update starts a pod on the node before the old one gives the port back"
    return None


def _host_port(pod: PodTemplate) -> tuple[Step, ...] | None:
    """Find a port of the node; on the node's network every port of a container is one (SetDefaults_Pod)."""
    for container in pod.containers:
        for number, port in enumerate(items(container.body.get("ports"))):
            if dig(port, "hostPort") or pod.get("hostNetwork") is True:
                return (*container.steps, "ports", number)
    return None


RULES = (
    InventoryRule("scaling/update-needs-claim", BROKEN, _claims_of_one_pod),
    InventoryRule("scaling/update-may-need-claim", BROKEN, _claims_of_one_node, severity=Severity.WARNING),
    InventoryRule("scaling/update-needs-port", BROKEN, _host_ports),
)
