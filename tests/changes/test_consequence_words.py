"""Consequences count in words that hold for one and for many, and know bytes from numbers."""

from __future__ import annotations

import pytest

from aurora.changes import consequences
from aurora.model.examples import altered, stream
from changes.scenes import DEPLOYMENT, NAMESPACE, scene

RECREATE = altered(
    DEPLOYMENT, "{type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}", "{type: Recreate}"
)


def messages(before: str, after: str) -> dict[str, str]:
    return {entry.rule: entry.message for _, entry in consequences.follow(scene(before, after))}


def test_cores_are_numbers_and_memory_is_bytes() -> None:
    words = messages(
        DEPLOYMENT, altered(altered(DEPLOYMENT, "cpu: 500m", "cpu: 512"), "memory: 1Gi}, l", "memory: 2Gi}, l")
    )
    assert words["capacity/demand"] == "asks for CPU 1 → 1024, memory 2Gi → 4Gi"


@pytest.mark.parametrize(("replicas", "who"), [("1", "the only pod stops"), ("2", "all 2 pods stop")])
def test_one_pod_is_not_all_pods(replicas: str, who: str) -> None:
    before = altered(RECREATE, "replicas: 2", f"replicas: {replicas}")
    words = messages(before, altered(before, "serve:1@sha256:aaaa", "serve:2@sha256:bbbb"))
    assert f"{who} before a new one starts" in words.values()


def test_one_object_of_a_namespace_is_not_objects() -> None:
    assert messages(stream(NAMESPACE, DEPLOYMENT), DEPLOYMENT)["data/namespace-deleted"].endswith(
        "Git has 1 object of it"
    )
