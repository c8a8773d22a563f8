"""Which claims a quota counts: written ones, those of StatefulSets for each pod, and by class."""

from __future__ import annotations

import pytest

from aurora.checks.scaling import CHECK
from checks.inventory_cases import judge

QUOTA = """\
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota, namespace: ml}
spec: {hard: {%s}%s}
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: %s, namespace: %s}
spec: {accessModes: [ReadWriteOnce], storageClassName: fast, resources: {requests: {storage: 4Gi}}}
"""
SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: ml}
spec:
  replicas: 2
  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: db}]}}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], storageClassName: slow, resources: {requests: {storage: 10Gi}}}
"""
ALL = (SET, CLAIM % ("one", "ml"), CLAIM % ("data-db-1", "ml"), CLAIM % ("two", "other"))
"""In `ml`: one claim of the set that is not written, and two that are; 18Gi."""


def said(hard: str, scope: str = "") -> list[str]:
    rule = "scaling/claims-exceed-quota"
    return [each.message for each in judge(CHECK, QUOTA % (hard, scope), *ALL) if each.rule == rule]


@pytest.mark.parametrize(
    ("item", "least"),
    [
        ("requests.storage", "18Gi"),
        ("persistentvolumeclaims", "3"),
        ("count/persistentvolumeclaims", "3"),
        ("fast.storageclass.storage.k8s.io/requests.storage", "8Gi"),
        ("slow.storageclass.storage.k8s.io/persistentvolumeclaims", "1"),
    ],
)
def test_a_quota_that_is_just_enough_holds(item: str, least: str) -> None:
    assert said(f"{item}: {least}") == []
    less = f"{int(least.removesuffix('Gi')) - 1}{'Gi' if 'Gi' in least else ''}"
    (message,) = said(f"{item}: {less}")
    assert message.startswith(f"claims ask for {least} of `{item}`, the quota is {less}: ")


@pytest.mark.parametrize(
    ("hard", "scope"),
    [
        ("other.storageclass.storage.k8s.io/requests.storage: 0", ""),
        ("slow.storageclass.storage.k8s.io/count/persistentvolumeclaims: 0", ""),
        ("requests.cpu: 0", ""),
        ("requests.storage: many", ""),
        ("requests.storage: 0", ", scopes: [BestEffort]"),
    ],
)
def test_other_items_and_quotas_with_scopes_are_not_judged(hard: str, scope: str) -> None:
    assert said(hard, scope) == []
