"""Rules about how Applications sync: options that exist and fit together, ignored fields, finalizers.

Sources: argo-cd docs of 3.5 (sync options, diffing), `docs/facts/gitops.md`.
"""

from collections.abc import Iterator

from aurora.cluster import workloads
from aurora.cluster.applications import Application, deployments, is_meant
from aurora.cluster.sleepers import sleepers
from aurora.cluster.sync_order import words
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import ADVICE, BROKEN, REFUSED, InventoryRule, Violation
from aurora_constructs.labels import SYNC_OPTIONS

Steps = tuple[Step, ...]

BOOLEAN = frozenset({"true", "false"})
PROTECTION = BOOLEAN | {"confirm"}
OPTIONS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "ApplyOutOfSyncOnly",
            "ClientSideApplyMigration",
            "ControllerReferencesOnly",
            "CreateNamespace",
            "FailOnSharedResource",
            "Force",
            "PruneLast",
            "Replace",
            "RespectIgnoreDifferences",
            "ServerSideApply",
            "SkipDryRunOnMissingResource",
            "Validate",
        ),
        BOOLEAN,
    ),
    "Delete": PROTECTION,
    "Prune": PROTECTION,
    "PrunePropagationPolicy": frozenset({"background", "foreground", "orphan"}),
}
FINALIZER = "resources-finalizer.argocd.argoproj.io"
REPLICAS_POINTER = "/spec/replicas"
REPLICAS_PATHS = frozenset({".spec.replicas", "spec.replicas"})


def _unknown_options(inventory: Inventory) -> Iterator[Violation]:
    for application in deployments(inventory).applications:
        for index, option in enumerate(application.options):
            steps: Steps = ("spec", "syncPolicy", "syncOptions", index)
            yield from _unknown(application.manifest, steps, option)
    for manifest in inventory.manifests:
        for option in words(manifest, SYNC_OPTIONS):
            yield from _unknown(manifest, ("metadata", "annotations", SYNC_OPTIONS), option)


def _unknown(manifest: Manifest, steps: Steps, option: str) -> Iterator[Violation]:
    name, _, value = option.partition("=")
    known = OPTIONS.get(name)
    if known is None or value not in known:
        hint = (
            f"`{name}` takes {', '.join(sorted(known))}" if known else f"the options are {', '.join(sorted(OPTIONS))}"
        )
        yield Violation(
            manifest=manifest, steps=steps, message=f"`{option}` is no sync option that Argo CD knows", hint=hint
        )


def _shared_resources(inventory: Inventory) -> Iterator[Violation]:
    for application in deployments(inventory).applications:
        if "ServerSideApply=true" in application.options and "FailOnSharedResource=true" not in application.options:
            yield Violation(
                manifest=application.manifest,
                steps=("spec", "syncPolicy", "syncOptions"),
                message="the Application applies with force, also to objects of other Applications",
                hint="add `FailOnSharedResource=true`",
            )


def _namespace_owners(inventory: Inventory) -> Iterator[Violation]:
    for application in deployments(inventory).applications:
        steps = ("spec", "syncPolicy", "managedNamespaceMetadata")
        target = text(application.manifest.get("spec", "destination", "namespace"))
        if application.manifest.get(*steps) is not None and inventory.find("Namespace", target) is not None:
            yield Violation(
                manifest=application.manifest,
                steps=steps,
                message=f"Namespace `{target}` has a manifest of its own, which says something else about its labels",
                hint="write the labels into the Namespace's manifest and remove `managedNamespaceMetadata`",
            )


def _root_finalizers(inventory: Inventory) -> Iterator[Violation]:
    found = deployments(inventory)
    for application in found.applications:
        if not (found.is_root(application) and found.serves_users(application)):
            continue
        for index, finalizer in enumerate(items(application.manifest.get("metadata", "finalizers"))):
            if text(finalizer).split("/")[0] == FINALIZER:
                yield Violation(
                    manifest=application.manifest,
                    steps=("metadata", "finalizers", index),
                    message="deleting the root Application would delete everything in production",
                    hint="remove the finalizer from the root Application",
                )


def _ignored_replicas(inventory: Inventory) -> Iterator[Violation]:
    for application in deployments(inventory).applications:
        for index, entry in enumerate(items(application.manifest.get("spec", "ignoreDifferences"))):
            for field in _replica_fields(entry):
                steps: Steps = ("spec", "ignoreDifferences", index, *field)
                yield from _without_owner(inventory, application, (steps, entry))


def _replica_fields(entry: JsonValue) -> Iterator[Steps]:
    for index, pointer in enumerate(items(dig(entry, "jsonPointers"))):
        if pointer == REPLICAS_POINTER:
            yield "jsonPointers", index
    for index, path in enumerate(items(dig(entry, "jqPathExpressions"))):
        if text(path).strip() in REPLICAS_PATHS:
            yield "jqPathExpressions", index


def _without_owner(
    inventory: Inventory, application: Application, found: tuple[Steps, JsonValue]
) -> Iterator[Violation]:
    steps, entry = found
    index = workloads.index(inventory)
    matched = [other for other in deployments(inventory).synced_by(application) if is_meant(other, entry)]
    asleep = {("Deployment", schedule.id.namespace, name) for schedule, name, _ in sleepers(inventory)}
    kept = [other for other in matched if not index.scalers_of(other)]
    unowned = [other for other in kept if (other.id.kind, other.id.namespace, other.id.name) not in asleep]
    if not matched:
        yield Violation(
            manifest=application.manifest,
            steps=steps,
            message="`replicas` is ignored for workloads that the Application does not sync",
            hint="remove the entry, or name a workload that is autoscaled",
        )
    for other in unowned[:1]:
        yield Violation(
            manifest=application.manifest,
            steps=steps,
            message=f"`replicas` of {other.id} is ignored, but no autoscaler and no schedule owns it",
            hint="remove the entry: Git is the only writer of that field",
        )
    if matched and not unowned and "RespectIgnoreDifferences=true" not in application.options:
        yield Violation(
            manifest=application.manifest,
            steps=steps,
            message="`replicas` is ignored in comparisons, but every sync still writes it",
            hint="add the sync option `RespectIgnoreDifferences=true`",
        )


RULES = (
    InventoryRule("gitops/sync-option", REFUSED, _unknown_options),
    InventoryRule("gitops/shared-resource", ADVICE, _shared_resources),
    InventoryRule("gitops/namespace-owner", BROKEN, _namespace_owners),
    InventoryRule("gitops/root-finalizer", ADVICE, _root_finalizers, own=True),
    InventoryRule("gitops/ignored-replicas", BROKEN, _ignored_replicas),
)
