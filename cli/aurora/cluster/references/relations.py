"""Everything that an object names, in one stream: the fields that the rules beside this module judge, with a verb each.

Whether what is named exists is nobody's question here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from aurora.cluster import claims
from aurora.cluster.pod_references import PodReference, Way, pod_references
from aurora.cluster.references import access, controllers, pods, secrets, traffic
from aurora.cluster.references.lookup import Reference
from aurora.model.inventory import Inventory

_BY_WAY = {
    Way.ACCOUNT: "runs as",
    Way.ENV: "reads",
    Way.ENV_FROM: "reads",
    Way.VOLUME: "mounts",
    Way.PROJECTED: "mounts",
    Way.MOUNT: "mounts with",
    Way.PULL: "pulls with",
}
_VERBS: tuple[tuple[str, Callable[[Inventory], Iterable[Reference]]], ...] = (
    ("has priority", pods.priority_classes),
    ("runs in", pods.runtime_classes),
    ("signs in as", pods.store_accounts),
    ("reads", secrets.named_by_others),
    ("grants", access.roles),
    ("to", access.subjects),
    ("scales", controllers.scale_targets),
    ("of class", controllers.storage_classes),
    ("reads from", controllers.secret_stores),
    ("issued by", controllers.issuers),
    ("belongs to", controllers.projects),
    ("of class", traffic.ingress_classes),
    ("of class", traffic.gateway_classes),
    ("configured by", traffic.parameters),
)
_EVERYWHERE = {("ServiceAccount", pods.DEFAULT_ACCOUNT), *(("ConfigMap", name) for name in pods.CLUSTER_CONFIG_MAPS)}
"""What every namespace has without anybody's manifest."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One field that names an object, and how the one needs the other; `optional` ones work without it."""

    reference: Reference
    verb: str
    optional: bool = False


def relations(inventory: Inventory) -> Iterator[Relation]:
    """Yield what the objects of an inventory name, backends of routes left out: their shares are no names."""
    read_only = _read_only_claims(inventory)
    for pod in inventory.pods():
        for found in pod_references(pod):
            if (found.kind, found.name) not in _EVERYWHERE:
                yield of_pod(found, read_only=found.steps in read_only.get(id(pod.manifest), ()))
    for verb, references in _VERBS:
        for reference in references(inventory):
            yield Relation(reference, verb)
    for parent in traffic.parents(inventory):
        verb = f"attaches to {parent.section} of" if parent.section else "attaches to"
        yield Relation(parent.gateway, verb)


def of_pod(found: PodReference, *, read_only: bool = False) -> Relation:
    """Say how a pod needs what it names."""
    verb = _BY_WAY[found.way]
    return Relation(pods.reference(found), f"{verb} read-only" if read_only else verb, found.optional)


def _read_only_claims(inventory: Inventory) -> dict[int, set[tuple[str | int, ...]]]:
    """Give, for each workload, the fields that name a claim which no container of the pod may write."""
    found: dict[int, set[tuple[str | int, ...]]] = {}
    for consumer in claims.consumers(inventory):
        if not consumer.writes:
            field = (*consumer.steps, "persistentVolumeClaim", "claimName")
            found.setdefault(id(consumer.pod.manifest), set()).add(field)
    return found
