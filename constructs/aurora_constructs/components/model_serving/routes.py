"""The split of traffic between stable and canary, in the words of either profile. Pure.

Gateway profile: the rules of one HTTPRoute. NGINX profile: the annotations of the canary of an Ingress pair. In
both, whoever owns the certificate is not the canary.
"""

from typing import Any

from aurora_constructs.components.edge.routes import NGINX, backend, rule
from aurora_constructs.components.model_serving.spec import CanaryTrack
from aurora_contract.programs import INFERENCE

PATHS = INFERENCE.routes
"""What clients may call: metrics and probes are for the cluster alone."""


def rules(stable: str, canary: str | None, split: CanaryTrack | None) -> list[dict[str, Any]]:
    """Give the rules of a model's HTTPRoute, for the Services of its tracks.

    The header's rule matches more than the weighted one and therefore wins; it stays open at weight 0.
    """
    if not (canary and split):
        return [rule([backend(stable, 100)], PATHS)]
    weighted = rule([backend(stable, 100 - split.weight), backend(canary, split.weight)], PATHS)
    if split.header is None:
        return [weighted]
    header = {"type": "Exact", "name": split.header.name, "value": split.header.value}
    return [rule([backend(canary, 1)], PATHS, [header]), weighted]


def canary_annotations(split: CanaryTrack) -> dict[str, str]:
    """Give the annotations of the canary Ingress; every other setting is inherited from the main one."""
    annotations = {f"{NGINX}/canary": "true", f"{NGINX}/canary-weight": str(split.weight)}
    if split.header is not None:
        annotations[f"{NGINX}/canary-by-header"] = split.header.name
        annotations[f"{NGINX}/canary-by-header-value"] = split.header.value
    return annotations
