"""Rules about autoscalers: HorizontalPodAutoscalers and KEDA's ScaledObjects.

Source: Kubernetes 1.35, validation of `autoscaling` and the replica calculator; docs/facts/scaling.md.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from aurora import tables
from aurora.cluster import autoscalers, resources
from aurora.cluster.disruption import SERVING_KINDS
from aurora.cluster.resources import Resources
from aurora.model import counts
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, text
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import ADVICE, BROKEN, OBJECT, REFUSED, InventoryRule, Violation
from aurora_constructs.spelling import closest

MAX_PERIOD = 1800
MAX_STABILIZATION = 3600


@cache
def _triggers() -> frozenset[str]:
    with tables.opened(Path(__file__).with_name("triggers.yaml")) as table:
        table.only("triggers")
        return frozenset(table.texts("triggers", required=True))


def _without_request(inventory: Inventory) -> Iterator[Violation]:
    defaults = resources.container_defaults(inventory)
    for pod, scaler in autoscalers.targets(inventory):
        if pod.partial:
            continue
        for steps, name, container in autoscalers.utilizations(scaler):
            problem = _request_problem(pod, name, container, defaults.get(pod.namespace))
            if problem:
                yield Violation(
                    manifest=scaler,
                    steps=steps,
                    message=f"{problem} of {pod.manifest.id}, so the metric has no value",
                    hint=f"request `{name}` in every container, sidecars included",
                )


def _request_problem(pod: PodTemplate, name: str, container: str, defaults: Resources | None) -> str | None:
    if not container and name in resources.amounts(dig(pod.get("resources"), "requests")):
        return None
    measured = [entry for entry in pod.containers if container in ("", entry.name)]
    if not measured:
        return f"there is no container `{container}`"
    missing = resources.missing_requests(measured, name, defaults)
    return f"no request for `{name}` in container `{missing[0].name}`" if missing else None


def _never_zero(inventory: Inventory) -> Iterator[Violation]:
    """KEDA's webhook looks at Deployments and StatefulSets only, which it knows."""
    for scaler in inventory.of_kind("ScaledObject", group="keda.sh"):
        kinds = {text(dig(trigger, "type")) for trigger in items(scaler.get("spec", "triggers"))}
        least = scaler.get("spec", "minReplicaCount")
        target = text(scaler.get("spec", "scaleTargetRef", "kind")) or "Deployment"
        if kinds and kinds <= {"cpu", "memory"} and not least and target in SERVING_KINDS:
            yield Violation(
                manifest=scaler,
                steps=("spec",) if least is None else ("spec", "minReplicaCount"),
                message="`minReplicaCount` is 0, and no trigger but CPU and memory could wake the workload again",
                hint="set `minReplicaCount` to at least 1, or add a trigger that is known without pods",
            )


def _unknown_triggers(inventory: Inventory) -> Iterator[Violation]:
    for kind in ("ScaledObject", "ScaledJob"):
        for scaler in inventory.of_kind(kind, group="keda.sh"):
            for index, trigger in enumerate(items(scaler.get("spec", "triggers"))):
                name = text(dig(trigger, "type"))
                if name and name not in _triggers():
                    near = closest(name, _triggers())
                    yield Violation(
                        manifest=scaler,
                        steps=("spec", "triggers", index, "type"),
                        message=f"KEDA 2.20 has no trigger `{name}`: no trigger of this {kind} works",
                        hint=f"did you mean `{near}`?" if near else "the triggers are listed in KEDA's documentation",
                    )


def _behavior(inventory: Inventory) -> Iterator[Violation]:
    for scaler in autoscalers.every(inventory):
        keda: tuple[Step, ...] = ("spec", "advanced", "horizontalPodAutoscalerConfig", "behavior")
        root = keda if scaler.id.kind == "ScaledObject" else ("spec", "behavior")
        for direction in ("scaleUp", "scaleDown"):
            rules = scaler.get(*root, direction)
            for steps, message in _behavior_problems(rules):
                yield Violation(
                    manifest=scaler,
                    steps=(*root, direction, *steps),
                    message=message,
                    hint=f"keep periods within 1 to {MAX_PERIOD} s and stabilization within 0 to {MAX_STABILIZATION} s",
                )


def _behavior_problems(rules: JsonValue | None) -> Iterator[tuple[tuple[Step, ...], str]]:
    window = dig(rules, "stabilizationWindowSeconds")
    if window is not None and not _within(window, 0, MAX_STABILIZATION):
        yield (
            ("stabilizationWindowSeconds",),
            f"a stabilization window of {window} is outside 0 to {MAX_STABILIZATION} s",
        )
    for number, policy in enumerate(items(dig(rules, "policies"))):
        period, value = dig(policy, "periodSeconds"), dig(policy, "value")
        if not _within(period, 1, MAX_PERIOD):
            yield ("policies", number, "periodSeconds"), f"a period of {period} is outside 1 to {MAX_PERIOD} s"
        if not _within(value, 1, 2**31 - 1):
            yield ("policies", number, "value"), f"a step of {value} changes nothing"


def _within(value: JsonValue | None, least: int, most: int) -> bool:
    number = counts.integer(value)
    return number is not None and least <= number <= most


RULES = (
    InventoryRule("scaling/bounds", REFUSED, autoscalers.bounds, scope=OBJECT),
    InventoryRule("scaling/static-replicas", ADVICE, autoscalers.static_replicas),
    InventoryRule("scaling/two-scalers", BROKEN, autoscalers.two_scalers),
    InventoryRule("scaling/metric-without-request", BROKEN, _without_request),
    InventoryRule("scaling/never-zero", REFUSED, _never_zero, scope=OBJECT),
    InventoryRule("scaling/unknown-trigger", BROKEN, _unknown_triggers, severity=Severity.WARNING, scope=OBJECT),
    InventoryRule("scaling/behavior", REFUSED, _behavior, scope=OBJECT),
)
