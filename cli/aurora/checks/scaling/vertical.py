"""Rules about VerticalPodAutoscalers, which write requests: beside autoscalers of replicas, and beside each other.

Source: Vertical Pod Autoscaler 1.7, page of known limitations; pkg/apis/autoscaling.k8s.io/v1/types.go.
"""

from collections import defaultdict
from collections.abc import Iterator

from aurora.cluster import autoscalers, workloads
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.rule import BROKEN, InventoryRule, Violation

GROUP = "autoscaling.k8s.io"
MEASURED = ("cpu", "memory")


def _target(vertical: Manifest) -> tuple[str, str, str]:
    ref = vertical.get("spec", "targetRef")
    return vertical.id.namespace or "", text(dig(ref, "kind")), text(dig(ref, "name"))


def _acts(vertical: Manifest) -> bool:
    """Whether it changes requests: without a mode it does."""
    return text(vertical.get("spec", "updatePolicy", "updateMode")) != "Off"


def _controlled(vertical: Manifest) -> set[str]:
    """Give the resources that it may change in some container; both where nothing is said."""
    policies = items(vertical.get("spec", "resourcePolicy", "containerPolicies"))
    found: set[str] = set() if any(text(dig(each, "containerName")) == "*" for each in policies) else set(MEASURED)
    for each in policies:
        stated = dig(each, "controlledResources")
        if text(dig(each, "mode")) != "Off":
            found |= {text(name) for name in items(stated)} if stated is not None else set(MEASURED)
    return found


def _beside_scalers(inventory: Inventory) -> Iterator[Violation]:
    verticals = [each for each in inventory.of_kind("VerticalPodAutoscaler", group=GROUP) if _acts(each)]
    scaled = dict(workloads.index(inventory).scaled())
    for vertical in verticals:
        for scaler in scaled.get(_target(vertical), ()):
            shared = sorted(_controlled(vertical) & {name for _, name, _ in autoscalers.utilizations(scaler)})
            if shared:
                yield Violation(
                    manifest=vertical,
                    steps=("spec", "targetRef"),
                    message=f"{scaler.id} scales by the share of the request for `{shared[0]}`, which this one changes",
                    hint='set `updateMode: "Off"`, or leave that resource out of `controlledResources`',
                )


def _second(inventory: Inventory) -> Iterator[Violation]:
    by_target: dict[tuple[str, str, str], list[Manifest]] = defaultdict(list)
    for vertical in inventory.of_kind("VerticalPodAutoscaler", group=GROUP):
        by_target[_target(vertical)].append(vertical)
    for (_, kind, name), found in by_target.items():
        for second in found[1:]:
            yield Violation(
                manifest=second,
                steps=("spec", "targetRef"),
                message=f"{found[0].id} has the {kind} `{name}` as its target already",
                hint="keep one of them",
            )


RULES = (
    InventoryRule("scaling/vertical-and-horizontal", BROKEN, _beside_scalers),
    InventoryRule("scaling/two-vertical", BROKEN, _second),
)
