"""Effects of changing what the Prometheus operator reads."""

from __future__ import annotations

from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_monitor = Subject(
    "monitor",
    tuple(("monitoring.coreos.com", kind) for kind in ("ServiceMonitor", "PodMonitor", "Probe", "ScrapeConfig")),
    """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: inference, namespace: aurora, labels: {release: prometheus}}
spec:
  selector: {matchLabels: {app: inference}}
  endpoints: [{port: metrics, interval: 30s}]
""",
)
_rule = Subject(
    "prometheusrule",
    (("monitoring.coreos.com", "PrometheusRule"),),
    """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: inference, namespace: aurora, labels: {release: prometheus}}
spec:
  groups:
  - name: inference
    rules: [{alert: InferenceDown, expr: "absent(up)", for: 5m, labels: {severity: critical}}]
""",
)
_servers = ("Prometheus", "PrometheusAgent", "Alertmanager", "ThanosRuler")
_server = Subject(
    "prometheus",
    tuple(("monitoring.coreos.com", kind) for kind in _servers),
    """\
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: platform, namespace: monitoring}
spec:
  replicas: 2
  version: v3.15.0
  scrapeInterval: 30s
  resources: {requests: {memory: 2Gi}}
""",
)
_alerting = Subject(
    "alertmanagerconfig",
    (("monitoring.coreos.com", "AlertmanagerConfig"),),
    """\
apiVersion: monitoring.coreos.com/v1alpha1
kind: AlertmanagerConfig
metadata: {name: team, namespace: aurora}
spec: {route: {receiver: team}, receivers: [{name: team}]}
""",
)
_OPERATOR = "prometheus-operator.dev"

_monitoring = (
    _monitor.row(
        "scraping",
        "spec.**",
        "metadata.labels.**",
        effect=Effect.IN_PLACE,
        words="the operator writes the scrape configuration anew and Prometheus reloads it; series may begin or end",
        source=f"{_OPERATOR}: developer guide, getting started",
        swap=("interval: 30s", "interval: 60s"),
    ),
    _rule.row(
        "rules",
        "spec.**",
        "metadata.labels.**",
        effect=Effect.IN_PLACE,
        words="Prometheus reloads the rules; an alert whose rule changed begins to wait anew",
        source=f"{_OPERATOR}: developer guide, alerting",
        swap=("for: 5m", "for: 10m"),
    ),
    _alerting.row(
        "alerting",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="Alertmanager reloads its configuration: notifications go to other receivers, or to none",
        source=f"{_OPERATOR}: developer guide, alerting",
        swap=("route: {receiver: team}", "route: {receiver: team, groupWait: 1m}"),
    ),
    _server.row(
        "replicas",
        "spec.replicas",
        "spec.shards",
        effect=Effect.SCALE,
        words="the operator changes the number of pods, each with a volume of its own",
        source=f"{_OPERATOR}: API reference, replicas and shards",
        swap=("replicas: 2", "replicas: 3"),
    ),
    _server.row(
        "configuration",
        "spec.scrapeInterval",
        "spec.scrapeTimeout",
        "spec.evaluationInterval",
        "spec.externalLabels.**",
        "spec.remoteWrite.**",
        "spec.*MonitorSelector.**",
        "spec.*MonitorNamespaceSelector.**",
        "spec.probe*Selector.**",
        "spec.rule*Selector.**",
        "spec.scrapeConfig*Selector.**",
        "spec.alertmanagerConfig*Selector.**",
        "spec.enforced*",
        "spec.additionalScrapeConfigs.**",
        effect=Effect.IN_PLACE,
        words="only the configuration changes, which the server reloads",
        source=f"{_OPERATOR}: platform, architecture of the config reloader",
        swap=("scrapeInterval: 30s", "scrapeInterval: 60s"),
    ),
    _server.row(
        "pods",
        "spec.**",
        effect=Effect.ROLLING_RESTART,
        words="the operator changes the StatefulSet of the server: pods are replaced one by one where the field "
        "is in them",
        source=f"{_OPERATOR}: platform, architecture",
        swap=("version: v3.15.0", "version: v3.16.0"),
        ordered=True,
    ),
)

ROWS: tuple[Row, ...] = _monitoring
