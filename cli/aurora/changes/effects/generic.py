"""Rows for every kind: whole objects that come, go or stay, metadata, status, and fields that no other row knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.effects.row import ANY, Row, Subject, When
from aurora.model.change import Effect

if TYPE_CHECKING:
    from aurora.model.manifest import Manifest

_CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: aurora
  labels: {team: ml}
  annotations: {example.com/note: first, argocd.argoproj.io/sync-wave: "1"}
  finalizers: [example.com/guard]
data: {mode: fast}
"""
_WIDGET = """\
apiVersion: example.com/v1
kind: Widget
metadata: {name: one, namespace: aurora}
spec: {size: 1}
status: {ready: true}
"""
_HTTP = "  - {name: http, port: 80}\n"
_METRICS = "  - {name: metrics, port: 9090}\n"
_PORTS = f"""\
apiVersion: v1
kind: Service
metadata: {{name: inference, namespace: aurora}}
spec:
  selector: {{app: inference}}
  ports:
{_HTTP}{_METRICS}"""
_OWNER = "{apiVersion: v1, kind: ConfigMap, name: parent, uid: 6f1c0f0e-0000-4000-8000-000000000000}"
_HOOK = "argocd.argoproj.io/hook"
_PHASES = {"PreSync", "Sync", "PostSync", "SyncFail"}
_SYNC = "argocd.argoproj.io/sync-options"
_API = "kubernetes.io/docs/reference/using-api/api-concepts"


def _whole(name: str, effect: Effect, words: str, source: str, *, before: str = "", after: str = "") -> Row:
    return Row(
        id=f"object/{name}",
        kinds=(ANY,),
        fields=(),
        effect=effect,
        words=words,
        source=source,
        before=before,
        after=after,
    )


CREATED = _whole("created", Effect.CREATED, "the cluster has no such object yet", _API, after=_CONFIG)
DELETED = _whole(
    "deleted",
    Effect.DELETED,
    "Git no longer holds the object: Argo CD deletes it where pruning is on, and reports it as out of sync elsewhere",
    "Argo CD: user guide, automated sync policy, automatic pruning",
    before=_CONFIG,
)
DELETED_KEPT = _whole(
    "deleted-kept",
    Effect.DELETED,
    f"Git no longer holds the object, but its annotation `{_SYNC}: Prune=false` makes Argo CD leave it in the cluster",
    "Argo CD: user guide, sync options, no prune resources",
    before=_CONFIG.replace('argocd.argoproj.io/sync-wave: "1"', f"{_SYNC}: Prune=false"),
)
ORPHANED = _whole(
    "deleted-orphaned",
    Effect.DELETED,
    "Git no longer holds the object, nor the Application that owned it: without a finalizer only the Application is "
    "deleted, and the object stays in the cluster with nobody to look after it",
    "Argo CD: user guide, app deletion",
    before=_CONFIG,
)
RENAMED = _whole(
    "renamed",
    Effect.RENAMED,
    "the cluster creates the new object and deletes the old one; nothing moves from one to the other",
    "kubernetes.io/docs/concepts/overview/working-with-objects/names",
    before=_CONFIG,
    after=_CONFIG.replace("name: settings", "name: settings-2"),
)
UNCHANGED = _whole(
    "unchanged",
    Effect.UNCHANGED,
    "both texts are stored as the same object",
    _API,
    before=_CONFIG,
    after=_CONFIG.replace("{mode: fast}", '{"mode": "fast"}'),
)
REFUSED = _whole(
    "refused",
    Effect.REFUSED,
    "the sync fails and the cluster keeps the old object; where only the update is refused, deleting and creating it "
    "anew would get past the server, as Argo CD does with the sync options `Force=true,Replace=true`",
    "k8s.io/apiserver pkg/registry/rest/update.go: BeforeUpdate",
    before=_PORTS,
    after=_PORTS.replace("port: 9090", "port: 90900"),
)
_FORCED = _CONFIG.replace('argocd.argoproj.io/sync-wave: "1"', f'{_SYNC}: "Force=true,Replace=true"')
REPLACED = _whole(
    "replaced",
    Effect.RECREATE,
    f"its annotation `{_SYNC}: Force=true,Replace=true` makes Argo CD delete the object and create it anew at "
    "every sync",
    "Argo CD: user guide, sync options, replace resource instead of applying changes, force sync",
    before=_FORCED,
    after=_FORCED.replace("fast", "slow"),
)
_HOOKED = _CONFIG.replace('argocd.argoproj.io/sync-wave: "1"', f"{_HOOK}: PreSync")
HOOK = _whole(
    "hook",
    Effect.RECREATE,
    "it is a hook: at its phase of every sync Argo CD deletes the one of the last sync and creates it anew",
    "Argo CD: user guide, sync phases and waves, hook deletion policies",
    before=_HOOKED,
    after=_HOOKED.replace("fast", "slow"),
)
WHOLE = (CREATED, DELETED, DELETED_KEPT, ORPHANED, RENAMED, UNCHANGED, REFUSED, REPLACED, HOOK)

