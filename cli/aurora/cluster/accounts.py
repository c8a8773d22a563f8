"""Which ServiceAccounts act as which identity of the cloud, and what they need of it. Must not judge.

Sources: EKS user guide, "IAM roles for service accounts"; Azure Workload Identity, "Service account labels and
annotations"; what an account needs is Aurora's own annotation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aurora.model.inventory import Inventory
from aurora.model.json_value import text
from aurora.model.manifest import Manifest
from aurora_constructs.cluster import UnavailableError

ROLE = "eks.amazonaws.com/role-arn"
CLIENT = "azure.workload.identity/client-id"
MECHANISMS = {ROLE: "irsa", CLIENT: "workload-identity"}
"""The annotation by which each mechanism names an identity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A ServiceAccount with an identity of the cloud or with needs; `identity` is empty where the facts have none."""

    namespace: str
    name: str
    identity: str = ""
    needs: Mapping[str, str] = field(default_factory=dict)
    manifest: Manifest | None = None
    """None where nobody rendered the chart that makes it."""

    @property
    def full_name(self) -> str:
        """Namespace and name."""
        return f"{self.namespace}/{self.name}"


def accounts(inventory: Inventory) -> tuple[Account, ...]:
    """Give the accounts of an inventory that have an identity or needs."""
    return inventory.every(_accounts)


def _accounts(inventory: Inventory) -> Iterator[Account]:
    known = {named: name for name in _names(inventory) for named in _named_by(inventory, name)}
    for manifest in inventory.of_kind("ServiceAccount", group=""):
        needs = _needs(manifest.annotations.get(inventory.names.needs, ""))
        identity = manifest.annotations.get(inventory.names.identity, "")
        for key in MECHANISMS:
            identity = known.get((key, manifest.annotations.get(key, "")), identity)
        if identity or needs or named(manifest):
            namespace = manifest.id.namespace or "default"
            yield Account(namespace=namespace, name=manifest.id.name, identity=identity, needs=needs, manifest=manifest)


def named(manifest: Manifest) -> dict[str, str]:
    """Give the annotations of a ServiceAccount by which it names an identity of a cloud."""
    return {key: manifest.annotations[key] for key in MECHANISMS if manifest.annotations.get(key)}


def _names(inventory: Inventory) -> tuple[str, ...]:
    return tuple(getattr(inventory.cluster, "identities", ()))


def _named_by(inventory: Inventory, name: str) -> Iterator[tuple[str, str]]:
    cluster = inventory.cluster
    if cluster is not None:
        yield from ((key, value) for key, value in cluster.identity(name).annotations.items() if key in MECHANISMS)


def _needs(annotation: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in annotation.split(",") if part)
    return {name: access for name, _, access in pairs}


def borrowed(inventory: Inventory) -> dict[str, list[str]]:
    """Give the identities that KEDA acts as for its triggers, with the TriggerAuthentications that say so."""
    found: dict[str, list[str]] = {}
    by_id = {_id_of(inventory, name): name for name in _names(inventory)}
    for kind in ("TriggerAuthentication", "ClusterTriggerAuthentication"):
        for manifest in inventory.of_kind(kind, group="keda.sh"):
            stated = [text(manifest.get("spec", "podIdentity", key)) for key in ("roleArn", "identityId")]
            for name in (by_id[value] for value in stated if value in by_id):
                found.setdefault(name, []).append(str(manifest.id))
    return found


def _id_of(inventory: Inventory, name: str) -> str:
    """Give what KEDA calls an identity by."""
    try:
        keda = inventory.cluster.identity(name).keda if inventory.cluster else {}
    except UnavailableError:
        return ""
    return keda.get("roleArn") or keda.get("identityId", "")
