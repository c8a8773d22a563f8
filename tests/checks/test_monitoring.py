"""Facts about the check `monitoring` that its rules' examples do not state."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given

from aurora.checks.monitoring import CHECK, dashboards, known, unit_tests
from aurora.model.examples import altered, stream
from aurora.model.inventory import Inventory
from checks.examples.monitoring import ALERT, DASHBOARD, DOWN, LATENCY, RECORD
from checks.inventory_cases import hostile, judge, judge_manifests, pointers
from checks.random_objects import random_objects

OF_METRICS = {rule.id for rule in (*known.RULES, *unit_tests.RULES)}


def found(*streams: str, closed: bool = True) -> set[str]:
    """Give the rules that find something, but for those that hold it to the catalogue of metrics and to unit tests."""
    return {finding.rule for finding in judge(CHECK, *streams, closed=closed)} - OF_METRICS


def alert(expression: str, *, name: str = "A", more: str = "") -> str:
    """Make an alert that lacks nothing but perhaps a good expression."""
    known = "for: 5m, labels: {severity: info}, annotations: {summary: s}"
    rule = f"{{alert: {name}, expr: {json.dumps(expression)}, {known}}}"
    return (
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n"
        f"metadata: {{name: {name.lower()}, namespace: ml}}\nspec: {{groups: [{{name: g, {more}rules: [{rule}]}}]}}\n"
    )


def record(name: str, expression: str) -> str:
    stated = f'record: "{name}", expr: {json.dumps(expression)}'
    return re.sub(r"alert: .*, annotations: \{summary: s\}", lambda _: stated, alert("1", name=name.replace(":", "-")))


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("alert: A", "alert: A, record: a:b:c", {"monitoring/rule-fields"}),
        ("alert: A, ", "", {"monitoring/rule-fields"}),
        ("alert: A", "record: a:b:c", {"monitoring/rule-fields"}),
        ("severity: info", "severity: info, __name__: up", {"monitoring/rule-fields"}),
        ("summary: s", "summary: '{{ $labels.instance }'", {"monitoring/template"}),
        ("summary: s", "summary: '{{ $v | humanize }}'", {"monitoring/template"}),
        ("summary: s", "summary: '" + '{{ "a" ' * 5000 + "'", {"monitoring/template"}),
        ("summary: s", "summary: '{{ with $v := query `a{b=\"}}\"}` }}{{ $v }}{{ end }}{{/* $x */}} }} $x'", set()),
    ],
)
def test_rules_and_templates_are_those_that_prometheus_loads(old: str, new: str, rules: set[str]) -> None:
    assert found(alert("up > 1").replace(old, new)) == rules


@pytest.mark.parametrize(
    "good", [ALERT, LATENCY, DOWN, RECORD, DASHBOARD, stream(ALERT, LATENCY, DOWN, RECORD, DASHBOARD)]
)
def test_good_rules_and_dashboards_pass(good: str) -> None:
    assert found(good) == set()


@pytest.mark.parametrize(
    ("expression", "rules"),
    [
        ("up", set()),
        ("rate(a_total)", {"monitoring/promql"}),
        ("rate(a_total[5m]", {"monitoring/promql"}),
        ("unknown_function(a)", {"monitoring/promql"}),
        ('a{b=~"("}', {"monitoring/promql"}),
        ("sum by (a) (b) >", {"monitoring/promql"}),
        ("", {"monitoring/promql"}),
        ("(" * 400 + "a" + ")" * 400, {"monitoring/promql"}),
        ("a " + "or a " * 400, {"monitoring/promql"}),
        ("a" * 30_000, {"monitoring/promql"}),
        ('a{b="' + "(" * 400 + '"}', set()),
    ],
)
def test_expressions_are_read_and_too_large_ones_refused(expression: str, rules: set[str]) -> None:
    assert found(alert(expression)) == rules


@pytest.mark.parametrize(
    ("expression", "right"),
    [
        ("histogram_quantile(0.9, rate(a_bucket[5m]))", True),
        ("histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m])))", True),
        ("histogram_quantile(0.9, sum(rate(a_bucket[5m])) by (job, le))", True),
        ("histogram_quantile(0.9, sum without (pod) (rate(a_bucket[5m])))", True),
        ("histogram_quantile(0.9, sum without (le) (rate(a_bucket[5m])))", False),
        ("histogram_quantile(0.9, sum(rate(a_bucket[5m])))", False),
        ("histogram_quantile(0.9, sum by (job) (rate(a_bucket[5m]))) > 1", False),
        ("histogram_quantile(0.9, sum by (le) (sum by (pod) (rate(a_bucket[5m]))))", False),
        ("histogram_quantile(0.9, sum(rate(a_native_histogram[5m])))", True),
        ("max by (job) (histogram_quantile(0.9, sum by (le, job) (rate(a_bucket[5m]))))", True),
        ("sum(rate(a_bucket[5m]))", True),
    ],
)
def test_a_quantile_keeps_its_buckets_apart(expression: str, right: bool) -> None:
    assert ("monitoring/quantile-without-le" not in found(alert(expression))) is right


@pytest.mark.parametrize(
    ("expression", "right"),
    [
        ("rate(a[5m]) / rate(b[5m]) > 0.1", False),
        ("rate(a[5m]) / rate(b[5m]) > 0.1 and rate(b[5m]) > 1", True),
        ("rate(b[5m]) >= 1 and rate(a[5m]) / rate(b[5m]) > 0.1", True),
        ("rate(a[5m]) / rate(b[5m]) > 0.1 and rate(b[5m]) > 0", False),
        ("rate(a[5m]) / (rate(b[5m]) > 0) > 0.1", False),
        ("rate(a[5m]) / (rate(b[5m]) > 1) > 0.1", True),
        ("rate(a[5m]) / clamp_min(rate(b[5m]), 1) > 0.1", True),
        ("rate(a[5m]) / rate(b[5m]) > 0.1 or rate(b[5m]) > 1", False),
        ("rate(a[5m]) / rate(b[5m]) > 0.1 and rate(a[5m]) / rate(b[5m]) > 0.2", False),
        ("sum(increase(a[1h])) / sum(increase(b[1h])) > 0.1", False),
        ("used_bytes / capacity_bytes > 0.9", True),
        ("rate(a[5m]) / 60 > 1", True),
        ("rate(a[5m]) > 1", True),
    ],
)
def test_an_alert_on_a_ratio_asks_for_a_minimum_of_what_it_divides_by(expression: str, right: bool) -> None:
    assert ("monitoring/unguarded-ratio" not in found(alert(expression))) is right


def test_recorded_ratios_stay_ratios() -> None:
    ratio = record("job:errors:ratio", "rate(a[5m]) / rate(b[5m])")
    worse = record(
        "job:errors:canary_over_stable", 'job:errors:ratio{track="canary"} - job:errors:ratio{track="stable"}'
    )
    for name in ("job:errors:ratio", "job:errors:canary_over_stable"):
        assert found(ratio, worse, alert(f"{name} > 0.1")) == {"monitoring/unguarded-ratio"}
        assert found(ratio, worse, alert(f"{name} > 0.1 and rate(b[5m]) > 1")) == set()


@pytest.mark.parametrize(
    ("expression", "right"),
    [
        ('up{job="a"} == 0', False),
        ("up < 1", False),
        ('up{job="a"} == 0 or absent(up{job="a"})', True),
        ('absent(up{job="a"} == 1)', True),
        ('absent_over_time(up{job="a"}[5m])', True),
        ("up == 1", True),
        ("ups == 0", True),
        ("count(up == 1) < 2", True),
    ],
)
def test_an_alert_on_a_target_that_is_down_also_misses_it_when_it_is_gone(expression: str, right: bool) -> None:
    assert ("monitoring/vanished-target" not in found(alert(expression))) is right


def test_the_alert_on_absence_may_be_another_one() -> None:
    assert found(alert("up == 0"), alert("absent(up)", name="Absent")) == set()


def test_recorded_metrics_of_a_chart_are_not_asked_for() -> None:
    chart = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: p, namespace: argocd}\n"
        "spec: {destination: {namespace: monitoring}, source: {chart: kube-prometheus-stack}}\n"
    )
    foreign, own = alert("node:node_load:avg > 1"), alert("job:aurora_requests:rate5m > 1")
    assert found(foreign) == found(own) == {"monitoring/unrecorded"}
    assert found(foreign, chart) == set()
    assert found(own, chart) == {"monitoring/unrecorded"}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (("for: 5m, ", ""), "/spec/groups/0/rules/0/for"),
        (("severity: info", "severity: urgent"), "/spec/groups/0/rules/0/labels/severity"),
        (("summary: s", "description: s"), "/spec/groups/0/rules/0/annotations/summary"),
    ],
)
def test_an_alert_says_what_people_need(change: tuple[str, str], pointer: str) -> None:
    assert pointers(judge(CHECK, altered(alert("up"), *change)), "monitoring/incomplete-alert") == [pointer]


def test_a_number_is_no_duration() -> None:
    assert pointers(judge(CHECK, altered(alert("up"), "for: 5m", "for: 5")), "monitoring/duration") == [
        "/spec/groups/0/rules/0/for"
    ]
    assert found(alert("up", more="interval: 1 minute, ")) == {"monitoring/duration"}


def test_alerts_of_one_name_may_differ_in_their_labels_or_expressions() -> None:
    second = alert("up", name="B").replace("alert: B", "alert: A")
    assert found(alert("up"), second) == {"monitoring/rule-twice"}
    assert found(alert("up"), second.replace('"up"', '"down"')) == set()
    assert found(alert("up"), altered(second, "severity: info", "severity: critical")) == set()


@pytest.mark.parametrize(
    ("name", "right"),
    [("job:requests:rate5m", True), ("job:requests", False), ("requests", False), ("a:b:c:d", False), (":b:c", False)],
)
def test_a_recorded_metric_has_level_metric_and_operation(name: str, right: bool) -> None:
    assert ("monitoring/record-name" not in found(record(name, "up"))) is right


MONITOR = """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: model, namespace: monitoring}
spec: {selector: {matchLabels: {app: model}}, namespaceSelector: {matchNames: [ml]}, endpoints: [{port: http}]}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: model, namespace: ml, labels: {app: model}}
spec: {selector: {app: model}, ports: [{name: http, port: 80, targetPort: 8080}]}
"""
BEHIND = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: model, namespace: ml}
spec:
  template:
    metadata: {labels: {app: model}}
    spec: {containers: [{name: model, ports: [{containerPort: 8080}, {name: metrics, containerPort: 9090}]}]}
"""


