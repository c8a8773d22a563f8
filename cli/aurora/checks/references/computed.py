"""Rules about fields that admission computes of a pod: a template that states another value makes no pods.

Source: Kubernetes 1.35, plugin/pkg/admission: `priority` (`admitPod`), `runtimeclass` (`validateOverhead`). A Pod
itself is judged by the server's own code.
"""

from collections.abc import Iterator
from fractions import Fraction

from aurora.model import quantity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, mapping, text
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import REFUSED, InventoryRule, Violation

_BUILT_IN = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
"""Priorities of the classes of every cluster (pkg/apis/scheduling, `SystemPriorityClasses`)."""


def _templates(inventory: Inventory, field: str) -> Iterator[PodTemplate]:
    """Yield the pods that others make and that state a field."""
    for pod in inventory.pods():
        if pod.manifest.id.kind != "Pod" and pod.get(field) is not None:
            yield pod


def _priorities(inventory: Inventory) -> Iterator[Violation]:
    classes = {each.id.name: each for each in inventory.of_kind("PriorityClass", group="scheduling.k8s.io")}
    known = {**_BUILT_IN, **{name: each.get("value") for name, each in classes.items()}}
    default = next((name for name, each in classes.items() if each.get("globalDefault") is True), "")
    for pod in _templates(inventory, "priority"):
        name = text(pod.get("priorityClassName")) or default
        computed = known.get(name) if name else 0 if inventory.closed else None
        if computed is not None and computed != pod.get("priority"):
            source = f"PriorityClass `{name}` gives {computed}" if name else "without a PriorityClass it is 0"
            yield Violation(
                manifest=pod.manifest,
                steps=pod.at("priority"),
                message=f"every pod is refused: its priority is stated as {pod.get('priority')}, and {source}",
                hint="leave `priority` out, and name a PriorityClass",
            )


def _overheads(inventory: Inventory) -> Iterator[Violation]:
    classes = {each.id.name: each for each in inventory.of_kind("RuntimeClass", group="node.k8s.io")}
    for pod in _templates(inventory, "overhead"):
        name = text(pod.get("runtimeClassName"))
        if name and name not in classes:
            continue
        defined = dig(classes[name].body, "overhead", "podFixed") if name else None
        if defined is None or _amounts(pod.get("overhead")) != _amounts(defined):
            other = "another one" if defined else "none"
            source = f"RuntimeClass `{name}` defines {other}" if name else "no class is named"
            yield Violation(
                manifest=pod.manifest,
                steps=pod.at("overhead"),
                message=f"every pod is refused: it states an overhead, and {source}",
                hint="leave `overhead` out: admission takes it from the RuntimeClass",
            )


def _amounts(value: JsonValue) -> dict[str, Fraction | None]:
    return {key: quantity.read(amount) for key, amount in mapping(value).items()}


RULES = (
    InventoryRule("references/priority", REFUSED, _priorities),
    InventoryRule("references/overhead", REFUSED, _overheads),
)
