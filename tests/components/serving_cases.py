"""Served models as the tests of ModelServing need them."""

from __future__ import annotations

from typing import Any

from components.building import MODEL_STORE, Built, build, without

DESIGN_EXAMPLE = {
    "kind": "ModelServing",
    "namespace": "aurora",
    "model": "california-housing",
    "stable": {"version": "v20260901-120000", "replicas": 3},
    "canary": {"version": "v20261101-090000", "replicas": 1, "weight": 10, "header": {}},
}
EDGE = {
    "kind": "Edge",
    "namespace": "aurora-edge",
    "acme": {"email": "platform@example.com"},
    "loadBalancers": ["192.0.2.10/32"],
}


def serving(*, profile: str = "gateway", name: str = "inference", store: Any = MODEL_STORE, **changes: Any) -> Built:
    entry = without(DESIGN_EXAMPLE, **changes)
    return build(name, {"model-store": store, "edge": {**EDGE, "profile": profile}, name: entry})


def canary(weight: int) -> dict[str, Any]:
    return {"version": "v20261101-090000", "replicas": 1, "weight": weight, "header": {}}


def of_kind(built: Built, kind: str) -> list[dict[str, Any]]:
    return [body for body in built.emitted if body["kind"] == kind]
