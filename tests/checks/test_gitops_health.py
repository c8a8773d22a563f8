"""Health checks of Argo CD call only what its Lua has."""

from __future__ import annotations

import pytest

from aurora.checks.gitops import CHECK
from checks.inventory_cases import judge, pointers

RULE = "gitops/health-library"
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm, namespace: argocd}
data:
  resource.customizations.health.example.com_Cache: |
    %s
"""
CHART = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: argo-cd, namespace: argocd}
spec:
  sources:
    - chart: argo-cd
      helm:
        valuesObject:
          configs:
            cm: {resource.customizations.health.a.io_B: 'return {status = string.lower("HEALTHY")}'%s}
"""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('return {status = string.sub("Healthy", 1)}', True),
        ("return {status = math.floor(1)}", True),
        ('io.write("a")', True),
        ("return {status = os.time()}", False),
        ("table.insert(a, 1)", False),
        ("obj.status.string.sub = 1", False),
        ("return {status = my_string.sub(1)}", False),
        ('return {message = "string.sub"}', False),
        ("return {message = 'io.write'} -- math.floor", False),
        ("for _, each in ipairs(obj.status.conditions or {}) do end", False),
    ],
)
def test_only_libraries_that_argo_cd_does_not_load_are_told(line: str, told: bool) -> None:
    at = "/data/resource.customizations.health.example.com_Cache"
    assert pointers(judge(CHECK, CONFIG % line), RULE) == ([at] if told else [])


def test_values_of_the_chart_are_looked_at_too() -> None:
    (at,) = pointers(judge(CHECK, CHART % ""), RULE)
    assert at == "/spec/sources/0/helm/valuesObject/configs/cm/resource.customizations.health.a.io_B"
    opened = ', resource.customizations.useOpenLibs.a.io_B: "true"'
    assert pointers(judge(CHECK, CHART % opened), RULE) == []
