"""What the claims of a namespace ask for together, and the quotas that they exceed.

Source: Kubernetes 1.35, pkg/quota/v1/evaluator/core/persistent_volume_claims.go (`Usage`). Counted are claims that are
written, and those of StatefulSets for each pod; not those of ephemeral volumes, nor a class that admission fills in:
the sum is the least that is asked for. Quotas with scopes are not judged.
"""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from aurora.cluster import workloads
from aurora.cluster.claims import Claim, claims
from aurora.model import quantity
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, mapping, text
from aurora.model.rule import Violation

_OF_CLASS = ".storageclass.storage.k8s.io/"
_NUMBER, _STORAGE = "persistentvolumeclaims", "requests.storage"
_SHOWN = 3
_COUNTED = {_NUMBER, f"count/{_NUMBER}"}
Asked = dict[str, tuple[Claim, int]]
"""Claims by name; a template of a StatefulSet, whose name ends with `-`, with the number of its claims beside."""


def exceeded(inventory: Inventory) -> Iterator[Violation]:
    """Find what claims ask for beyond a quota."""
    quotas = [
        quota
        for quota in inventory.of_kind("ResourceQuota", group="")
        if not (quota.get("spec", "scopes") or quota.get("spec", "scopeSelector"))
    ]
    asked = _asked(inventory) if quotas else {}
    for quota in quotas:
        here = asked.get(workloads.namespace_of(quota), {})
        for name, stated in mapping(quota.get("spec", "hard")).items():
            hard = quantity.read(stated)
            taken = {key: _taken(name, *entry) for key, entry in here.items()}
            total = sum(taken.values(), Fraction(0))
            if hard is not None and total > hard:
                yield Violation(
                    manifest=quota,
                    steps=("spec", "hard", name),
                    message=f"claims ask for {quantity.render(total)} of `{name}`, the quota is "
                    f"{quantity.render(hard)}: {_listed(here, taken)}",
                    hint="raise the quota, or lower replicas or requests",
                )


def _asked(inventory: Inventory) -> dict[str, Asked]:
    """Give what is asked for in each namespace; a claim of a StatefulSet that is also written counts once."""
    found: dict[str, Asked] = defaultdict(dict)
    made: list[tuple[str, str, Claim]] = []
    for claim in claims(inventory):
        home, owner = workloads.namespace_of(claim.manifest), claim.manifest.id
        if owner.kind == "PersistentVolumeClaim":
            found[home][owner.name] = (claim, 1)
        elif claim.steps[:2] == ("spec", "volumeClaimTemplates") and owner.kind == "StatefulSet":
            name = text(claim.manifest.get(*claim.steps[:-1], "metadata", "name"))
            made.append((home, f"{name}-{owner.name}-", claim))
    replicas = _replicas(inventory) if made else {}
    for home, name, claim in made:
        count = replicas.get(id(claim.manifest), 0)
        written = sum(f"{name}{number}" in found[home] for number in range(min(count, len(found[home]))))
        found[home][name] = (claim, count - written)
    return found


def _replicas(inventory: Inventory) -> dict[int, int]:
    index = workloads.index(inventory)
    return {id(pod.manifest): counted.most for pod in inventory.pods() if (counted := index.replicas(pod))}


def _taken(item: str, claim: Claim, count: int) -> Fraction:
    """Give what claims take of an item of a quota; nothing of items that count something else."""
    name, of_class, item = item.rpartition(_OF_CLASS)
    if of_class and name != claim.class_name:
        return Fraction(0)
    if item in (_COUNTED if not of_class else {_NUMBER}):
        return Fraction(count)
    size = quantity.read(dig(claim.spec, "resources", "requests", "storage")) if item == _STORAGE else None
    return count * (size or Fraction(0))


def _listed(asked: Asked, taken: dict[str, Fraction]) -> str:
    largest = sorted((name for name, amount in taken.items() if amount), key=lambda name: (-taken[name], name))
    shown = []
    for name in largest[:_SHOWN]:
        claim, count = asked[name]
        shown.append(f"{claim.manifest.id} {count} x {quantity.render(taken[name] / count)}")
    return ", ".join(shown) + (f", and {len(largest) - _SHOWN} more" if len(largest) > _SHOWN else "")
