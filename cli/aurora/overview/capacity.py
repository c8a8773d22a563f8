"""What the objects of each namespace may ask for at the most, against its quota: the arithmetic of the quota check.

Autoscalers' maxima and the surge of updates count. Judges nothing.
"""

from collections.abc import Iterator
from fractions import Fraction

from aurora.cluster import claims, quotas, resources, surroundings, workloads
from aurora.model import quantity
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, mapping
from aurora.model.manifest import Manifest
from aurora.model.overview import Amount, Capacity

PODS, CLAIMS, STORAGE = "pods", "persistentvolumeclaims", "requests.storage"
USUAL = (PODS, "requests.cpu", "requests.memory", "limits.memory", STORAGE, CLAIMS)
"""What is shown wherever there is any of it, quota or not."""
_ALIASES = {"cpu": "requests.cpu", "memory": "requests.memory"}


def capacity(inventory: Inventory) -> Iterator[Capacity]:
    """Yield the namespaces that hold pods, claims or a quota."""
    for namespace in inventory.namespaces():
        amounts = tuple(_amounts(inventory, namespace))
        notes = tuple(_notes(inventory, namespace))
        if amounts or notes:
            yield Capacity(namespace, amounts, notes)


def _amounts(inventory: Inventory, namespace: str) -> Iterator[Amount]:
    hard = _hard(inventory, namespace)
    for item in dict.fromkeys([*USUAL, *_devices(inventory, namespace), *hard]):
        most = _most(inventory, namespace, item)
        if most is not None and (most or item in hard):
            yield Amount(item=item, most=most, quota=hard.get(item))


def _hard(inventory: Inventory, namespace: str) -> dict[str, Fraction]:
    """Give the lowest bound of each item, of the quotas that count every pod."""
    found: dict[str, Fraction] = {}
    for entry in _quotas(inventory, namespace):
        for name, stated in mapping(entry.get("spec", "hard")).items():
            amount, item = quantity.read(stated), _ALIASES.get(name, name)
            if amount is not None and not _scoped(entry):
                found[item] = min(amount, found.get(item, amount))
    return found


def _quotas(inventory: Inventory, namespace: str) -> list[Manifest]:
    found = inventory.of_kind("ResourceQuota", group="")
    return [entry for entry in found if workloads.namespace_of(entry) == namespace]


def _scoped(entry: Manifest) -> bool:
    return bool(entry.get("spec", "scopes") or entry.get("spec", "scopeSelector"))


def _devices(inventory: Inventory, namespace: str) -> list[str]:
    """List the GPUs and other devices that the pods of a namespace request."""
    found = {
        name
        for pod in workloads.index(inventory).pods_in(namespace)
        for name in resources.of_pod(pod, resources.REQUESTS)
        if resources.is_extended(name)
    }
    return [f"{resources.REQUESTS}.{name}" for name in sorted(found)]


def _most(inventory: Inventory, namespace: str, item: str) -> Fraction | None:
    """Give the largest amount of an item; None for items that nothing here counts."""
    if item in (STORAGE, CLAIMS):
        return _claimed(inventory, namespace, item)
    counted = quotas.counted(item)
    if counted is None:
        return None
    defaults = resources.container_defaults(inventory).get(namespace)
    return sum(
        (share.total for share in quotas.shares(quotas.takers(inventory, namespace, defaults), counted)), Fraction(0)
    )


def _claimed(inventory: Inventory, namespace: str, item: str) -> Fraction:
    """Sum up claims; a template counts once for every replica that a workload may have."""
    total = Fraction(0)
    for claim in claims.claims(inventory):
        if workloads.namespace_of(claim.manifest) != namespace:
            continue
        asked = quantity.read(dig(claim.spec, "resources", "requests", "storage")) or Fraction(0)
        total += _copies(inventory, claim) * (Fraction(1) if item == CLAIMS else asked)
    return total


def _copies(inventory: Inventory, claim: claims.Claim) -> int:
    for pod in inventory.pods():
        if pod.manifest is claim.manifest:
            return quotas.most_pods(inventory, pod) or 0
    return 1


def _notes(inventory: Inventory, namespace: str) -> Iterator[str]:
    index = workloads.index(inventory)
    unbounded = [pod for pod in index.pods_in(namespace) if quotas.most_pods(inventory, pod) is None]
    names = [str(pod.manifest.id) for pod in unbounded]
    if unbounded:
        yield f"not counted, since nothing bounds their number: {', '.join(dict.fromkeys(names))}"
    to_come = [pod for pod in surroundings.pods_to_come(inventory) if pod.namespace == namespace]
    if to_come:
        yield f"not counted: pods of {len(to_come)} template{'s' if len(to_come) > 1 else ''} that controllers start"
    scoped = [entry.id.name for entry in _quotas(inventory, namespace) if _scoped(entry)]
    if scoped:
        yield f"not compared: quotas for some pods only ({', '.join(scoped)})"
