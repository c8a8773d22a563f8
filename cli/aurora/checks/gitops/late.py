"""Rules about what a pod needs at its start and gets in a later wave, where no field of an object says so.

Such a pod never becomes ready, and its wave waits for it: the first sync of an empty cluster stops there.
Source: `docs/facts/gitops.md` (order) and `docs/facts/network.md` (policies that isolate a pod).
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from aurora.cluster import api_access, dependencies, services
from aurora.cluster.command_line import options
from aurora.cluster.network_flows import EGRESS, INGRESS, Port, endpoint
from aurora.cluster.network_simulation import flows, flows_of
from aurora.cluster.services import PodPort
from aurora.cluster.sync_order import is_applied, sync_order
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.pod_template import Container, PodTemplate
from aurora.model.rule import BROKEN, InventoryRule, Violation

Target = tuple[Manifest, PodPort]
"""A Service, and a port of pods behind it."""
_ARGUMENT = re.compile(
    r"--?[a-z0-9-]*?(?P<kind>config-?map|secret|claim|pvc)s?(?:-?name)?"
    r"[= ](?:(?P<namespace>[a-z0-9-]{1,63}|\$\([A-Z_]+\))/)?(?P<name>[a-z0-9][a-z0-9.-]{0,252})"
)
_KINDS = {"config": "ConfigMap", "secret": "Secret", "claim": "PersistentVolumeClaim", "pvc": "PersistentVolumeClaim"}


def _policies(inventory: Inventory) -> Iterator[Violation]:
    order = sync_order(inventory)
    called = inventory.once(_called)
    for pod in inventory.whole_pods():
        targets = called.get(id(pod), [])
        policies = _policies_between(inventory, pod, targets)
        late = [policy for policy in policies if order.is_after(policy, pod.manifest)]
        early = [policy for policy in policies if not order.is_after(policy, pod.manifest)]
        blocked = next(_blocked(inventory, pod, targets, early), "") if late and is_applied(pod.manifest) else ""
        if blocked:
            opening = [each for each in late if not any(_blocked(inventory, pod, targets, [*early, each]))] or late
            yield Violation(
                manifest=pod.manifest,
                steps=pod.at(),
                message=f"when {pod.manifest.id} starts, policies keep it from {blocked}; {opening[0].id}, "
                "which allows it, is applied in a later wave",
                hint="apply the policy in the wave of the pod or before, or the policies that isolate the pod later",
            )


def _called(inventory: Inventory) -> dict[int, list[Target]]:
    """Give the ports of Services that each pod names in its settings, by the pod's `id`."""
    found: dict[int, list[Target]] = defaultdict(list)
    for each in dependencies.dependencies(inventory):
        found[id(each.pod)] += [(each.service, port) for port in services.behind(inventory, each.service, each.port)]
    return found


def _policies_between(inventory: Inventory, pod: PodTemplate, targets: list[Target]) -> list[Manifest]:
    """Give the policies that decide about connections from a pod to its targets, each once."""
    simulated = flows(inventory)
    selecting = simulated.selecting(endpoint(pod), EGRESS)
    for _, target in targets:
        selecting += simulated.selecting(endpoint(target.pod), INGRESS)
    return list({id(policy): policy.manifest for policy in selecting}.values())


def _blocked(inventory: Inventory, pod: PodTemplate, targets: list[Target], early: list[Manifest]) -> Iterator[str]:
    """Yield what a pod reaches in the end, and not yet while only these policies are there."""
    in_the_end, at_start = flows(inventory), flows_of(inventory, early)
    reached = [api_access.reached_by(each, pod) for each in (in_the_end, at_start)]
    if reached == [True, False] and api_access.calls(inventory, pod):
        yield "the API server"
    here = endpoint(pod)
    for service, target in targets:
        there, port = endpoint(target.pod), Port(target.number, target.protocol)
        if in_the_end.open(here, there, port) and not at_start.open(here, there, port):
            yield f"the Service `{service.id.name}`"


def _arguments(inventory: Inventory) -> Iterator[Violation]:
    order = sync_order(inventory)
    told = ((pod, *each) for pod in inventory.whole_pods() for container in pod.containers for each in _told(container))
    for pod, steps, written in told:
        for named in _named(inventory, pod, written):
            if order.is_after(named, pod.manifest) and is_applied(pod.manifest):
                yield Violation(
                    manifest=pod.manifest,
                    steps=steps,
                    message=f"the container is started with the name of {named.id}, which is applied in a later wave",
                    hint="apply what the argument names in the wave of the pod or before",
                )


def _told(container: Container) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Yield the options of a container as one text each, and what it runs by a shell."""
    yield from ((steps, f"{name}={value}") for steps, name, value in options(container))
    yield from ((steps, word) for steps, word in container.words if len(word.split()) > 1 and not word.startswith("-"))


def _named(inventory: Inventory, pod: PodTemplate, written: str) -> Iterator[Manifest]:
    for found in _ARGUMENT.finditer(written):
        kind = next(kind for prefix, kind in _KINDS.items() if found["kind"].startswith(prefix))
        namespace = found["namespace"] or pod.namespace
        if namespace.startswith("$"):
            namespace = pod.namespace
        named = inventory.find(kind, found["name"], namespace=namespace)
        if named is not None:
            yield named


RULES = (
    InventoryRule("gitops/late-policy", BROKEN, _policies),
    InventoryRule("gitops/late-argument", BROKEN, _arguments),
)
