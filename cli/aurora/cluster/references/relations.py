"""Everything that an object names, in one stream: the fields that the rules beside this module judge, with a verb each.

Whether what is named exists is nobody's question here.
"""

from collections.abc import Callable, Iterable, Iterator

from aurora.cluster import claims
from aurora.cluster.pod_references import PodReference, Way, pod_references
from aurora.cluster.references import classes, pods, traffic
from aurora.cluster.references.fields import Named, is_everywhere, named
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
_BY_CODE: tuple[tuple[str, Callable[[Inventory], Iterable[Reference]]], ...] = (
    ("has priority", pods.priority_classes_of_pods),
    ("runs in", pods.runtime_classes),
    ("reads", classes.credentials),
    ("of class", classes.of_claims),
)
"""What is not read from one field each; the table of kinds knows the verbs of the others."""


def relations(inventory: Inventory) -> Iterator[Named]:
    """Yield what the objects of an inventory name, backends of routes left out: their shares are no names."""
    read_only = _read_only_claims(inventory)
    for pod in inventory.pods():
        for found in pod_references(pod):
            if not is_everywhere(found.kind, found.name):
                yield of_pod(found, read_only=found.steps in read_only.get(id(pod.manifest), ()))
    yield from named(inventory)
    for verb, references in _BY_CODE:
        for reference in references(inventory):
            yield Named(reference, verb)
    for parent in traffic.parents(inventory):
        verb = f"attaches to {parent.section} of" if parent.section else "attaches to"
        yield Named(parent.gateway, verb)


def of_pod(found: PodReference, *, read_only: bool = False) -> Named:
    """Say how a pod needs what it names."""
    verb = _BY_WAY[found.way]
    return Named(pods.reference(found), f"{verb} read-only" if read_only else verb, found.optional)


def _read_only_claims(inventory: Inventory) -> dict[int, set[tuple[str | int, ...]]]:
    """Give, for each workload, the fields that name a claim which no container of the pod may write."""
    found: dict[int, set[tuple[str | int, ...]]] = {}
    for consumer in claims.consumers(inventory):
        if not consumer.writes:
            field = (*consumer.steps, "persistentVolumeClaim", "claimName")
            found.setdefault(id(consumer.pod.manifest), set()).add(field)
    return found
