"""Whether pods still find what they cannot start without: claims, accounts, and Secrets that others make.

Deleted ConfigMaps and Secrets stand with who picks them up. Source: Kubernetes 1.35, PodSpec; External Secrets 2.9
(an owned Secret is deleted with its ExternalSecret).
"""

from collections.abc import Iterator

from aurora.changes.consequences.downtime.routes import provided_secret
from aurora.changes.consequences.row import DOWNTIME, Found, Row
from aurora.changes.consequences.view import View, left
from aurora.changes.pairs import Pair
from aurora.cluster import workloads
from aurora.model.manifest import Manifest

CLAIM_GONE = Row("downtime/claim-gone", DOWNTIME)
ACCOUNT_GONE = Row("downtime/account-gone", DOWNTIME)
SECRET_UNMADE = Row("downtime/secret-unmade", DOWNTIME)

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
            for user in _distinct(view, gone.id.kind, workloads.namespace_of(gone), gone.id.name):
                yield row.found(pair, f"still names {gone.id}", resource=user.id)
        elif gone.id.kind in _MAKERS:
            yield from _unmade(view, pair, gone)


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
