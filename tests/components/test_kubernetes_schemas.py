"""Every built-in object that a component of the bare-metal platform emits is one that Kubernetes knows."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest

from components.building import CONTROL_PLANE, MODEL_STORE, OPERATOR, SECRETS, TRAINING, build, without

BUILT_IN = {"v1", "apps/v1", "autoscaling/v2", "batch/v1", "networking.k8s.io/v1", "policy/v1"}
BUILT_IN |= {"apiextensions.k8s.io/v1", "rbac.authorization.k8s.io/v1", "storage.k8s.io/v1"}
COMPONENTS: dict[str, dict[str, Any]] = {
    "api": {"kind": "AuroraApi"},
    "control-plane": CONTROL_PLANE,
    "model-store": MODEL_STORE,
    "operator": OPERATOR,
    "secrets": SECRETS,
    "training": without(TRAINING, gpu={"count": 1}, egress=[{"cidr": "192.0.2.0/24"}]),
}
DEFINED = {"external-secrets.io/v1", "ml.aurora.example.com/v1alpha1", "monitoring.coreos.com/v1"}


@pytest.mark.parametrize("version", ["1.33", "1.36"])
@pytest.mark.parametrize("name", COMPONENTS)
def test_every_built_in_object_is_valid(name: str, version: str) -> None:
    built = build(name, COMPONENTS)
    judged = [body for body in (*built.emitted, *built.templates) if body["apiVersion"] in BUILT_IN]
    for body in judged:
        kubernetes_validate.validate(body, version, strict=True)
    assert judged


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_other_object_is_of_a_known_group(name: str) -> None:
    assert {body["apiVersion"] for body in build(name, COMPONENTS).emitted} <= BUILT_IN | DEFINED
