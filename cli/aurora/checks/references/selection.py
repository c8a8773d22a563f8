"""Whether selectors select what they are meant to.

Pods that controllers or charts make are in no manifest: Services for them are left alone.
"""

from collections.abc import Iterator

from aurora.cluster import surroundings, workloads
from aurora.cluster.references.lookup import Steps
from aurora.cluster.tracking import tracks_by_annotation
from aurora.kinds import paths, table
from aurora.kinds.entry import Selected
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping
from aurora.model.manifest import Manifest
from aurora.model.rule import Violation
from aurora.model.selectors import map_matches, matches

INSTANCE = "app.kubernetes.io/instance"


def own_pods(inventory: Inventory) -> Iterator[Violation]:
    """Find workloads whose selector does not match the labels of their own pod template."""
    for pod in inventory.pods():
        manifest = pod.manifest
        for field in pod.kind.selectors if pod.kind else ():
            selector = manifest.get(*field.at)
            # The API server makes a Job's selector unless `manualSelector` says otherwise.
            if field.of is not Selected.OWN or not selector or (field.when and manifest.get(*field.when) is not True):
                continue
            if not (map_matches(selector, pod.labels) if field.plain else matches(selector, pod.labels)):
                yield Violation(
                    manifest=manifest,
                    steps=field.at,
                    message=f"the selector does not match the labels of this {manifest.id.kind}'s own pods",
                    hint="give the pod template every label that the selector asks for",
                )


def instance_labels(inventory: Inventory) -> Iterator[Violation]:
    """Find selectors that ask for the label which Argo CD may overwrite; where it tracks by annotation it does not."""
    for manifest in () if tracks_by_annotation(inventory) else inventory.manifests:
        for steps in _instance_steps(manifest):
            yield Violation(
                manifest=manifest,
                steps=steps,
                message=f"the selector asks for `{INSTANCE}`, which Argo CD may set to the Application's name",
                hint="select by `app.kubernetes.io/name` and `app.kubernetes.io/component`",
            )


def _instance_steps(manifest: Manifest) -> Iterator[Steps]:
    known = table.find(manifest.id.group, manifest.id.kind)
    for field in known.selectors if known else ():
        if field.of is Selected.OTHERS or field.when:
            continue
        for steps, selector in paths.follow(manifest.body, field.at):
            labels = () if field.plain else ("matchLabels",)
            if INSTANCE in mapping(dig(selector, *labels)):
                yield (*steps, *labels, INSTANCE)
            for index, expression in enumerate(items(dig(selector, "matchExpressions"))):
                if dig(expression, "key") == INSTANCE:
                    yield (*steps, "matchExpressions", index, "key")


def nothing_selected(inventory: Inventory) -> Iterator[Violation]:
    """Find Services and PodDisruptionBudgets that select no pod; the cluster brings pods of its own."""
    elsewhere = surroundings.chart_namespaces(inventory) | {surroundings.SYSTEM_NAMESPACE}
    index = workloads.index(inventory)
    for kind, group in (("Service", ""), ("PodDisruptionBudget", "policy")):
        for manifest in inventory.of_kind(kind, group=group):
            namespace = workloads.namespace_of(manifest)
            selector = manifest.get("spec", "selector")
            if not selector or namespace in elsewhere:
                continue
            found = index.behind(manifest) if kind == "Service" else index.selected(namespace, selector)
            if not found and not surroundings.made_by_controller(selector):
                yield Violation(
                    manifest=manifest,
                    steps=("spec", "selector"),
                    message=f"this {kind} selects no pod of namespace `{namespace}`",
                    hint="select labels that a pod template of the namespace carries",
                )