@pytest.mark.parametrize(
    ("monitor", "service", "rules"),
    [
        (("port: http", "port: http"), ("port: 80", "port: 80"), set()),
        (("matchNames: [ml]", "matchNames: [web]"), ("port: 80", "port: 80"), {"monitoring/selects-nothing"}),
        (("matchNames: [ml]", "any: true"), ("port: 80", "port: 80"), set()),
        ((", namespaceSelector: {matchNames: [ml]}", ""), ("port: 80", "port: 80"), {"monitoring/selects-nothing"}),
        (("port: http", "port: http"), ("labels: {app: model}", "labels: {app: web}"), {"monitoring/selects-nothing"}),
        (("port: http", 'port: "80"'), ("port: 80", "port: 80"), {"monitoring/no-such-port"}),
        (("port: http", "targetPort: 8080"), ("port: 80", "port: 80"), set()),
        (("port: http", "targetPort: 8081"), ("port: 80", "port: 80"), {"monitoring/no-such-port"}),
        (("port: http", "targetPort: metrics"), ("port: 80", "port: 80"), set()),
        (("port: http", "targetPort: other"), ("port: 80", "port: 80"), {"monitoring/no-such-port"}),
        (("port: http", "interval: 10s"), ("port: 80", "port: 80"), set()),
    ],
)
def test_a_service_monitor_finds_services_by_their_own_labels_and_ports_by_name(
    monitor: tuple[str, str], service: tuple[str, str], rules: set[str]
) -> None:
    assert found(altered(MONITOR, *monitor), altered(SERVICE, *service), BEHIND) == rules


