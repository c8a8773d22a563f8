"""Rules about the beginning and the end of pods: slow starts, shutdowns, and operators that must be alone."""

import re
from collections.abc import Iterator

from aurora.cluster import workloads
from aurora.model import counts
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, text
from aurora.model.pod_template import Container
from aurora.model.rule import ADVICE, BROKEN, OBJECT, InventoryRule, Violation
from aurora_constructs import labels

USUAL_GRACE = 30
USUAL_DEADLINE = 600
"""Defaults of Kubernetes 1.35: `terminationGracePeriodSeconds`, `progressDeadlineSeconds`."""


def _deadline(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.pods():
        if pod.manifest.id.kind != "Deployment":
            continue
        deadline = counts.integer(pod.manifest.get("spec", "progressDeadlineSeconds"))
        deadline = USUAL_DEADLINE if deadline is None else deadline
        for container in pod.containers:
            needed = _startup_seconds(container)
            if needed >= deadline:
                yield Violation(
                    manifest=pod.manifest,
                    steps=("spec", "progressDeadlineSeconds"),
                    message=f"`{container.name}` may take {needed} s to start, a rollout fails after {deadline} s",
                    hint="raise `progressDeadlineSeconds` above what the startup probe allows",
                )


def _startup_seconds(container: Container) -> int:
    """What a startup probe allows: the delay, and each failure's period (defaults: 0, 10 s, 3)."""
    probe = container.body.get("startupProbe")
    if not probe:
        return 0
    delay, period, failures = (
        counts.integer(dig(probe, key)) for key in ("initialDelaySeconds", "periodSeconds", "failureThreshold")
    )
    return (delay or 0) + (10 if period is None else period) * (3 if failures is None else failures)


def _grace(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.whole_pods():
        stated = counts.integer(pod.get("terminationGracePeriodSeconds"))
        grace = USUAL_GRACE if stated is None else stated
        for container in pod.containers:
            waits = _sleep_seconds(dig(container.body, "lifecycle", "preStop"))
            if waits is not None and waits >= grace:
                yield Violation(
                    manifest=pod.manifest,
                    steps=(*container.steps, "lifecycle", "preStop"),
                    message=f"`{container.name}` sleeps {waits} s before it stops, and is killed after {grace} s",
                    hint="raise `terminationGracePeriodSeconds` above the sleep, with time to finish requests",
                )


def _sleep_seconds(hook: JsonValue | None) -> int | None:
    asleep = counts.integer(dig(hook, "sleep", "seconds"))
    if asleep is not None:
        return asleep
    command = " ".join(text(word) for word in items(dig(hook, "exec", "command")))
    found = re.search(r"\bsleep ([0-9]{1,6})\b", command)
    return int(found[1]) if found else None


def _operator(inventory: Inventory) -> Iterator[Violation]:
    for pod in workloads.of_component(inventory, labels.OPERATOR):
        manifest = pod.manifest
        if manifest.id.kind != "Deployment":
            continue
        replicas = workloads.index(inventory).replicas(pod)
        if replicas and (replicas.least, replicas.most) != (1, 1):
            yield Violation(
                manifest=manifest,
                steps=("spec", "replicas"),
                message=f"the operator runs with up to {replicas.most} replicas, which work against each other",
                hint="run exactly one",
            )
        if manifest.get("spec", "strategy", "type") != "Recreate":
            yield Violation(
                manifest=manifest,
                steps=("spec", "strategy"),
                message="during an update two operators run side by side",
                hint="set `strategy: {type: Recreate}`",
            )


RULES = (
    InventoryRule("scaling/deadline-before-start", ADVICE, _deadline, severity=Severity.WARNING, scope=OBJECT),
    InventoryRule("scaling/grace-below-sleep", BROKEN, _grace, scope=OBJECT),
    InventoryRule("scaling/operator-not-alone", BROKEN, _operator, own=True),
)
