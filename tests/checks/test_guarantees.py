"""Breaks each guarantee of `docs/guarantees.md` in the committed environments: the named rule must find it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest

from aurora import manifests
from aurora.checks import monitoring, network, routing, scaling, storage
from aurora.model.finding import Finding, Severity
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest, identify
from checks.inventory_cases import SETTINGS
from reference.platform import reference

ENVIRONMENTS = ("aurora-dev", "aurora-prod")
CHECKS = (routing.CHECK, scaling.CHECK, network.CHECK, storage.CHECK, monitoring.CHECK)
STABLE, CANARY = "aurora-inference", "aurora-inference-canary"
TRACK = "aurora.example.com/track"
WEIGHT = "nginx.ingress.kubernetes.io/canary-weight"

Body = dict[str, Any]
Change = Callable[[Body], object]


@lru_cache
def committed(environment: str) -> tuple[Manifest, ...]:
    files = sorted((reference().generated / environment).rglob("*.yaml"))
    found = [manifest for path in files for manifest in manifests.read(path.read_bytes(), path.name).manifests]
    assert len(found) >= 60
    return tuple(found)


def judge(environment: str, found: list[Manifest]) -> list[Finding]:
    inventory = Inventory(found, environment=environment, closed=True)
    return [finding for check in CHECKS for finding in check.run(inventory, SETTINGS).findings]


def broken(environment: str, kind: str, name: str, change: Change | None = None) -> set[str]:
    """Change one object, or remove it, and give the rules that find it."""
    found: list[Manifest] = []
    touched = 0
    for manifest in committed(environment):
        if (manifest.id.kind, manifest.id.name) != (kind, name):
            found.append(manifest)
            continue
        touched += 1
        if change is not None:
            body: Body = copy.deepcopy(manifest.body)
            change(body)
            found.append(replace(manifest, body=body, id=identify(body)))
    assert touched
    return {finding.rule for finding in judge(environment, found) if finding.severity is Severity.ERROR}


def pod(body: Body) -> Body:
    spec: Body = body["spec"]["template"]["spec"]
    return spec


def server(body: Body) -> Body:
    container: Body = pod(body)["containers"][0]
    return container


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_committed_environments_keep_every_guarantee(environment: str) -> None:
    findings = judge(environment, list(committed(environment)))
    assert [finding for finding in findings if finding.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_is_not_guaranteed_is_said_in_every_run(environment: str) -> None:
    findings = judge(environment, list(committed(environment)))
    assert [f.severity for f in findings if f.rule == "routing/no-failover-to-canary"] == [Severity.NOTE]


def test_a_heavier_canary_ingress_is_found() -> None:
    change: Change = lambda body: body["metadata"]["annotations"].update({WEIGHT: "80"})  # noqa: E731
    assert broken("aurora-dev", "Ingress", CANARY, change) == {"routing/canary-weight-limit"}


def test_a_heavier_canary_backend_is_found() -> None:
    def change(body: Body) -> None:
        for rule in body["spec"]["rules"]:
            for backend in rule["backendRefs"]:
                backend["weight"] = 80 if backend["name"] == CANARY else 20

    assert broken("aurora-prod", "HTTPRoute", STABLE, change) == {"routing/canary-weight-limit"}


def test_a_header_rule_without_its_header_is_found() -> None:
    def change(body: Body) -> None:
        for rule in body["spec"]["rules"]:
            for match in rule["matches"]:
                match.pop("headers", None)

    assert "routing/canary-takes-all" in broken("aurora-prod", "HTTPRoute", STABLE, change)


def test_a_canary_ingress_with_tls_is_found() -> None:
    change: Change = lambda body: body["spec"].update(tls=[{"hosts": ["a"], "secretName": "b"}])  # noqa: E731
    assert "routing/canary-owns-tls" in broken("aurora-dev", "Ingress", CANARY, change)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_stable_service_that_selects_canary_pods_is_found(environment: str) -> None:
    change: Change = lambda body: body["spec"]["selector"].pop(TRACK)  # noqa: E731
    assert broken(environment, "Service", STABLE, change) == {"routing/service-selects-two-tracks"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_stable_workload_that_selects_canary_pods_is_found(environment: str) -> None:
    change: Change = lambda body: body["spec"]["selector"]["matchLabels"].pop(TRACK)  # noqa: E731
    assert broken(environment, "Deployment", STABLE, change) == {"routing/overlapping-selectors"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_canary_with_other_settings_is_found(environment: str) -> None:
    change: Change = lambda body: server(body)["env"].append({"name": "BATCH", "value": "8"})  # noqa: E731
    assert broken(environment, "Deployment", CANARY, change) == {"routing/canary-differs"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_pod_without_its_gate_is_found(environment: str) -> None:
    change: Change = lambda body: pod(body).pop("initContainers")  # noqa: E731
    assert "storage/model-gate" in broken(environment, "Deployment", STABLE, change)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_server_without_readiness_is_found(environment: str) -> None:
    change: Change = lambda body: server(body).pop("readinessProbe")  # noqa: E731
    rules = broken(environment, "Deployment", STABLE, change)
    assert {"storage/model-readiness", "routing/ungated-backend"} <= rules


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_server_that_may_write_models_is_found(environment: str) -> None:
    def change(body: Body) -> None:
        for volume in pod(body)["volumes"]:
            volume.get("persistentVolumeClaim", {}).pop("readOnly", None)

    assert "storage/read-only" in broken(environment, "Deployment", STABLE, change)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_way_from_inference_to_the_control_plane_is_found(environment: str) -> None:
    def change(body: Body) -> None:
        body["spec"]["policyTypes"] = ["Ingress", "Egress"]
        body["spec"]["podSelector"] = {}
        peer: Body = {"podSelector": {}}
        body["spec"].update(egress=[{"to": [peer]}], ingress=[{"from": [peer]}])

    rules = broken(environment, "NetworkPolicy", STABLE, change)
    assert {"network/inference-reaches-control-plane", "network/inference-egress"} <= rules


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_control_plane_address_in_inference_is_found(environment: str) -> None:
    entry = {"name": "PLATFORM_URL", "value": "http://aurora-control-plane"}
    rules = broken(environment, "Deployment", STABLE, lambda body: server(body)["env"].append(entry))
    assert "network/inference-names-control-plane" in rules


def test_a_mirror_to_the_control_plane_is_found() -> None:
    def change(body: Body) -> None:
        for rule in body["spec"]["rules"]:
            backend = {"name": "aurora-control-plane", "port": 80}
            rule["filters"] = [{"type": "RequestMirror", "requestMirror": {"backendRef": backend}}]

    assert "network/inference-route-needs-control-plane" in broken("aurora-prod", "HTTPRoute", STABLE, change)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_another_namespace_that_may_reach_inference_is_found(environment: str) -> None:
    def change(body: Body) -> None:
        body["spec"]["ingress"][0]["from"] = [{"namespaceSelector": {}}]

    assert "network/inference-open-to-others" in broken(environment, "NetworkPolicy", STABLE, change)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_single_stable_replica_is_found(environment: str) -> None:
    rules = broken(environment, "Deployment", STABLE, lambda body: body["spec"].update(replicas=1))
    assert "scaling/single-replica" in rules


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_replicas_that_nothing_spreads_are_found(environment: str) -> None:
    rules = broken(environment, "Deployment", STABLE, lambda body: pod(body).pop("topologySpreadConstraints"))
    assert "scaling/not-spread" in rules


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_missing_budget_is_found(environment: str) -> None:
    assert broken(environment, "PodDisruptionBudget", STABLE) == {"scaling/no-budget"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_budget_that_counts_canary_pods_is_found(environment: str) -> None:
    change: Change = lambda body: body["spec"]["selector"]["matchLabels"].pop(TRACK)  # noqa: E731
    assert "scaling/budget-of-several" in broken(environment, "PodDisruptionBudget", STABLE, change)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_update_that_takes_replicas_is_found(environment: str) -> None:
    rules = broken(environment, "Deployment", STABLE, lambda body: body["spec"].pop("strategy"))
    assert "scaling/update-takes-replicas" in rules


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_pod_that_nothing_recreates_is_found(environment: str) -> None:
    def change(body: Body) -> None:
        template = body["spec"]["template"]
        body["metadata"]["labels"] = template["metadata"]["labels"]
        body.update(apiVersion="v1", kind="Pod", spec=template["spec"])

    assert "scaling/bare-pod" in broken(environment, "Deployment", CANARY, change)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_canary_without_replicas_is_found(environment: str) -> None:
    rules = broken(environment, "Deployment", CANARY, lambda body: body["spec"].update(replicas=0))
    assert "routing/backend-without-replicas" in rules


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_metrics_that_prometheus_cannot_reach_are_found(environment: str) -> None:
    def change(body: Body) -> None:
        body["spec"]["ingress"] = body["spec"]["ingress"][:1]

    assert "network/metrics-blocked" in broken(environment, "NetworkPolicy", STABLE, change)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_monitor_without_targets_is_found(environment: str) -> None:
    change: Change = lambda body: body["spec"]["selector"].update(matchLabels={"app": "gone"})  # noqa: E731
    assert "monitoring/selects-nothing" in broken(environment, "PodMonitor", STABLE, change)


def test_a_listener_without_certificate_is_found() -> None:
    def change(body: Body) -> None:
        for listener in body["spec"]["listeners"]:
            listener.pop("tls", None)

    assert "routing/listener-without-tls" in broken("aurora-prod", "Gateway", "aurora-edge", change)


def test_a_host_outside_of_its_certificate_is_found() -> None:
    rules = broken("aurora-prod", "Certificate", "aurora-edge", lambda body: body["spec"].update(dnsNames=["a.b"]))
    assert "routing/host-without-certificate" in rules
