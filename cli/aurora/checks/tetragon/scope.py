"""Rules about where tracing policies apply, and about the chart that brings their kinds.

Source: docs/facts/tracing.md; Tetragon 1.7.0, `pkg/sensors/k8s.go` and `install/kubernetes/tetragon/values.yaml`.
"""

from collections.abc import Iterator

from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, mapping
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import ADVICE, BROKEN, OBJECT, InventoryRule, Violation
from aurora.tracing.hooks import CLUSTER, GROUP

CHART = "tetragon"
SELECTORS = ("podSelector", "containerSelector", "hostSelector")
METHOD = ("crds", "installMethod")
Steps = tuple[Step, ...]


def _hosts(inventory: Inventory) -> Iterator[Violation]:
    """An empty selector is a choice, of all pods or all hosts; only without any choice the hosts come along unasked."""
    for manifest in inventory.of_kind(CLUSTER, group=GROUP):
        if all(manifest.get("spec", selector) is None for selector in SELECTORS):
            yield Violation(
                manifest=manifest,
                steps=("spec", "podSelector") if "podSelector" in mapping(manifest.get("spec")) else ("spec",),
                message="this policy watches every process of every node, those of the hosts included",
                hint="write one TracingPolicyNamespaced per namespace, or say which pods with `podSelector`",
            )


def _installation(inventory: Inventory) -> Iterator[Violation]:
    for manifest in inventory.of_kind("Application", group="argoproj.io"):
        for steps, source in _sources(manifest):
            values: Steps = ("helm", "valuesObject", *METHOD)
            if dig(source, "chart") == CHART and dig(source, *values) != "helm":
                deepest = _existing(source, values)
                yield Violation(
                    manifest=manifest,
                    steps=(*steps, *deepest),
                    message="the kinds of tracing policies are not part of this release: the operator makes them later",
                    hint="set `crds.installMethod: helm`",
                )


def _sources(manifest: Manifest) -> Iterator[tuple[Steps, JsonValue]]:
    single = manifest.get("spec", "source")
    if single is not None:
        yield ("spec", "source"), single
    for index, source in enumerate(items(manifest.get("spec", "sources"))):
        yield ("spec", "sources", index), source


def _existing(value: JsonValue, steps: Steps) -> Steps:
    while steps and dig(value, *steps) is None:
        steps = steps[:-1]
    return steps


RULES = (
    InventoryRule("tetragon/hosts", ADVICE, _hosts, scope=OBJECT),
    InventoryRule("tetragon/installation", BROKEN, _installation, scope=OBJECT),
)
