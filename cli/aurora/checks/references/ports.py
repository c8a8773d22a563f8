"""Rules about ports that are named, where no container of the pod declares the name.

Sources: Kubernetes 1.35, `FindPort` of k8s.io/endpointslice (utils.go) and the kubelet's
`ResolveContainerPort` (pkg/probe/util.go).
"""

from collections.abc import Iterator

from aurora.cluster import services, workloads
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.place import Step
from aurora.model.pod_template import Container
from aurora.model.rule import BROKEN, OBJECT, InventoryRule, Violation

_ASKING = (
    *(("livenessProbe",), ("readinessProbe",), ("startupProbe",)),
    *(("lifecycle", "postStart"), ("lifecycle", "preStop")),
)


def _target_ports(inventory: Inventory) -> Iterator[Violation]:
    """A headless Service is left alone: its name leads to the pods whatever its ports say."""
    index = workloads.index(inventory)
    for service in inventory.of_kind("Service", group=""):
        pods = index.behind(service) if service.get("spec", "clusterIP") != "None" else ()
        if not pods or not all(services.ports_are_known(inventory, pod) for pod in pods):
            continue
        for number, entry in enumerate(items(service.get("spec", "ports"))):
            target, protocol = dig(entry, "targetPort"), text(dig(entry, "protocol")) or "TCP"
            if isinstance(target, str) and not any(services.pod_port(pod, target, protocol) for pod in pods):
                yield Violation(
                    manifest=service,
                    steps=("spec", "ports", number, "targetPort"),
                    message=f"no container of {pods[0].manifest.id} that goes on running has a {protocol} port "
                    f"named `{target}`, so this port has no endpoints",
                    hint="name the container's port, or write its number; plain init containers do not count",
                )


def _asked_ports(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.pods():
        for container in pod.containers if services.as_written(pod) else ():
            declared = {text(dig(port, "name")) for port in items(container.body.get("ports"))}
            for steps, name in _asked(container):
                if name not in declared and not pod.fills_in(name):
                    yield Violation(
                        manifest=pod.manifest,
                        steps=(*container.steps, *steps),
                        message=f"container `{container.name}` itself has no port named `{name}`: "
                        "the kubelet does not look at other containers",
                        hint="name the port among the container's `ports`, or write its number",
                    )


def _asked(container: Container) -> Iterator[tuple[tuple[Step, ...], str]]:
    for at in _ASKING:
        for handler in ("httpGet", "tcpSocket"):
            port = dig(container.body, *at, handler, "port")
            # A hook's `tcpSocket` is never run.
            if isinstance(port, str) and (handler == "httpGet" or at[0] != "lifecycle"):
                yield (*at, handler, "port"), port


RULES = (
    InventoryRule("references/target-port", BROKEN, _target_ports),
    InventoryRule("references/probe-port", BROKEN, _asked_ports, scope=OBJECT),
)
