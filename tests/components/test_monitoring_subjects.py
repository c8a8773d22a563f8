"""Alerts and dashboards follow what the components bring, whatever kinds these are, and read what is collected."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from aurora import manifests, tables
from aurora.checks.monitoring import CHECK, known, unit_tests
from aurora.checks.monitoring.catalogue import catalogue
from aurora.checks.monitoring.uses import uses
from aurora.model.inventory import Inventory
from aurora.tools.settings import Settings
from aurora.yamlio import writing
from aurora_constructs.components.monitoring import queries
from aurora_constructs.platform import Platform
from aurora_constructs.spec import ComponentSpec, NamespacedSpec, Subject
from components.building import MODEL_STORE, Built, build

MONITORING = {"kind": "Monitoring", "namespace": "monitoring"}
SERVING = {
    "kind": "ModelServing",
    "namespace": "aurora",
    "model": "california-housing",
    "stable": {"version": "v20260901-120000", "replicas": 3},
}
OPERATOR = {"kind": "TrainingOperator", "namespace": "aurora-system", "trainingNamespaces": ["aurora"]}
RUNTIME = {"kind": "TetragonPolicies", "policies": {"sensitive-file-access": {"namespaces": ["aurora"]}}}
EDGE = {
    "kind": "Edge",
    "namespace": "aurora-edge",
    "acme": {"email": "platform@example.com"},
    "loadBalancers": ["192.0.2.10/32"],
}
PROXIES = {"kind": "EdgeProxy", "namespace": "aurora-edge"}
CLOUD = ("kserve-model", "vllm-model", "haproxy-requests", "nginx-requests", "mlflow-server")
PANELS = [
    "Inference requests per second",
    "P95 latency by model",
    "Active models",
    "Error rate",
    "Request rate by model",
]
FROM_CHARTS = {
    "keda": {"KEDAScalerErrors"},
    "dcgm-exporter": {"LowGPUUtilization"},
    "gpu-operator": {"LowGPUUtilization"},
    "argo-workflows": {"HighPipelineFailureRate"},
    "cert-manager": {"CertificateExpires"},
    "external-secrets": {"SecretSyncFails"},
    "argo-cd": {"ApplicationNotHealthy", "ApplicationOutOfSync"},
    "tetragon": set[str](),
}


class Stub(NamespacedSpec):
    """A kind of somebody else, which brings what its tests name."""

    kind: Literal["Stub"] = "Stub"
    brings: list[str]

    def subjects(self, name: str, platform: Platform) -> Iterator[Subject]:
        """Give one subject of each kind."""
        yield from (Subject(each, self.namespace, platform.names.object(name)) for each in self.brings)


def stub(*brings: str, namespace: str = "kserve") -> Stub:
    return Stub(namespace=namespace, brings=list(brings))


def charts(*names: str) -> dict[str, Any]:
    """Describe charts with every value on that a catalogued metric needs."""
    scrapes = {each.chart: each for source in catalogue().values() for each in source.charts}
    found = {}
    for name in names:
        values: dict[str, Any] = {}
        for path in scrapes[name].needs:
            *steps, last = path.split(".")
            place = values
            for step in steps:
                place = place.setdefault(step, {})
            place[last] = True
        found[name] = {
            "repository": "https://charts.example.com",
            "chart": name,
            "version": "1.0.0",
            "namespace": "platform",
            "values": values,
        }
    return {"kind": "PlatformCharts", "namespace": "argocd", "charts": found}


def monitoring(**components: Any) -> Built:
    return build("monitoring", {"monitoring": MONITORING, **components})


def named(built: Built) -> list[str]:
    groups = [group for body in built.emitted if body["kind"] == "PrometheusRule" for group in body["spec"]["groups"]]
    return [rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule]


def alerts(built: Built) -> set[str]:
    return set(named(built))


ALWAYS = alerts(monitoring())


@pytest.mark.parametrize(("chart", "expected"), FROM_CHARTS.items())
def test_a_chart_brings_its_alerts(chart: str, expected: set[str]) -> None:
    assert alerts(monitoring(platform=charts(chart))) - ALWAYS == expected


def test_a_kind_of_somebody_else_brings_its_alerts() -> None:
    assert alerts(monitoring(models=stub("mlflow-server"))) - ALWAYS == {"MLflowDown"}
    classic = alerts(monitoring(models=stub("kserve-model"))) - ALWAYS
    assert classic == {"HighInferenceErrorRate", "HighInferenceLatency", "InferenceServiceRestarts"}
    assert alerts(monitoring(models=stub("triton-model"))) - ALWAYS == {
        "HighInferenceErrorRate",
        "InferenceServiceRestarts",
    }
    for edge in ("haproxy-requests", "nginx-requests"):
        behind = named(monitoring(models=stub("kserve-model"), edge=stub(edge)))
        assert set(behind) - ALWAYS == classic
        assert behind.count("HighInferenceErrorRate") == 2
    assert alerts(monitoring(models=stub("haproxy-requests"))) == ALWAYS


def test_every_mlflow_has_an_alert_of_its_own() -> None:
    built = monitoring(one=stub("mlflow-server", namespace="a"), two=stub("mlflow-server", namespace="b"))
    found = [
        rule["labels"]
        for body in built.emitted
        for group in body["spec"]["groups"]
        for rule in group["rules"]
        if rule.get("alert") == "MLflowDown"
    ]
    assert [(labels["namespace"], labels["job"]) for labels in found] == [("a", "aurora-one"), ("b", "aurora-two")]


@pytest.mark.parametrize("brings", [("kserve-model", "haproxy-requests"), ("kserve-model", "nginx-requests"), CLOUD])
def test_the_dashboard_of_models_has_the_same_five_panels(brings: tuple[str, ...]) -> None:
    config_map = monitoring(models=stub(*brings)).one("ConfigMap")
    assert config_map["metadata"]["labels"]["grafana_dashboard"] == "1"
    ((key, text),) = config_map["data"].items()
    found = json.loads(text)
    assert (key, found["uid"]) == ("aurora-models.json", "aurora-models")
    assert [panel["title"] for panel in found["panels"]] == PANELS
    assert all(panel["targets"] for panel in found["panels"])
    assert 'namespace=~"kserve"' in text.replace("\\", "")


def collector(source: str, *, kind: str = "PodMonitor") -> str:
    endpoints = "endpoints" if kind == "ServiceMonitor" else "podMetricsEndpoints"
    return (
        f"apiVersion: monitoring.coreos.com/v1\nkind: {kind}\n"
        f"metadata: {{name: {source}, namespace: kserve, annotations: {{aurora.example.com/metrics: {source}}}}}\n"
        f"spec: {{selector: {{}}, {endpoints}: [{{port: metrics}}]}}\n"
    )


def everything() -> str:
    """Write the objects of an environment that has every subject and all that collects its metrics."""
    components: dict[str, Any] = {
        "monitoring": MONITORING,
        "model-store": MODEL_STORE,
        "inference": SERVING,
        "operator": OPERATOR,
        "runtime": RUNTIME,
        "models": stub(*CLOUD),
        "edge": EDGE,
        "edge-proxy": PROXIES,
        "platform": charts(*{each.chart for source in catalogue().values() for each in source.charts}),
    }
    bodies = [
        body for name in components if name in ("monitoring", "platform") for body in build(name, components).emitted
    ]
    own = [build(name, components).one("PodMonitor") for name in ("inference", "operator")]
    pods = [collector(name) for name in ("kserve", "vllm", "vllm-http", "haproxy", "nginx")]
    return "---\n".join([*map(writing.dump, [*bodies, *own]), *pods, collector("mlflow", kind="ServiceMonitor")])


def findings(stream: str) -> list[str]:
    read = manifests.read(stream.encode(), "all.yaml")
    assert not read.findings
    inventory = Inventory(read.manifests, environment="example", closed=True)
    rules = {rule.id for rule in (*known.RULES, *unit_tests.RULES)}
    result = CHECK.run(inventory, Settings(cache=Path("cache"), workspace=Path("workspace")))
    return [finding.message for finding in result.findings if finding.rule in rules]


@pytest.fixture(scope="module")
def whole() -> str:
    return everything()


def test_every_metric_and_label_of_every_section_is_catalogued_and_collected(whole: str) -> None:
    read = manifests.read(whole.encode(), "all.yaml")
    assert len(list(uses(Inventory(read.manifests, environment="example", closed=True)))) > 50
    assert findings(whole) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("aurora.example.com/metrics: kserve", "x/y: kserve", "`request_predict_seconds_bucket` is exported by KServe"),
        ("name: keda", "name: kedar", ""),
        (
            "chart: keda",
            "chart: other",
            "`keda_scaler_detail_errors_total` is exported by KEDA's operator, and nothing",
        ),
        ("sum by (le, namespace, job, model_name)", "sum by (le, modelname)", "nothing here has the label `modelname`"),
        ("DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_DEV_GPU_UTILIZATION", "`DCGM_FI_DEV_GPU_UTILIZATION` is in no catalogue"),
        ("targetLabel: track", "targetLabel: way", "nothing here has the label `track`"),
        ("[10m])) > 0", "[10m])) > 1", "the alert `KEDAScalerErrors` has no unit test"),
        ("{{ $labels.scaledObject }}", "{{ $labels.scaledobject }}", "nothing here has the label `scaledobject`"),
    ],
)
def test_what_is_not_there_is_found(whole: str, old: str, new: str, message: str) -> None:
    assert old in whole
    found = findings(whole.replace(old, new))
    assert any(each.startswith(message) for each in found) if message else not found


def test_queries_of_triggers_are_filled_in() -> None:
    platform = Platform(environment="example", tables=tables.of_component)
    query = queries.query(platform, "sessions-at-front", namespace="mlops", job="llm-front", proxy="model")
    assert '{namespace="mlops",job="llm-front",proxy="model"}' in query
    with pytest.raises(KeyError):
        queries.query(platform, "sessions-at-front", namespace="mlops")


def test_subjects_are_asked_of_every_component_once() -> None:
    components: dict[str, ComponentSpec] = {"b": stub("x", "x"), "a": stub("x", namespace="other")}
    platform = Platform(environment="example", components=components)
    assert platform.subjects() == (Subject("x", "kserve", "aurora-b"), Subject("x", "other", "aurora-a"))
