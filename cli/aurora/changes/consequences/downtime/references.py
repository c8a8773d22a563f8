"""Whether pods still find what they cannot start without: claims, accounts, and Secrets that others make.

Deleted ConfigMaps and Secrets stand with who picks them up. Source: Kubernetes 1.35, PodSpec; External Secrets 2.9
(an owned Secret is deleted with its ExternalSecret).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.consequences.downtime.routes import provided_secret
from aurora.changes.consequences.examples import CLAIM, DEPLOYMENT, delete, edit
from aurora.changes.consequences.row import Row
from aurora.changes.consequences.view import View, left
from aurora.cluster import workloads
from aurora.model.change import Impact
from aurora.model.examples import altered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.changes.consequences.row import Found
    from aurora.changes.pairs import Pair
    from aurora.model.manifest import Manifest

_RISK = (Impact.DOWNTIME_RISK,)
_ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata: {name: model, namespace: ml}
"""
_RUN_AS = altered(DEPLOYMENT, "      containers:\n", "      serviceAccountName: model\n      containers:\n")
_EXTERNAL = """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: keys, namespace: ml}
spec: {secretStoreRef: {name: store}, target: {name: keys}, data: [{secretKey: a, remoteRef: {key: a}}]}
"""
_USING = altered(DEPLOYMENT, "env: [{name: MODEL_VERSION, value: v1}]", "envFrom: [{secretRef: {name: keys}}]")

CLAIM_GONE = Row(
    id="downtime/claim-gone",
    subject="PersistentVolumeClaim",
    words="pods mount a claim that is deleted: it goes once the last of them ends, and new ones stay Pending",
    source="Kubernetes 1.35, volumes from claims; storage object in use protection",
    impacts=_RISK,
    example=delete(CLAIM, DEPLOYMENT),
    counter=edit(CLAIM, "storage: 10Gi", "storage: 20Gi", DEPLOYMENT),
)
ACCOUNT_GONE = Row(
    id="downtime/account-gone",
    subject="ServiceAccount",
    words="pods run as a ServiceAccount that is gone: new pods are refused, tokens of running ones end",
    source="Kubernetes 1.35, ServiceAccount admission and bound tokens",
    impacts=_RISK,
    example=delete(_ACCOUNT, _RUN_AS),
    counter=delete(_ACCOUNT, DEPLOYMENT),
)
SECRET_UNMADE = Row(
    id="downtime/secret-unmade",
    subject="ExternalSecret, Certificate",
    words="nothing makes or renews a Secret any more that pods need: new pods do not start once it is gone",
    source="External Secrets 2.9, `creationPolicy: Owner`; cert-manager 1.21, Certificates",
    impacts=_RISK,
    example=delete(_EXTERNAL, _USING),
    counter=delete(_EXTERNAL, DEPLOYMENT),
)
ROWS = (CLAIM_GONE, ACCOUNT_GONE, SECRET_UNMADE)

_PLAIN = {"PersistentVolumeClaim": CLAIM_GONE, "ServiceAccount": ACCOUNT_GONE}
_MAKERS = ("Certificate", "ExternalSecret")


def find(view: View) -> Iterator[Found]:
    """Yield pods that miss what they name."""
    for pair in view.pairs:
        gone = left(pair)
        if gone is None:
            continue
        row = _PLAIN.get(gone.id.kind) if gone.id.group == "" else None
        if row is not None:
            yield from _users(view, pair, gone.id.kind, row)
        elif gone.id.kind in _MAKERS:
            yield from _unmade(view, pair, gone)


def _users(view: View, pair: Pair, kind: str, row: Row) -> Iterator[Found]:
    gone = left(pair)
    if gone is None:
        return
    namespace = workloads.namespace_of(gone)
    for user in _distinct(view, kind, namespace, gone.id.name):
        yield row.found(pair, f"still names {gone.id}", resource=user.id)


def _unmade(view: View, pair: Pair, gone: Manifest) -> Iterator[Found]:
    name, namespace = provided_secret(gone), workloads.namespace_of(gone)
    makers = view.after.of_kinds(*_MAKERS, "Secret", namespace=namespace)
    if not name or any(provided_secret(entry) == name for entry in makers):
        return
    for user in _distinct(view, "Secret", namespace, name):
        yield SECRET_UNMADE.found(pair, f"needs the Secret `{name}`", resource=user.id)


def _distinct(view: View, kind: str, namespace: str, name: str) -> list[Manifest]:
    found = {
        reference.pod.manifest.id.identity: reference.pod.manifest
        for reference in view.after.references(kind, namespace, name)
        if not reference.optional
    }
    return list(found.values())
