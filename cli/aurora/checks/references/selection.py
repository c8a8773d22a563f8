"""Whether selectors select what they are meant to.

Pods that controllers or charts make are in no manifest: Services for them are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from aurora.cluster import surroundings, workloads
from aurora.cluster.references.lookup import Steps
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.rule import Violation
from aurora.model.selectors import map_matches, matches

INSTANCE = "app.kubernetes.io/instance"
BUDGET = ("policy", "PodDisruptionBudget")
SELECTOR_KINDS = frozenset(
    {("apps", "DaemonSet"), ("apps", "Deployment"), ("apps", "ReplicaSet"), ("apps", "StatefulSet")}
)
MAP_KINDS = frozenset({("", "ReplicationController"), ("", "Service")})


def own_pods(inventory: Inventory) -> Iterator[Violation]:
    """Find workloads whose selector does not match the labels of their own pod template."""
    for pod in inventory.pods():
        manifest, selector = pod.manifest, pod.manifest.get("spec", "selector")
        if not selector or not _must_match(manifest):
            continue
        by_map = manifest.id.kind == "ReplicationController"
        if not (map_matches(selector, pod.labels) if by_map else matches(selector, pod.labels)):
            yield Violation(
                manifest=manifest,
                steps=("spec", "selector"),
                message=f"the selector does not match the labels of this {manifest.id.kind}'s own pods",
                hint="give the pod template every label that the selector asks for",
            )


def _must_match(manifest: Manifest) -> bool:
    """A Job's selector is made by the API server unless `manualSelector` says otherwise."""
    kind = (manifest.id.group, manifest.id.kind)
    if kind == ("batch", "Job"):
        return manifest.get("spec", "manualSelector") is True
    return kind in SELECTOR_KINDS or kind == ("", "ReplicationController")


def instance_labels(inventory: Inventory) -> Iterator[Violation]:
    """Find selectors that ask for the label which Argo CD may overwrite."""
    for manifest in inventory.manifests:
        for steps in _instance_steps(manifest):
            yield Violation(
                manifest=manifest,
                steps=steps,
                message=f"the selector asks for `{INSTANCE}`, which Argo CD may set to the Application's name",
                hint="select by `app.kubernetes.io/name` and `app.kubernetes.io/component`",
            )


def _instance_steps(manifest: Manifest) -> Iterator[Steps]:
    kind = (manifest.id.group, manifest.id.kind)
    selector = manifest.get("spec", "selector")
    if kind in MAP_KINDS and INSTANCE in mapping(selector):
        yield ("spec", "selector", INSTANCE)
    elif kind in SELECTOR_KINDS or kind == BUDGET:
        if INSTANCE in mapping(dig(selector, "matchLabels")):
            yield ("spec", "selector", "matchLabels", INSTANCE)
        for index, expression in enumerate(items(dig(selector, "matchExpressions"))):
            if dig(expression, "key") == INSTANCE:
                yield ("spec", "selector", "matchExpressions", index, "key")


def nothing_selected(inventory: Inventory) -> Iterator[Violation]:
    """Find Services and PodDisruptionBudgets that select no pod."""
    from_charts = surroundings.chart_namespaces(inventory)
    index = workloads.index(inventory)
    for kind, group in (("Service", ""), ("PodDisruptionBudget", "policy")):
        for manifest in inventory.of_kind(kind, group=group):
            namespace = workloads.namespace_of(manifest)
            selector = manifest.get("spec", "selector")
            if not selector or namespace in from_charts or _made_by_controller(selector):
                continue
            found = index.behind(manifest) if kind == "Service" else index.selected(namespace, selector)
            if not found:
                yield Violation(
                    manifest=manifest,
                    steps=("spec", "selector"),
                    message=f"this {kind} selects no pod of namespace `{namespace}`",
                    hint="select labels that a pod template of the namespace carries",
                )


def _made_by_controller(selector: JsonValue) -> bool:
    keys = [*mapping(selector), *mapping(dig(selector, "matchLabels"))]
    keys += [text(dig(expression, "key")) for expression in items(dig(selector, "matchExpressions"))]
    return any(key.startswith(surroundings.POD_MAKERS) for key in keys)
