"""Rules about how Applications sync: options that exist and fit together, ignored fields, finalizers.

Sources: argo-cd docs of 3.5 (sync options, diffing), `reference/domain.md` section 17.
"""

from __future__ import annotations

from collections.abc import Iterator

from aurora.cluster import workloads
from aurora.cluster.applications import Application, deployments
from aurora.cluster.globs import glob
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import InventoryRule, Rule, Violation
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


def object_options(manifest: Manifest) -> list[str]:
    """Give the sync options of an object's own annotation."""
    words = manifest.annotations.get(SYNC_OPTIONS, "").split(",")
    return [word.strip() for word in words if word.strip()]


def _unknown_options(inventory: Inventory) -> Iterator[Violation]:
    for application in deployments(inventory).applications:
        for index, option in enumerate(application.options):
            steps: Steps = ("spec", "syncPolicy", "syncOptions", index)
            yield from _unknown(application.manifest, steps, option)
    for manifest in inventory.manifests:
        for option in object_options(manifest):
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
    matched = [other for other in deployments(inventory).synced_by(application) if _is_meant(other, entry)]
    unowned = [other for other in matched if not index.scalers_of(other)]
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
            message=f"`replicas` of {other.id} is ignored, but no autoscaler owns it",
            hint="remove the entry: Git is the only writer of that field",
        )
    if matched and not unowned and "RespectIgnoreDifferences=true" not in application.options:
        yield Violation(
            manifest=application.manifest,
            steps=steps,
            message="`replicas` is ignored in comparisons, but every sync still writes it",
            hint="add the sync option `RespectIgnoreDifferences=true`",
        )


def _is_meant(manifest: Manifest, entry: JsonValue) -> bool:
    """Group and kind are patterns, name and namespace are not (argo-cd docs, diffing)."""
    name, namespace = text(dig(entry, "name")), text(dig(entry, "namespace"))
    return (
        glob(text(dig(entry, "group")), manifest.id.group)
        and glob(text(dig(entry, "kind")), manifest.id.kind)
        and name in {"", manifest.id.name}
        and namespace in {"", manifest.id.namespace}
    )


_APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd%s}
spec:
  source: {repoURL: https://git.example.com/shop.git, path: ., targetRevision: v1.0.0}
  destination: {server: https://kubernetes.default.svc, namespace: shop}
%s"""
_OPTIONS = "  syncPolicy: {syncOptions: [%s]}\n"
_IGNORED = _APPLICATION % (
    "",
    "  ignoreDifferences: [{group: apps, kind: Deployment, jsonPointers: [/spec/replicas]}]\n"
    + _OPTIONS % "RespectIgnoreDifferences=true",
)
_DEPLOYMENT = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n"
_AUTOSCALER = """\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 3}
"""
_LABELLED = "  syncPolicy: {managedNamespaceMetadata: {labels: {team: web}}}\n"
_CHILD = """\
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
"""
_PRODUCTION = ", annotations: {aurora.example.com/production: 'true'}"

RULES = (
    InventoryRule(
        rule=Rule(
            id="gitops/sync-option",
            severity=Severity.ERROR,
            summary="a sync option that Argo CD does not know",
            why="Argo CD passes over it without a word, so what it was meant to protect is not protected.",
            bad=_APPLICATION % ("", _OPTIONS % "ServerSideApply"),
            good=_APPLICATION % ("", _OPTIONS % "ServerSideApply=true"),
        ),
        find=_unknown_options,
    ),
    InventoryRule(
        rule=Rule(
            id="gitops/shared-resource",
            severity=Severity.ERROR,
            summary="server-side apply that may take objects of other Applications",
            why="Argo CD applies with `--force-conflicts`: two Applications with one object overwrite each other.",
            bad=_APPLICATION % ("", _OPTIONS % "ServerSideApply=true"),
            good=_APPLICATION % ("", _OPTIONS % "ServerSideApply=true, FailOnSharedResource=true"),
        ),
        find=_shared_resources,
    ),
    InventoryRule(
        rule=Rule(
            id="gitops/namespace-owner",
            severity=Severity.ERROR,
            summary="a namespace with two owners of its labels",
            why="The Application and the manifest undo each other's labels, Pod Security levels included.",
            bad=_APPLICATION % ("", _LABELLED) + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
            good=_APPLICATION % ("", "") + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
        ),
        find=_namespace_owners,
    ),
    InventoryRule(
        rule=Rule(
            id="gitops/root-finalizer",
            severity=Severity.ERROR,
            summary="a root Application of production that deletes what it synced",
            why="With the finalizer, deleting this one object deletes the whole production environment.",
            bad=_APPLICATION % (_PRODUCTION + f", finalizers: [{FINALIZER}]", "") + _CHILD,
            good=_APPLICATION % (_PRODUCTION, "") + _CHILD,
        ),
        find=_root_finalizers,
    ),
    InventoryRule(
        rule=Rule(
            id="gitops/ignored-replicas",
            severity=Severity.ERROR,
            summary="ignored replicas that no autoscaler owns, or that a sync writes all the same",
            why="A field that Git states is ignored, or a field that an autoscaler owns is reset by every sync.",
            bad=_IGNORED + _DEPLOYMENT,
            good=_IGNORED + _DEPLOYMENT + _AUTOSCALER,
        ),
        find=_ignored_replicas,
    ),
)
