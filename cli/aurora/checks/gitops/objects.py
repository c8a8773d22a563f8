"""Rules about objects that Argo CD applies: what must survive a deletion, what runs again, what drifts.

Sources: argo-cd docs (sync options, hooks), `docs/facts/workloads.md`, `docs/facts/custom-resources.md`,
`docs/facts/storage.md`, and `docs/facts/gitops.md` for what keeps showing as a difference. Foreign manifests count as
applied by Argo CD only where one of its objects lies beside them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from aurora.cluster.applications import deployments, uses_argo_cd
from aurora.cluster.sync_order import DELETE_POLICIES, is_hook, words
from aurora.kinds.entry import Form
from aurora.kinds.paths import follow
from aurora.kinds.table import is_builtin_group
from aurora.model.inventory import Inventory
from aurora.model.json_value import items, mapping
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import ADVICE, BROKEN, OBJECT, InventoryRule, Violation
from aurora_constructs.labels import HOOK, HOOK_DELETE_POLICY, SYNC_OPTIONS

Steps = tuple[Step, ...]

DEFINITION = ("apiextensions.k8s.io", "CustomResourceDefinition")
CLAIM = ("", "PersistentVolumeClaim")
PROTECTED: dict[tuple[str, str], tuple[tuple[str, ...], ...]] = {
    DEFINITION: (("Prune=false", "Prune=confirm"),),
    ("", "Namespace"): (("Prune=false", "Prune=confirm"),),
    CLAIM: (("Prune=false",), ("Delete=false",)),
}
"""For each kind whose deletion takes data with it: of each group of options one must be set."""
HELM_KEEP = ("helm.sh/resource-policy", "keep")
"""Argo CD reads it as `Prune=false` and `Delete=false` (argo-cd docs, Helm)."""
HOOK_TYPES = frozenset({"PreSync", "Sync", "PostSync", "SyncFail", "Skip", "PreDelete", "PostDelete"})

SERVER_FIELDS = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "resourceVersion",
    "selfLink",
    "uid",
)
"""Metadata that the API server writes (source: `BeforeCreate` of apiserver's registry, `rest/create.go`).

`managedFields`, which a server-side apply refuses, is `gitops/managed-fields`.
"""


def unprotected(inventory: Inventory) -> Iterator[Violation]:
    """Find objects that Argo CD would delete together with their data."""
    found = deployments(inventory)
    for manifest in inventory.manifests if uses_argo_cd(inventory) else ():
        groups = PROTECTED.get((manifest.id.group, manifest.id.kind), ())
        kept = manifest.annotations.get(HELM_KEEP[0]) == HELM_KEEP[1]
        if not groups or kept or not manifest.emitted or is_hook(manifest):
            continue
        own = words(manifest, SYNC_OPTIONS)
        inherited = [option for owner in found.owners_of(manifest) for option in owner.options]
        missing = [group[0] for group in groups if not _is_set(group, own, inherited)]
        if missing:
            annotated = SYNC_OPTIONS in manifest.annotations
            yield Violation(
                manifest=manifest,
                steps=("metadata", "annotations", SYNC_OPTIONS) if annotated else ("metadata",),
                message=f"Argo CD may delete this {manifest.id.kind}, and what it holds with it",
                hint=f"annotate it with `{SYNC_OPTIONS}: {','.join([*own, *missing])}`",
            )


def _is_set(group: tuple[str, ...], own: list[str], inherited: list[str]) -> bool:
    """An object's own option overrides the Application's."""
    name = group[0].partition("=")[0]
    stated = [option for option in own if option.partition("=")[0] == name] or inherited
    return any(option in group for option in stated)


def broken_hooks(inventory: Inventory) -> Iterator[Violation]:
    """Find hooks that never run, and delete policies that Argo CD passes over (gitops engine, `DeletePolicies`)."""
    for manifest in inventory.manifests:
        if HOOK not in manifest.annotations:
            continue
        types = words(manifest, HOOK)
        unknown = [word for word in types if word not in HOOK_TYPES]
        if unknown or not types:
            yield Violation(
                manifest=manifest,
                steps=("metadata", "annotations", HOOK),
                message=f"`{manifest.annotations[HOOK]}` is no hook that Argo CD knows",
                hint=f"the hooks are {', '.join(sorted(HOOK_TYPES))}",
            )
        elif types != ["Skip"]:
            yield from _delete_policy(manifest)


def _delete_policy(manifest: Manifest) -> Iterator[Violation]:
    if not DELETE_POLICIES.issuperset(words(manifest, HOOK_DELETE_POLICY)):
        yield Violation(
            manifest=manifest,
            steps=("metadata", "annotations", HOOK_DELETE_POLICY),
            message=f"`{manifest.annotations[HOOK_DELETE_POLICY]}` is no delete policy that Argo CD knows",
            hint=f"the policies are {', '.join(sorted(DELETE_POLICIES))}; without one it is BeforeHookCreation",
        )


def server_fields(inventory: Inventory) -> Iterator[Violation]:
    """Find fields that the API server drops or writes itself."""
    with_status = _kinds_with_status(inventory)
    templates: dict[int, list[Steps]] = defaultdict(list)
    for pod in inventory.pods():
        if pod.steps and pod.place.form is Form.TEMPLATE:
            templates[id(pod.manifest)].append(pod.metadata_at())
    for manifest in inventory.manifests:
        for steps in _server_steps(manifest, templates.get(id(manifest), ()), with_status):
            yield Violation(
                manifest=manifest,
                steps=steps,
                message=f"the API server drops or overwrites `{'.'.join(str(step) for step in steps)}`",
                hint="remove the field",
            )


def _server_steps(manifest: Manifest, templates: Iterable[Steps], with_status: set[tuple[str, str]]) -> Iterator[Steps]:
    kind = (manifest.id.group, manifest.id.kind)
    for place in (("metadata",), *templates):
        metadata = mapping(manifest.get(*place))
        # A null is no value: tools that write Go's types leave `creationTimestamp: null` behind.
        yield from ((*place, field) for field in SERVER_FIELDS if metadata.get(field) is not None)
    if _says(manifest.body.get("status")) and (is_builtin_group(manifest.id.group) or kind in with_status):
        yield ("status",)
    if kind == DEFINITION and manifest.get("spec", "preserveUnknownFields") is False:
        yield ("spec", "preserveUnknownFields")


def _says(value: object) -> bool:
    """Tell whether anything is in it: tools that write Go's types leave a status of empty fields behind."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return value not in (None, "") if inner is None else any(map(_says, inner))


def _kinds_with_status(inventory: Inventory) -> set[tuple[str, str]]:
    """Custom kinds whose status only their controller can write, as far as their definitions are here."""
    return {
        (str(manifest.get("spec", "group")), str(manifest.get("spec", "names", "kind")))
        for manifest in inventory.of_kind(DEFINITION[1], group=DEFINITION[0])
        for version in items(manifest.get("spec", "versions"))
        if "status" in mapping(mapping(version).get("subresources"))
    }


def generated_names(inventory: Inventory) -> Iterator[Violation]:
    """Find objects without a name that no hook creates anew."""
    for manifest in inventory.manifests if uses_argo_cd(inventory) else ():
        if manifest.get("metadata", "generateName") and not manifest.id.name and not is_hook(manifest):
            yield Violation(
                manifest=manifest,
                steps=("metadata", "generateName"),
                message=f"this {manifest.id.kind} has no name of its own, so Argo CD cannot keep it in sync",
                hint=f"give it a name, or make it a hook with `{HOOK}`",
            )


def vanishing_objects(inventory: Inventory) -> Iterator[Violation]:
    """Find objects that remove themselves when they are done, and that Git puts back."""
    for manifest in inventory.manifests if uses_argo_cd(inventory) else ():
        if not manifest.emitted or is_hook(manifest):
            continue
        for steps in _vanishing_steps(manifest):
            if manifest.get(*steps) is not None:
                yield Violation(
                    manifest=manifest,
                    steps=steps,
                    message=f"this {manifest.id.kind} removes itself when done, and the next sync starts it again",
                    hint="remove the field, or make the object a hook",
                )


def _vanishing_steps(manifest: Manifest) -> Iterator[Steps]:
    """A Workflow's `ttlStrategy` is such a field; a WorkflowTemplate's is for the Workflows that it makes."""
    yield ("spec", "ttlSecondsAfterFinished")
    if (manifest.id.group, manifest.id.kind) == ("argoproj.io", "Workflow"):
        yield ("spec", "ttlStrategy")


INJECTED = (
    "cert-manager.io/inject-ca-from",
    "cert-manager.io/inject-ca-from-secret",
    "cert-manager.io/inject-apiserver-ca",
)
"""Annotations by which cert-manager's cainjector fills in the bundles of an object (cert-manager 1.21 docs)."""
REVISIONS = {"Deployment": "deployment.kubernetes.io/revision", "Rollout": "rollout.argoproj.io/revision"}
BUNDLES: dict[str, tuple[str, ...]] = {
    "ValidatingWebhookConfiguration": ("webhooks", "*", "clientConfig", "caBundle"),
    "MutatingWebhookConfiguration": ("webhooks", "*", "clientConfig", "caBundle"),
    "CustomResourceDefinition": ("spec", "conversion", "webhook", "clientConfig", "caBundle"),
    "APIService": ("spec", "caBundle"),
}


def overwritten(inventory: Inventory) -> Iterator[Violation]:
    """Find fields that a controller writes, and that Git states as well: each undoes what the other wrote."""
    found = deployments(inventory)
    for kind in ("ClusterRole", *REVISIONS, *BUNDLES) if uses_argo_cd(inventory) else ():
        for manifest in inventory.of_kind(kind):
            ignored = any(owner.ignores(manifest) for owner in found.owners_of(manifest))
            for steps, writer in () if ignored or is_hook(manifest) else _controllers(manifest):
                yield Violation(
                    manifest=manifest,
                    steps=steps,
                    message=f"{writer} overwrites `{'.'.join(map(str, steps))}`, which Argo CD shows as a difference",
                    hint="leave the field out: its writer fills it in",
                )


def _controllers(manifest: Manifest) -> Iterator[tuple[Steps, str]]:
    """Source: Kubernetes 1.35, pkg/controller: clusterroleaggregation, deployment/util (`SetDeploymentRevision`).

    `normalizeRole` of Argo CD's gitops engine leaves out the rules of aggregated roles that are empty.
    """
    if manifest.id.kind == "ClusterRole":
        if manifest.get("aggregationRule") is not None and items(manifest.get("rules")):
            yield ("rules",), "the controller that aggregates roles"
    elif annotation := REVISIONS.get(manifest.id.kind):
        if annotation in manifest.annotations:
            yield ("metadata", "annotations", annotation), f"the controller of {manifest.id.kind}s"
    elif any(manifest.annotations.get(name) for name in INJECTED):
        for steps, value in follow(manifest.body, BUNDLES[manifest.id.kind]):
            if value:
                yield steps, "cert-manager"


RULES = (
    InventoryRule("gitops/unprotected", ADVICE, unprotected, softens=True),
    InventoryRule("gitops/hook", BROKEN, broken_hooks, scope=OBJECT),
    InventoryRule("gitops/server-field", BROKEN, server_fields, softens=True),
    InventoryRule("gitops/overwritten", BROKEN, overwritten, softens=True),
    InventoryRule("gitops/generated-name", BROKEN, generated_names, softens=True),
    InventoryRule("gitops/rerun", BROKEN, vanishing_objects, softens=True),
)
