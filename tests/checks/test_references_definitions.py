"""Kinds whose definition nobody brings, and how much has to be known before that is said."""

from __future__ import annotations

from typing import Any

import pytest

from aurora.checks.references import CHECK
from aurora.model.finding import Finding
from aurora.model.inventory import External
from checks.inventory_cases import judge

ROOT = """
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: root, namespace: argocd}
spec: {source: {repoURL: https://git.example.com/a.git, targetRevision: v1, path: "."}}
---
"""
ROUTES = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a, namespace: shop}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: b, namespace: shop}
---
"""
CHART = """
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: envoy, namespace: argocd}
spec: {source: {repoURL: https://charts.example.com, targetRevision: 1.0.0, chart: gateway-helm}}
---
"""
FOLDER = """
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: definitions, namespace: argocd, annotations: {aurora.example.com/provides: "%s"}}
spec: {source: {repoURL: https://git.example.com/b.git, targetRevision: v1, path: crds}}
---
"""
SERVED = """
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.gateway.networking.k8s.io}
spec: {group: gateway.networking.k8s.io, version: v1}
---
"""
SET = """
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: all, namespace: argocd}
---
"""


def found(*streams: str, **given: Any) -> list[Finding]:
    return [each for each in judge(CHECK, *streams, **given) if each.rule == "references/definition"]


def test_a_kind_that_nobody_defines_is_found_once() -> None:
    (finding,) = found(ROOT, ROUTES)
    assert "`HTTPRoute`" in finding.message
    assert "1 more object is" in finding.message
    assert "`name: <plural>.gateway.networking.k8s.io`" in str(finding.hint)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(CHART, id="a chart without archive may bring it"),
        pytest.param(FOLDER % "", id="so may a folder that says nothing"),
        pytest.param(FOLDER % "example.com, gateway.networking.k8s.io", id="a folder says that it brings it"),
        pytest.param(SERVED, id="an aggregated API server serves it"),
        pytest.param(SET, id="a generated Application may bring it"),
    ],
)
def test_a_kind_that_comes_from_elsewhere_is_no_fault(other: str) -> None:
    assert not found(ROOT, ROUTES, other)


def test_a_folder_that_brings_another_group_does_not_help() -> None:
    assert found(ROOT, ROUTES, FOLDER % "example.com")


@pytest.mark.parametrize("name", ["httproutes.gateway.networking.k8s.io", "*.gateway.networking.k8s.io"])
def test_a_declared_definition_is_no_fault(name: str) -> None:
    declared = [External("apiextensions.k8s.io", "CustomResourceDefinition", "", name)]
    assert not found(ROOT, ROUTES, externals=declared)


def test_nothing_is_said_of_parts_or_of_objects_that_nothing_syncs() -> None:
    assert not found(ROOT, ROUTES, closed=False)
    assert not found(ROUTES)
