"""What ingress-nginx reads from an Ingress: whether it is a canary, of whom, and with which weight.

Source: `mergeAlternativeBackends` and the `canary` annotations of ingress-nginx 1.15 (docs/facts/routing.md).
Finds facts; never judges them.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from aurora.cluster import routes
from aurora.cluster.routes import IngressPath
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, mapping, text
from aurora.model.manifest import Manifest

PREFIX = "nginx.ingress.kubernetes.io/"
CANARY = f"{PREFIX}canary"
WEIGHT = f"{PREFIX}canary-weight"
WEIGHT_TOTAL = f"{PREFIX}canary-weight-total"
AFFINITY = f"{PREFIX}affinity"
AFFINITY_BEHAVIOR = f"{PREFIX}affinity-canary-behavior"
USUAL_TOTAL = 100
"""The sum of weights unless `canary-weight-total` raises it."""

_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})


def annotations_of(manifest: Manifest) -> dict[str, JsonValue]:
    """Give an object's annotations as they are, wrong types included."""
    return mapping(manifest.get("metadata", "annotations"))


def is_canary(ingress: Manifest) -> bool:
    """Tell whether ingress-nginx takes an Ingress for a canary."""
    return text(annotations_of(ingress).get(CANARY)) in _TRUE


def canaries(inventory: Inventory) -> Iterator[Manifest]:
    """Yield the canary Ingresses."""
    return (ingress for ingress in routes.ingresses(inventory) if is_canary(ingress))


def whole(value: JsonValue | None) -> int | None:
    """Read a whole number written as text, as annotations hold it."""
    written = text(value)
    return int(written) if re.fullmatch(r"[0-9]{1,9}", written) else None


def weight_total(ingress: Manifest) -> int:
    """Give what weights are parts of; a stated total counts only above 100."""
    return max(whole(annotations_of(ingress).get(WEIGHT_TOTAL)) or USUAL_TOTAL, USUAL_TOTAL)


def pairs(inventory: Inventory) -> tuple[tuple[IngressPath, list[IngressPath]], ...]:
    """Give every canary path with the paths of main Ingresses that have its class, host and path."""
    return inventory.every(_pairs)


def _pairs(inventory: Inventory) -> Iterator[tuple[IngressPath, list[IngressPath]]]:
    mains: dict[tuple[str, str, str], list[IngressPath]] = defaultdict(list)
    canary_paths: list[IngressPath] = []
    for ingress in routes.ingresses(inventory):
        for path in routes.ingress_paths(ingress):
            if is_canary(ingress):
                canary_paths.append(path)
            else:
                mains[key_of(path)].append(path)
    return ((path, mains.get(key_of(path), [])) for path in canary_paths)


def key_of(path: IngressPath) -> tuple[str, str, str]:
    """Give class, host and path: what a canary and its main Ingress have in common."""
    return _class(path.manifest), path.host, path.path


def _class(ingress: Manifest) -> str:
    legacy = annotations_of(ingress).get("kubernetes.io/ingress.class")
    return text(ingress.get("spec", "ingressClassName")) or text(legacy)
