"""Rules and panels: every metric exists, every alert says what is wrong, the dashboard imports anywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from aurora import manifests
from aurora.checks.monitoring import CHECK
from aurora.model.inventory import Inventory
from aurora.tools.settings import Settings
from aurora.yamlio import writing
from aurora_constructs.cluster import MonitoringFacts
from components.building import CLUSTER, MODEL_STORE, OPERATOR, Built, build, specification, without
from components.promql import names

SERVING = {
    "kind": "ModelServing",
    "namespace": "aurora",
    "model": "california-housing",
    "stable": {"version": "v20260901-120000", "replicas": 3},
}
MONITORING = {"kind": "Monitoring", "namespace": "monitoring"}
EXPECTED_ALERTS = {
    "HighInferenceLatency",
    "HighInferenceErrorRate",
    "CanaryFailsMoreThanStable",
    "CanarySlowerThanStable",
    "ModelNotLoaded",
    "ModelGateFails",
    "InferenceServiceRestarts",
    "InferenceMetricsAbsent",
    "TrainingFailed",
    "VolumeFillsUp",
    "CertificateExpires",
    "SecretSyncFails",
    "ApplicationNotHealthy",
    "ApplicationOutOfSync",
}


CHARTS = {
    name: {"repository": "https://charts.example.com", "chart": name, "version": "1.0.0", "namespace": "platform"}
    for name in ("argo-cd", "cert-manager", "external-secrets")
}
PLATFORM = {"kind": "PlatformCharts", "namespace": "argocd", "charts": CHARTS}


def monitoring(routed: dict[str, Any] | None = None, **changes: Any) -> Built:
    around = {"inference": SERVING, "operator": OPERATOR} if routed is None else routed
    own = {"platform": PLATFORM, "model-store": MODEL_STORE, "monitoring": without(MONITORING, **changes)}
    return build("monitoring", {**own, **around})


@pytest.fixture(scope="module")
def built() -> Built:
    return monitoring()


def rules(built: Built) -> list[dict[str, Any]]:
    groups = [group for body in built.emitted if body["kind"] == "PrometheusRule" for group in body["spec"]["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def alerts(built: Built) -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in rules(built) if "alert" in rule}


def dashboard(built: Built) -> dict[str, Any]:
    (text,) = built.one("ConfigMap")["data"].values()
    found: dict[str, Any] = json.loads(text)
    return found


def expressions(built: Built) -> list[str]:
    panels = [target["expr"] for panel in dashboard(built)["panels"] for target in panel["targets"]]
    return [rule["expr"] for rule in rules(built)] + panels


def test_recorded_series_are_recorded_before_they_are_read(built: Built) -> None:
    seen: set[str] = set()
    for rule in rules(built):
        assert {name for name in names(rule["expr"]).series if ":" in name} <= seen
        seen |= {rule["record"]} if "record" in rule else set()


def test_all_the_alerts_are_there(built: Built) -> None:
    assert alerts(built).keys() == EXPECTED_ALERTS


def test_nobody_counts_failed_runs_without_the_operator() -> None:
    assert "TrainingFailed" not in alerts(monitoring({"inference": SERVING}))


def test_every_alert_has_severity_time_and_words(built: Built) -> None:
    for name, alert in alerts(built).items():
        assert alert["labels"]["severity"] in ("warning", "critical"), name
        assert re.fullmatch(r"[1-9][0-9]*[mh]", alert["for"]), name
        assert alert["annotations"]["summary"], name
        assert alert["annotations"]["description"].endswith("."), name


@pytest.mark.parametrize("name", ["HighInferenceLatency", "HighInferenceErrorRate", "CanaryFailsMoreThanStable"])
def test_ratios_are_judged_only_above_a_minimum_rate(built: Built, name: str) -> None:
    guard = alerts(built)[name]["expr"].partition(" and ")[2]
    assert re.search(r"requests:rate5m(\{[^}]*\})? > 0\.1(\) > 2)?$", guard)


def test_every_served_model_is_missed_when_it_is_gone() -> None:
    found = monitoring({"inference": SERVING, "fraud": {**SERVING, "namespace": "fraud"}})
    absent = [rule["expr"] for rule in rules(found) if rule.get("alert") == "InferenceMetricsAbsent"]
    assert absent == [
        'absent(up{namespace="aurora",job="aurora-inference"} == 1)',
        'absent(up{namespace="fraud",job="aurora-fraud"} == 1)',
    ]
    labels = [rule["labels"] for rule in rules(found) if rule.get("alert") == "InferenceMetricsAbsent"]
    assert labels == [
        {"namespace": "aurora", "job": "aurora-inference", "severity": "critical"},
        {"namespace": "fraud", "job": "aurora-fraud", "severity": "critical"},
    ]
    assert 'namespace=~"aurora|fraud"' in alerts(found)["InferenceServiceRestarts"]["expr"]


def test_restarts_count_the_containers_that_are_emitted(built: Built) -> None:
    serving = build("inference", {"model-store": MODEL_STORE, "inference": SERVING, "edge": EDGE}).one("Deployment")[
        "spec"
    ]["template"]["spec"]
    assert serving["containers"][0]["name"] in alerts(built)["InferenceServiceRestarts"]["expr"]
    assert f'container="{serving["initContainers"][0]["name"]}"' in alerts(built)["ModelGateFails"]["expr"]


EDGE = {
    "kind": "Edge",
    "namespace": "aurora-edge",
    "acme": {"email": "platform@example.com"},
    "loadBalancers": ["192.0.2.10/32"],
}


RUNTIME = {
    "kind": "TetragonPolicies",
    "policies": {
        "sensitive-file-access": {"namespaces": ["aurora"]},
        "container-escape-detection": {"namespaces": ["aurora", "aurora-system"]},
    },
}
RUNTIME_ALERTS = {"RuntimePolicyMatched", "TracingPolicyNotLoaded", "TracingPoliciesAbsent"}


@pytest.fixture(scope="module")
def watching() -> Built:
    return monitoring({"inference": SERVING, "runtime-policies": RUNTIME})


def test_runtime_policies_bring_alerts_of_their_own(built: Built, watching: Built) -> None:
    assert alerts(watching).keys() - alerts(built).keys() == RUNTIME_ALERTS


def test_what_is_reported_is_asked_of_every_watched_namespace_and_policy(watching: Built) -> None:
    (expression,) = [rule["expr"] for rule in rules(watching) if rule.get("alert") == "RuntimePolicyMatched"]
    selector = '{namespace=~"aurora|aurora-system",policy=~"container-escape-detection|sensitive-file-access"}'
    series = f"tetragon_policy_events_total{selector}"
    assert f"increase({series}[15m])" in expression
    assert f"{series} unless {series} offset 15m" in expression


def test_policies_that_failed_to_load_or_vanished_are_told(watching: Built) -> None:
    assert '{state=~"error|load_error"}) > 0' in alerts(watching)["TracingPolicyNotLoaded"]["expr"]
    assert alerts(watching)["TracingPoliciesAbsent"]["expr"].startswith("absent(tetragon_tracingpolicy_loaded{")


def test_the_check_of_monitoring_has_nothing_to_say_of_two_models_and_runtime_policies() -> None:
    found = monitoring({"inference": SERVING, "fraud": {**SERVING, "namespace": "fraud"}, "runtime-policies": RUNTIME})
    stream = "---\n".join(writing.dump(body) for body in found.emitted)
    read = manifests.read(stream.encode(), "monitoring.yaml")
    assert len(read.manifests) == len(found.emitted)
    result = CHECK.run(Inventory(read.manifests), Settings(cache=Path("cache"), workspace=Path("workspace")))
    assert [finding.message for finding in result.findings] == []


def test_thresholds_reach_the_expressions() -> None:
    limits = {
        "latencySeconds": 0.25,
        "errorRatio": 0.01,
        "requestsPerSecond": 2.5,
        "canaryErrors": 1.5,
        "canaryLatency": 1.2,
        "volumeRatio": 0.7,
        "certificateDays": 21,
        "restartsPerHour": 5,
    }
    found = alerts(monitoring(thresholds=limits))
    ends = {
        "HighInferenceLatency": "> 0.25 and",
        "HighInferenceErrorRate": "> 0.01 and",
        "CanaryFailsMoreThanStable": ") > 1.5",
        "CanarySlowerThanStable": ") > 1.2",
        "VolumeFillsUp": "> 0.7",
        "CertificateExpires": f"< {21 * 86400}",
        "InferenceServiceRestarts": "> 5",
    }
    for name, end in ends.items():
        assert end in found[name]["expr"], name
    assert found["HighInferenceErrorRate"]["expr"].endswith("> 2.5")


def test_prometheus_finds_the_rules_by_their_release() -> None:
    cluster = CLUSTER.model_copy(update={"monitoring": MonitoringFacts(release="prometheus")})
    entries = {"model-store": MODEL_STORE, "monitoring": MONITORING, "inference": SERVING}
    for body in build("monitoring", entries, cluster=cluster).emitted:
        if body["kind"] == "PrometheusRule":
            assert body["metadata"]["labels"]["release"] == "prometheus"


def test_the_dashboard_is_found_and_can_be_imported_anywhere(built: Built) -> None:
    assert built.one("ConfigMap")["metadata"]["labels"]["grafana_dashboard"] == "1"
    found = dashboard(built)
    assert found["uid"] == "aurora-inference"
    assert "id" not in found
    (variable,) = found["templating"]["list"]
    assert (variable["type"], variable["name"]) == ("datasource", "datasource")
    assert all(panel["datasource"]["uid"] == "${datasource}" for panel in found["panels"])


def test_the_dashboard_shows_what_the_seed_asks_for(built: Built) -> None:
    titles = [panel["title"] for panel in dashboard(built)["panels"]]
    assert {"Request rate", "Latency", "Error ratio", "Model version", "Model loaded"} <= set(titles)
    (latency,) = (panel for panel in dashboard(built)["panels"] if panel["title"] == "Latency")
    assert [target["legendFormat"].split()[0] for target in latency["targets"]] == ["p50", "p95", "p99"]


def test_panels_do_not_overlap(built: Built) -> None:
    places = [panel["gridPos"] for panel in dashboard(built)["panels"]]
    cells = [(place["x"], place["y"]) for place in places]
    assert len(set(cells)) == len(cells)
    assert all(place["x"] + place["w"] <= 24 for place in places)


def test_the_dashboards_text_is_sorted_and_indented(built: Built) -> None:
    (text,) = built.one("ConfigMap")["data"].values()
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


def test_an_environment_that_serves_no_model_has_alerts_about_what_it_has() -> None:
    built = monitoring({})
    assert built.kinds == ["PrometheusRule"]
    (group,) = built.one("PrometheusRule")["spec"]["groups"]
    names = {rule["alert"] for rule in group["rules"]}
    assert {"VolumeFillsUp", "CertificateExpires", "ApplicationNotHealthy"} <= names
    assert not {name for name in names if "Inference" in name or "Model" in name or "Training" in name}


@pytest.mark.parametrize("limits", [{"errorRatio": 0}, {"errorRatio": 1}, {"canaryErrors": 1}, {"latency": 1}])
def test_a_threshold_that_means_nothing_is_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        specification(without(MONITORING, thresholds=limits))
