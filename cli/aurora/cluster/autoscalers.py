"""Autoscalers and what they scale: the kinds with a scaler in the table, and where two of them disagree.

Source: Kubernetes 1.35, validation of `autoscaling`. Says what is so; whether it is an error is not decided here.
"""

from collections.abc import Iterator

from aurora.cluster import workloads
from aurora.cluster.replicas import count_of
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import Violation


def every(inventory: Inventory) -> Iterator[Manifest]:
    """Yield the autoscalers that scale something."""
    for _, scalers in workloads.index(inventory).scaled():
        yield from scalers


def utilizations(scaler: Manifest) -> Iterator[tuple[tuple[Step, ...], str, str]]:
    """Yield steps, resource and container of metrics that are a share of a request; no container means all."""
    for number, metric in enumerate(items(scaler.get("spec", "metrics"))):
        for field in ("resource", "containerResource"):
            source = mapping(dig(metric, field))
            if (
                dig(source, "target", "averageUtilization") is not None
                or dig(source, "target", "type") == "Utilization"
            ):
                yield ("spec", "metrics", number, field), text(source.get("name")), text(source.get("container"))
    for number, trigger in enumerate(items(scaler.get("spec", "triggers"))):
        kind = text(dig(trigger, "type"))
        if (
            scaler.id.kind == "ScaledObject"
            and kind in ("cpu", "memory")
            and dig(trigger, "metricType") != "AverageValue"
        ):
            yield ("spec", "triggers", number), kind, text(dig(trigger, "metadata", "containerName"))


def bounds(inventory: Inventory) -> Iterator[Violation]:
    """Find autoscalers whose minimum is above their maximum, or below one."""
    for scaler in every(inventory):
        stated = workloads.scaler_bounds(scaler)
        fields = workloads.scaler_of(scaler)
        if fields is None or fields.least is None or fields.most is None:
            continue
        least, most = fields.least.at[-1], fields.most.at[-1]
        if stated is None:
            message = f"`{most}` is missing or no whole number"
        elif stated.most < max(stated.least, 1):
            message = f"`{most}` is {stated.most}, `{least}` is {stated.least}"
        elif stated.least < 0 or (stated.least == 0 and fields.least.default):
            message = f"`{least}` is {stated.least}: an autoscaler keeps at least one replica"
        else:
            continue
        yield Violation(
            manifest=scaler, steps=("spec", most), message=message, hint=f"state 1 <= `{least}` <= `{most}`"
        )


def targets(inventory: Inventory) -> Iterator[tuple[PodTemplate, Manifest]]:
    """Yield every workload with each autoscaler that scales it."""
    index = workloads.index(inventory)
    for pod in inventory.pods():
        for scaler in index.scalers_of(pod.manifest):
            yield pod, scaler


def static_replicas(inventory: Inventory) -> Iterator[Violation]:
    """Find workloads that state the number of replicas that an autoscaler owns."""
    for pod, scaler in targets(inventory):
        count = count_of(pod)
        steps = count.at[0] if count and count.scale else ("spec", "replicas")
        if pod.manifest.get(*steps) is not None:
            yield Violation(
                manifest=pod.manifest,
                steps=steps,
                message=f"{scaler.id} owns the replicas, and every sync would reset them",
                hint="leave `replicas` out",
            )


def two_scalers(inventory: Inventory) -> Iterator[Violation]:
    """Find the second autoscaler of a workload."""
    for (_, kind, name), scalers in workloads.index(inventory).scaled():
        for scaler in scalers[1:]:
            yield Violation(
                manifest=scaler,
                steps=("spec", "scaleTargetRef"),
                message=f"{scalers[0].id} scales the {kind} `{name}` already",
                hint="put all metrics into one autoscaler",
            )
