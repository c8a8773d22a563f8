"""Rules about what must run on every node: NVIDIA's device plugin and exporter, and Tetragon.

Sources: default values of the charts nvidia-device-plugin 0.19, dcgm-exporter 4.8, gpu-operator 26 and tetragon 1.7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aurora.cluster.node_pools import NodePool, known
from aurora.cluster.placement import placement, tolerated, written
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.place import Step
from aurora.model.rule import BROKEN, InventoryRule, Violation
from aurora_constructs.machines import NVIDIA

PRESENT = f"{NVIDIA}.present"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One program that belongs on nodes: how its image ends, and what is lost on nodes without it."""

    image: str
    lost: str
    everywhere: bool = False
    at: tuple[Step, ...] = ("tolerations",)
    tolerations: Sequence[JsonValue] = ()
    selects: bool = False
    """Whether its chart selects nodes by labels of a discovery unless told otherwise."""
    program: str = ""
    """What the image runs without a command, where it holds other programs too."""

    def in_container(self, body: JsonObject) -> bool:
        """Tell whether a container runs it."""
        image = text(body.get("image")).partition("@")[0].rpartition(":")[0].rpartition("/")[2]
        command = items(body.get("command"))
        other = bool(self.program and command) and text(command[0]).rpartition("/")[2] != self.program
        return image == self.image and not other


_GPU: JsonValue = {"key": NVIDIA, "operator": "Exists", "effect": "NoSchedule"}
_PLUGIN = "no pod gets a GPU there"
AGENTS: Mapping[str, Agent] = {
    "nvidia-device-plugin": Agent(
        image="k8s-device-plugin", program="nvidia-device-plugin", lost=_PLUGIN, tolerations=[_GPU], selects=True
    ),
    "gpu-operator": Agent(image="gpu-operator", lost=_PLUGIN, at=("daemonsets", "tolerations"), tolerations=[_GPU]),
    "dcgm-exporter": Agent(image="dcgm-exporter", lost="its GPUs have no metrics"),
    "tetragon": Agent(
        image="tetragon", lost="nothing is traced there", everywhere=True, tolerations=[{"operator": "Exists"}]
    ),
}
"""By the name of the chart: where its values have the DaemonSet's tolerations, and which it has by default."""


def _kept_off(inventory: Inventory) -> Iterator[Violation]:
    if known(inventory):
        yield from _of_daemon_sets(inventory)
        yield from _of_charts(inventory)


def _of_daemon_sets(inventory: Inventory) -> Iterator[Violation]:
    found = placement(inventory)
    for pod in inventory.pods():
        bodies = [each.body for each in pod.containers]
        agent = next((each for each in AGENTS.values() if any(map(each.in_container, bodies))), None)
        if agent is None or pod.manifest.id.kind != "DaemonSet":
            continue
        for verdict in found.verdicts(pod):
            if _concerns(agent, verdict.pool) and not verdict.reached:
                yield Violation(
                    manifest=pod.manifest,
                    steps=pod.at("tolerations") if pod.get("tolerations") else pod.at(),
                    message=f"does not run on `{verdict.pool.name}`: {verdict.reason}; {agent.lost}",
                    hint="let its DaemonSet tolerate and select the pool",
                )


def _of_charts(inventory: Inventory) -> Iterator[Violation]:
    """Judge charts that are not rendered by their values."""
    for application in inventory.of_kind("Application", group="argoproj.io"):
        if application.id.identity in inventory.rendered:
            continue
        plural = [
            (("spec", "sources", index), each) for index, each in enumerate(items(application.get("spec", "sources")))
        ]
        for steps, source in [(("spec", "source"), application.get("spec", "source")), *plural]:
            agent = AGENTS.get(text(dig(source, "chart")))
            values = mapping(dig(source, "helm", "valuesObject"))
            for pool in placement(inventory).pools if agent else ():
                reason = _reason(agent, values, pool) if agent and _concerns(agent, pool) else ""
                if agent and reason:
                    at = (*steps, "helm", "valuesObject", *agent.at)
                    yield Violation(
                        manifest=application,
                        steps=at if application.get(*at) is not None else steps,
                        message=f"the DaemonSet of the chart does not run on `{pool.name}`: {reason}; {agent.lost}",
                        hint=f"set `{'.'.join(map(str, agent.at))}: [{{operator: Exists}}]`"
                        if "taint" in reason
                        else f'give the nodes of the pool the label `{PRESENT}: "true"`, or set `affinity`',
                    )


def _concerns(agent: Agent, pool: NodePool) -> bool:
    return agent.everywhere or any(node.machine.gpus for node in pool.nodes)


def _reason(agent: Agent, values: JsonObject, pool: NodePool) -> str:
    stated = dig(values, *agent.at)
    tolerations = [mapping(entry) for entry in (agent.tolerations if stated is None else items(stated))]
    for taint in pool.kept_off:
        if not any(tolerated(entry, taint) for entry in tolerations):
            return f"its taint `{written(taint)}` is not tolerated"
    labelled = all(PRESENT in node.labels for node in pool.nodes)
    if agent.selects and not labelled and not values.get("affinity") and dig(values, "gfd", "enabled") is not True:
        return f"without `affinity` in its values it selects nodes by `{PRESENT}`, which they lack"
    return ""


RULES = (InventoryRule("scheduling/agent-kept-off", BROKEN, _kept_off),)