def dashboard(**changes: object) -> str:
    body = json.loads(DASHBOARD[DASHBOARD.index("    {") :]) | changes
    return (
        DASHBOARD[: DASHBOARD.index("    {")] + f"    {json.dumps({k: v for k, v in body.items() if v is not None})}\n"
    )


PROMETHEUS = {"type": "prometheus", "uid": "$datasource"}


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, set()),
        ({"uid": None}, {"monitoring/dashboard-identity"}),
        ({"title": ""}, {"monitoring/dashboard-identity"}),
        ({"id": 12}, {"monitoring/dashboard-identity"}),
        ({"templating": None}, {"monitoring/dashboard-datasource"}),
        ({"panels": [{"datasource": "Prometheus"}]}, {"monitoring/dashboard-datasource"}),
        ({"panels": [{"datasource": PROMETHEUS}]}, set()),
        ({"panels": [{"datasource": "-- Mixed --", "targets": [{"datasource": PROMETHEUS, "expr": "up"}]}]}, set()),
        ({"panels": [{"panels": [{"datasource": {"uid": "abc"}}]}]}, {"monitoring/dashboard-datasource"}),
        ({"panels": [{"targets": [{"expr": "rate(a[$__rate_interval])"}]}]}, set()),
        ({"panels": [{"targets": [{"expr": 'rate(a{b=~"$c"}[${window}])'}]}]}, set()),
        ({"panels": [{"targets": [{"expr": "rate(a)"}]}]}, {"monitoring/dashboard-query"}),
        ({"panels": [{"targets": [{"expr": "histogram_quantile(0.9, sum(rate(a_bucket[5m])))"}]}]},
         {"monitoring/dashboard-query"}),
        ({"title": "x" * dashboards.MAX_BYTES}, {"monitoring/dashboard-unreadable"}),
    ],
)  # fmt: skip
def test_a_dashboard_works_in_every_grafana(changes: dict[str, object], rules: set[str]) -> None:
    assert found(dashboard(**changes)) == rules


def test_two_dashboards_have_two_uids() -> None:
    second = altered(DASHBOARD, "name: inference, namespace", "name: second, namespace")
    assert found(DASHBOARD, second) == {"monitoring/dashboard-identity"}


@given(hostile(CHECK))
def test_no_value_anywhere_stops_the_check(inventory: Inventory) -> None:
    for finding in judge_manifests(CHECK, inventory.manifests, closed=inventory.closed):
        assert finding.message


@given(
    random_objects(
        [
            ("monitoring.coreos.com/v1", "ServiceMonitor"),
            ("monitoring.coreos.com/v1", "PodMonitor"),
            ("monitoring.coreos.com/v1", "PrometheusRule"),
            ("v1", "ConfigMap"),
            ("v1", "Service"),
            ("apps/v1", "Deployment"),
        ]
    )
)
def test_any_object_is_judged_without_an_exception(inventory: Inventory) -> None:
    judge_manifests(CHECK, inventory.manifests, closed=inventory.closed)