_object = Subject("object", (ANY,), _CONFIG)
_custom = Subject("custom", (ANY,), _WIDGET)

FIELDS = (
    Row(
        id="object/reordered",
        kinds=(ANY,),
        fields=("**",),
        effect=Effect.IN_PLACE,
        words="a list with keys holds the same items in another order, and no controller of this kind acts on the "
        "order",
        source="kubernetes.io/docs/reference/using-api/server-side-apply: merge strategy",
        before=_PORTS,
        after=_PORTS.replace(f"{_HTTP}{_METRICS}", f"{_METRICS}{_HTTP}"),
        when=When("only the order differs", lambda _pair, leaf: leaf.reordered),
        ordered=True,
    ),
    _object.row(
        "argocd-annotation",
        "metadata.annotations[argocd.argoproj.io/*]",
        effect=Effect.IN_PLACE,
        words="Argo CD acts on the annotation at the next sync: waves, hooks, options, comparison; the object "
        "itself goes on",
        source="Argo CD: user guide, sync phases and waves, sync options, compare options",
        swap=('sync-wave: "1"', 'sync-wave: "2"'),
    ),
    _object.row(
        "finalizers",
        "metadata.finalizers.**",
        effect=Effect.IN_PLACE,
        words="deletion waits until every finalizer is taken away by its controller",
        source="kubernetes.io/docs/concepts/overview/working-with-objects/finalizers",
        swap=("example.com/guard", "example.com/other"),
    ),
    _object.row(
        "owners",
        "metadata.ownerReferences.**",
        effect=Effect.IN_PLACE,
        words="the garbage collector deletes the object once its last owner is gone",
        source="kubernetes.io/docs/concepts/architecture/garbage-collection",
        swap=("data: {mode", f"  ownerReferences: [{_OWNER}]\ndata: {{mode"),
    ),
    _object.row(
        "metadata",
        "metadata.**",
        effect=Effect.METADATA_ONLY,
        words="labels and annotations of the object itself restart nothing; whoever selects objects by them sees "
        "the change",
        source="kubernetes.io/docs/concepts/overview/working-with-objects/labels",
        swap=("team: ml", "team: ops"),
    ),
    Row(
        id="object/api-version",
        kinds=(ANY,),
        fields=("apiVersion",),
        effect=Effect.METADATA_ONLY,
        words="the server converts between the versions of a kind and stores one of them: the object stays the same",
        source="kubernetes.io/docs/reference/using-api: API versioning",
        before=_WIDGET,
        after=_WIDGET.replace("example.com/v1", "example.com/v2"),
    ),
    _custom.row(
        "status",
        "status.**",
        effect=Effect.UNCHANGED,
        words="status is written by controllers; where the kind has the status subresource, the server ignores it "
        "in a manifest",
        source="kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions: status "
        "subresource",
        swap=("ready: true", "ready: false"),
    ),
)
"""Asked after the rows of a kind, whatever the kind."""

BUILTIN = (
    Row(
        id="builtin/field",
        kinds=(ANY,),
        fields=("**",),
        effect=Effect.IN_PLACE,
        words="the server stores the field; Aurora has no row for it, so what reads it is not known",
        source=_API,
        before="apiVersion: v1\nkind: Future\nmetadata: {name: one}\nspec: {size: 1}\n",
        after="apiVersion: v1\nkind: Future\nmetadata: {name: one}\nspec: {size: 2}\n",
    ),
)
"""Asked last about kinds of Kubernetes itself: fields of versions that are newer than the table."""

CUSTOM = (
    _custom.row(
        "spec",
        "**",
        effect=Effect.IN_PLACE,
        words="the server stores the field and the kind's controller sees it; what its controller does is not "
        "known to Aurora",
        source="kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources",
        swap=("size: 1", "size: 2"),
    ),
)
"""Asked last about kinds that a CustomResourceDefinition serves."""

ROWS = (*WHOLE, *FIELDS, *BUILTIN, *CUSTOM)


def deleted(before: Manifest, stays: str | None) -> Row:
    """Give the row for a manifest that Git no longer holds; `stays` says why the cluster does."""
    if "Prune=false" in _listed(before, _SYNC):
        return DELETED_KEPT
    return ORPHANED if stays else DELETED


def anew(after: Manifest) -> Row | None:
    """Give the row of an object that Argo CD deletes and creates anew instead of changing it; None for others."""
    policies = _listed(after, f"{_HOOK}-delete-policy")
    if _PHASES & _listed(after, _HOOK) and ("BeforeHookCreation" in policies or not policies):
        return HOOK
    return REPLACED if {"Force=true", "Replace=true"} <= _listed(after, _SYNC) else None


def _listed(manifest: Manifest, annotation: str) -> set[str]:
    """Read an annotation that lists words."""
    return {word for part in manifest.annotations.get(annotation, "").split(",") if (word := part.strip())}
