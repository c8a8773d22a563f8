"""Policies of pods are held to the pods that controllers make, after what changes those pods."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora import manifests
from aurora.checks.server import ServerCheck
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings

POLICY = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: limits}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  validations: [{expression: "object.spec.containers.all(c, has(c.resources.limits))", message: no limits}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: limits}
spec: {policyName: limits, validationActions: [Deny]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ml}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}
---
"""
LIMITS = """
apiVersion: v1
kind: LimitRange
metadata: {name: d, namespace: %s}
spec: {limits: [{type: Container, %s}]}
"""
MUTATING = """
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: sidecars}
webhooks:
  - name: a.example.com
    admissionReviewVersions: [v1]
    sideEffects: None
    clientConfig: {url: "https://a.example.com"}
    rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [%s]}]
"""


@pytest.mark.real_tools
@pytest.mark.parametrize(
    ("beside", "severity"),
    [
        (LIMITS % ("ml", "min: {cpu: 1m}"), Severity.ERROR),
        (LIMITS % ("web", "max: {cpu: 1}"), Severity.ERROR),
        (LIMITS % ("ml", "max: {cpu: 1}"), None),
        (MUTATING % "pods", Severity.WARNING),
        (MUTATING % "services", Severity.ERROR),
    ],
)
def test_pods_that_a_controller_makes_meet_policies_after_what_changes_them(
    beside: str, severity: Severity | None, tmp_path: Path, real_toolbox: Toolbox
) -> None:
    (tmp_path / "workspace").mkdir()
    settings = Settings(cache=tmp_path / "cache", workspace=tmp_path / "workspace")
    (result,) = ServerCheck(real_toolbox.locate, ("server",)).results(
        Inventory(manifests.read((POLICY + beside).encode(), "in.yaml").manifests), settings
    )
    found = [each for each in result.findings if each.rule == "server/admission-denied"]
    assert [finding.severity for finding in found] == [severity] * (severity is not None)
    assert all("of its pods" in finding.message for finding in found)
    assert all(finding.message.startswith("unless") is (severity is Severity.WARNING) for finding in found)
